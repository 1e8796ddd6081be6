"""An app that ignores exceptions in each of the ways of Rollbar's SDK."""

from typing import Any, Literal

import rollbar
from flask import Flask
from rollbar.lib import events


class Ignored(Exception):
    """Ignored by exception_level_filters."""


class IgnoredByBase(Ignored):
    """Ignored by its base class."""


class IgnoredByName(Exception):
    """Ignored by its name in exception_level_filters."""


class IgnoredByItself(Exception):
    _rollbar_ignore = True


class IgnoredByHandler(Exception):
    """Ignored by a handler of exceptions."""


class IgnoredAsAnItem(Exception):
    """Ignored by a handler of items."""


class OnlyWarned(Exception):
    """Has its own level in exception_level_filters."""


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
        raise raised[name]("ignored by the app")
