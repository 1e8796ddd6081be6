"""The console's navigation. Each page's module adds its own entry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, order=True)
class Entry:
    """A page in the navigation. Entries are sorted by place."""

    place: int
    title: str
    endpoint: str


_entries: dict[str, Entry] = {}


def in_navigation(title: str, place: int) -> Callable[[View], View]:
    """Add the decorated view to the navigation."""

    def add(view: View) -> View:
        endpoint = f"pages.{view.__name__}"
        _entries[endpoint] = Entry(place, title, endpoint)
        return view

    return add


def entries() -> list[Entry]:
    return sorted(_entries.values())
