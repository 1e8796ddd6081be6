"""Filters decide which lines a vendor gets, and redact gunicorn's own."""

import logging
import sys

import pytest
from sametrace.core.logging_setup import is_to_be_sent, redact


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("shop", True),
        ("botocore", False),
        ("botocore.hooks", False),
        ("botocores", True),
        ("werkzeug", False),
        ("sametrace.stop", False),
        ("sametrace.core.health", True),
        ("root", True),
    ],
)
def test_which_lines_a_vendor_gets(name: str, sent: bool) -> None:
    """The SDKs' lines about their own sending go to no vendor, because a failure would cause the next."""
    assert is_to_be_sent(logging.makeLogRecord({"name": name})) == sent


def test_a_line_of_gunicorns_own_form() -> None:
    """gunicorn's line quotes the request line, and so does its traceback."""
    try:
        raise ValueError("GET /?token=secret")
    except ValueError:
        record = logging.makeLogRecord(
            {"msg": "Error in %s", "args": ("GET /?token=secret",), "exc_info": sys.exc_info()}
        )
    assert redact(record)
    written = logging.Formatter().format(record)
    assert written.startswith("Error in GET /?REDACTED")
    assert "secret" not in written.replace('raise ValueError("GET /?token=secret")', "")
