"""Describe the sections of a row's details."""

from dataclasses import dataclass, field
from typing import Any

from frames import Raised, parse_stack
from traces import Record


@dataclass(frozen=True)
class Section:
    """A titled section of values, or of an exception.

    values: any JSON by name. chain: an exception and its causes.
    """

    title: str
    values: Record = field(default_factory=dict)
    chain: list[Raised] = field(default_factory=list)
    folded: bool = False  # rarely needed


def exception_event(event: Record) -> Section:
    attributes = dict(event["attributes"])
    stack = text_of(attributes.pop("exception.stacktrace", ""))
    chain = parse_stack(stack) if stack else []
    return Section(f"exception: {attributes.get('exception.type', '')}", attributes, chain)


def rest(record: Record, shown: set[str]) -> Record:
    """Return the values that aren't shown elsewhere, under names with dots."""
    others = {name: value for name, value in record.items() if name not in shown}
    return {name: value for name, value in flat(others).items() if value not in ("", [], None)}


def flat(value: Any, prefix: str = "") -> Record:
    """Return nested values under names with dots, such as request.url."""
    found: Record = {}
    for name, inner in object_of(value).items():
        found |= flat(inner, f"{prefix}{name}.") if isinstance(inner, dict) else {f"{prefix}{name}": inner}
    return found


def object_of(value: Any) -> Record:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""
