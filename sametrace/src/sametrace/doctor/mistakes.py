"""Accepted values that are probably mistakes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

QUOTES = "\"'`\u2018\u2019\u201c\u201d"


class Mistake(NamedTuple):
    """One line that names the variable and what to do, and never the value.

    harmful: whether something that is configured does not work because of it
    """

    advice: str
    harmful: bool = True


def in_values(environ: Mapping[str, str], variables: Iterable[str], keys: Iterable[str] = ()) -> Iterator[Mistake]:
    """Yield the mistakes that any variable may have, such as quotes.

    keys: variables, too, whose values have no space in them
    """
    keys = tuple(keys)
    for name in (*variables, *keys):
        value = environ.get(name, "")
        if value != value.strip():
            yield Mistake(f"{name} begins or ends with a space or a line feed: take it out.")
        # In name=value pairs, a quote at the end belongs to the last value.
        elif value and (value[0] in QUOTES or (value[-1] in QUOTES and "=" not in value)):
            yield Mistake(f"{name} has quotes in its value: write it without them.")
        elif name in keys and len(value.split()) > 1:
            yield Mistake(f"{name} has a space in it, which no key has: copy it again.")


def turned_off(environ: Mapping[str, str], name: str, value: str, vendor: str) -> Iterator[Mistake]:
    """Yield a mistake if an SDK's own variable turns the SDK off.

    It then stays off, no matter what the vendor's settings are.
    """
    if environ.get(name, "").strip().lower() == value:
        yield Mistake(f"{name} is {value}, so the app sends {vendor} nothing: unset it.", harmful=False)
