"""The console's pages.

Every module here is imported, so a new page is a module with a view, and a template.
"""

from importlib import import_module
from pkgutil import iter_modules

from pages.blueprint import bp

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")

__all__ = ["bp"]
