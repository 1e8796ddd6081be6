"""What an app has set for its log stays: its handlers and its levels."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from sametrace import Telemetry

pytestmark = pytest.mark.usefixtures("nothing_wired", "unset")


class Kept(logging.Handler):
    """Keeps the messages, as a handler that sends mails would send them."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.lines: list[tuple[str, str | None]] = []

    def emit(self, record: logging.LogRecord) -> None:
        raised = record.exc_info[1] if record.exc_info else None
        self.lines.append((record.getMessage(), str(raised) if raised else None))


@pytest.fixture
def app() -> Iterator[Flask]:
    """An app whose view fails. Its logger's name, shop.api, has a parent besides the root."""
    app = Flask("shop.api")

    @app.get("/fails")
    def fail() -> None:
        raise ValueError("no such order")

    yield app
    for name in ("shop", "shop.api"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


FLASKS = ("Exception on /fails [GET]", "no such order")
ACCESS = ("request_served", "no such order")


def test_the_apps_own_handlers_get_an_exception(app: Flask) -> None:
    """A handler of the app's logger still gets Flask's line, for example to send a mail. The root gets it once."""
    mails, of_parent, of_root, other = Kept(logging.ERROR), Kept(), Kept(), Kept(logging.CRITICAL)
    app.logger.addHandler(mails)
    app.logger.addHandler(other)
    logging.getLogger("shop").addHandler(of_parent)
    logging.getLogger().addHandler(of_root)
    Telemetry().init_app(app)

    assert app.test_client().get("/fails", buffered=True).status_code == 500
    assert mails.lines == of_parent.lines == [FLASKS]
    assert [line for line in of_root.lines if line[1]] == [ACCESS]
    assert other.lines == []


def test_a_logger_that_does_not_propagate(app: Flask) -> None:
    """The app's logger has the last word on who gets its lines."""
    own, of_parent = Kept(), Kept()
    app.logger.addHandler(own)
    app.logger.propagate = False
    logging.getLogger("shop").addHandler(of_parent)
    Telemetry().init_app(app)

    assert app.test_client().get("/fails", buffered=True).status_code == 500
    assert own.lines == [FLASKS]
    assert of_parent.lines == []


@pytest.mark.parametrize(
    ("level", "then"),
    [
        (logging.WARNING, logging.INFO),  # Python's default, which would drop the access line
        (logging.DEBUG, logging.DEBUG),
        (logging.INFO, logging.INFO),
        (logging.ERROR, logging.ERROR),
    ],
)
def test_the_roots_level(level: int, then: int) -> None:
    """Only Python's default level is changed."""
    logging.getLogger().setLevel(level)
    Telemetry().init_app(Flask("shop"))
    assert logging.getLogger().level == then


def test_an_sdks_level() -> None:
    """An SDK's logger is limited to warnings, unless the app has set its level."""
    botocore, boto3 = logging.getLogger("botocore"), logging.getLogger("boto3")
    before = botocore.level, boto3.level
    botocore.setLevel(logging.DEBUG)
    boto3.setLevel(logging.NOTSET)
    try:
        Telemetry().init_app(Flask("shop"))
        assert (botocore.level, boto3.level) == (logging.DEBUG, logging.WARNING)
    finally:
        for logger, level in zip((botocore, boto3), before, strict=True):
            logger.setLevel(level)
