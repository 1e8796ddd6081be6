"""Log lines arrive if the app configures logging again, with all that a record can have, from any logger."""

import re

import pytest
import requests

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import Record, Seen, Wire, only
from wire_field_logging import HOWS


@pytest.mark.parametrize("how", HOWS)
def test_logging_that_is_configured_again(how: str) -> None:
    """No request blocks, and all lines arrive, from before and after."""
    with (
        Vendors() as vendors,
        GunicornServer(vendors.environ(), "--workers=1", app="wire_app:create_field_app()") as server,
        requests.Session() as session,
    ):
        wire = Wire(vendors, server, session)
        assert session.get(f"{server.url}/api/field/configure/{how}", timeout=10).status_code == 200
        seen = wire.see("GET", "/api/field/logs")
        assert [line["event"] for line in seen.lines] == ["after", "request_served"]
        vendors.wait_for(
            lambda: "right_after" in [line["fields"].get("event") for line in vendors.lines],
            why="the line right after it, of the same request",
        )
        vendors.wait_for(
            lambda: len([line for line in vendors.lines if "before" in line["message"]]) >= 50, why="all lines"
        )
        assert "logged after the stop" not in repr(wire.session.get(f"{server.url}/api/health", timeout=10).text)


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("long-cause", "ValueError: xxx", "LookupError: order 42"),
        ("long-message", "Traceback (most recent call last)", "xxx order 43"),
        ("group", "  + Exception Group Traceback (most recent call last)", "+------------------------------------"),
        ("recursion", "Traceback (most recent call last)", "RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_a_long_traceback_is_cut_in_its_middle(field: Wire, kind: str, first: str, last: str) -> None:
    """A long traceback keeps its first lines and the exception, and says how much is left out."""
    traceback = field.see("GET", f"/api/field/raising/{kind}", items=1).access_line["exception"]
    assert traceback.startswith(first)
    assert last in traceback[-300:]
    assert re.search(r" \d+ characters left out ", traceback)


def lines(seen: Seen, event: str) -> list[Record]:
    return [line for line in seen.lines if line["event"] == event]


def test_what_a_record_carries_is_in_the_line(field: Wire) -> None:
    """A line contains the record's stack, its exception, and an exception that is a text already."""
    seen = field.see("GET", "/api/field/record")
    assert only(lines(seen, "with_stack"))["stack"].startswith("Stack (most recent call last)")
    assert only(lines(seen, "with_exception"))["exception"] == "LookupError: handed over"
    assert only(lines(seen, "with_text"))["exception"] == "LookupError: as a text"


def test_a_mapping_is_fields(field: Wire) -> None:
    """A mapping of any type becomes fields, as in watchtower, beside those in extra."""
    ordered = lines(field.see("GET", "/api/field/mappings"), "ordered")
    assert [(line["a"], line["nested"], line["c"]) for line in ordered] == [(1, {"b": 2}, 3)] * 3


def test_a_logger_of_any_name_is_sent(field: Wire) -> None:
    """A logger of any name is sent, even one with the name of sametrace's own."""
    assert len(lines(field.see("GET", "/api/field/logger-names"), "from_an_app")) == 5
