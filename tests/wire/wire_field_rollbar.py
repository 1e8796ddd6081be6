"""An app that ignores exceptions in each of the ways that Rollbar's SDK has."""

from typing import Any, Literal

import rollbar
from flask import Flask
from rollbar.lib import events


class Ignored(Exception):
    """In exception_level_filters."""


class IgnoredByBase(Ignored):
    """By the class that it is derived from."""


class IgnoredByName(Exception):
    """In exception_level_filters as a text."""


class IgnoredByItself(Exception):
    _rollbar_ignore = True


class IgnoredByHandler(Exception):
    """By a handler of what is reported."""


class IgnoredAsAnItem(Exception):
    """By a handler of the item."""


class OnlyWarned(Exception):
    """In exception_level_filters, with a level of its own."""


IGNORED = [Ignored, IgnoredByBase, IgnoredByName, IgnoredByItself, IgnoredByHandler, IgnoredAsAnItem]


def of_items(payload: dict[str, Any], **_: Any) -> dict[str, Any] | Literal[False]:
    raised = payload["data"]["body"].get("trace", {}).get("exception", {})
    return False if raised.get("class") == IgnoredAsAnItem.__name__ else payload


def of_exceptions(exc_info: Any, **_: Any) -> Any:
    return False if exc_info[0] is IgnoredByHandler else exc_info


def register(app: Flask) -> None:
    rollbar.SETTINGS["exception_level_filters"] = [
        (Ignored, "ignored"),
        (f"{__name__}.IgnoredByName", "ignored"),
        (OnlyWarned, "warning"),
    ]
    events.add_exception_info_handler(of_exceptions)
    events.add_payload_handler(of_items)
    raised = {kind.__name__: kind for kind in [*IGNORED, OnlyWarned]}

    @app.get("/api/field/rollbar/<name>")
    def raise_it(name: str) -> str:
        raise raised[name]("of which no item is wanted")
