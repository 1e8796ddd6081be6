"""The console's pages: the list, one request, two side by side."""

from pages import comparison, listing, one
from pages.blueprint import bp

__all__ = ["bp", "comparison", "listing", "one"]
