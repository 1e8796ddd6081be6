"""The console's navigation: the file of each page adds its own entry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, order=True)
class Entry:
    """A page in the navigation. place: entries stand in the order of their places."""

    place: int
    title: str
    endpoint: str


_entries: dict[str, Entry] = {}


def in_navigation(title: str, place: int) -> Callable[[View], View]:
    """Decorate the view of a page that the navigation leads to."""

    def add(view: View) -> View:
        endpoint = f"pages.{view.__name__}"
        _entries[endpoint] = Entry(place, title, endpoint)
        return view

    return add


def entries() -> list[Entry]:
    return sorted(_entries.values())
