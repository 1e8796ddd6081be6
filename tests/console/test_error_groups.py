"""Errors are grouped by Rollbar's rules, and an error counts once per request, whichever vendors received it."""

import re
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from console_requests import requests as many_requests
from console_senders import item, new_trace_id, post_item, post_spans, span, wait_for_trace
from console_server import ConsoleServer
from console_traces import START_NS
from gunicorn_server import GunicornServer
from queries.error_groups import error_groups
from store import FILE, Store
from store.derived import GROUP, error_of
from store.filters import Filters

MINUTE = 60 * 10**9


def exception_item(kind: str = "ValueError", message: str = "no", **frame: Any) -> dict[str, Any]:
    own = {"filename": "/app/services/users.py", "lineno": 7, "method": "find"} | frame
    framework = {"filename": "/venv/lib/python3.12/site-packages/flask/app.py", "lineno": 880, "method": "dispatch"}
    return {"body": {"trace": {"frames": [framework, own], "exception": {"class": kind, "message": message}}}}


def group(record: dict[str, Any], source: str = "rollbar") -> str:
    of: str = error_of(source, record)[GROUP]
    return of


def message(body: str) -> dict[str, Any]:
    return {"body": {"message": {"body": body}}}


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (exception_item(message="another message"), True),
        (exception_item(lineno=99), True),
        (exception_item(filename="/another/place/services/users.py"), True),
        (exception_item(kind="KeyError"), False),
        (exception_item(filename="/app/services/posts.py"), False),
        (exception_item(method="delete"), False),
        (exception_item() | {"fingerprint": "ours"}, False),
        (message("no"), False),
    ],
)
def test_exceptions_are_of_a_kind_by_class_and_frames(other: dict[str, Any], is_same: bool) -> None:
    """Exceptions are grouped by class and frames, not by message, line or folder. An item's fingerprint wins."""
    assert (group(other) == group(exception_item())) is is_same
    assert group(exception_item(kind="KeyError") | {"fingerprint": "ours"}) == group(
        message("x") | {"fingerprint": "ours"}
    )


def test_messages_are_of_a_kind_without_their_numbers() -> None:
    assert group(message("user 12 of 10.0.0.7 left")) == group(message("user 9 of 10.0.0.8 left"))
    assert group(message("user 12 left")) != group(message("user 12 came"))


def test_every_vendor_names_the_same_kind(console: ConsoleServer) -> None:
    """All vendors' records of a failing request have the same kind, and it counts once."""
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # other tests also send such requests
    with GunicornServer(console.environ(), app="wire_app:create_quick_app()") as api:
        trace_ids = [
            requests.get(f"{api.url}/api/wire/failing-service", timeout=10).headers["X-Request-Id"] for _ in range(2)
        ]
        for trace_id in trace_ids:
            wait_for_trace(console, trace_id, spans=2, segments=1, lines=1, items=1)
    document = console.get(f"/api/requests/{trace_ids[0]}")
    records = [("cloudwatch", document["lines"][0]), ("rollbar", document["items"][0])]
    records += [("honeycomb", one) for one in document["spans"] if one["events"]]
    segments = [*document["documents"], *document["documents"][0]["subsegments"]]
    records += [("xray", one) for one in segments if isinstance(one.get("cause"), dict)]
    kinds = {source: group(record, source) for source, record in records}
    assert set(kinds) == {"cloudwatch", "rollbar", "honeycomb", "xray"}
    assert len(set(kinds.values())) == 1, kinds
    page = requests.get(f"{console.url}/errors?route=/api/wire/failing-service&from={since}", timeout=10).text
    row = page.partition(f'id="kind-{kinds["rollbar"]}"')[2].partition("</tr>")[0]
    assert "LookupError: failed in the service" in row
    assert re.findall('data-name="count">([0-9,]+)<', row) == ["2"], document
    assert f"/requests/{trace_ids[1]}" in row
    listed = requests.get(f"{console.url}/requests?where=console.group={kinds['rollbar']}", timeout=10).text
    assert all(f'id="t{trace_id}"' in listed for trace_id in trace_ids)
    assert console.listed(where=f"console.group={kinds['rollbar']}")[:2] == trace_ids[::-1]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[tuple[int, str, str]]]]:
    """A store with many requests, and the time, class and user of each failure."""
    store = Store(tmp_path_factory.mktemp("kept"))
    failed = []
    for request in many_requests(1000, START_NS - 60 * MINUTE, START_NS):
        for vendor, records in request.items():
            store.add(vendor, records)
        for one in request["rollbar"]:
            root = request["honeycomb"][0]
            kind = one["body"]["trace"]["exception"]["class"]
            failed.append((one["timestamp"] * 10**9, kind, root["attributes"]["user.id"]))
    assert store.flush()
    yield store, failed
    store.close()


@pytest.mark.parametrize("minutes", [0, 20])
def test_counts_and_times_are_numpys(kept: tuple[Store, list[tuple[int, str, str]]], minutes: int) -> None:
    """The counts and times equal numpy's. A kind's first time is in the whole store, also with a range of time."""
    store, failed = kept
    since = START_NS - minutes * MINUTE if minutes else None
    found = error_groups(store, Filters(since_ns=since))
    times = np.array([at for at, _, _ in failed])
    kinds = np.array([kind for _, kind, _ in failed])
    within = times >= (since or 0)
    assert {group.newest.type for group in found.groups} == {"ValueError", "KeyError"}
    for group in found.groups:
        of_kind = kinds == group.newest.type
        assert group.count == np.count_nonzero(of_kind & within)
        assert group.first_ns == times[of_kind].min()
        assert group.last_ns == times[of_kind].max()
        edges = [*found.buckets.times, found.buckets.times[-1] + found.buckets.step_ns]
        assert group.series == np.histogram(times[of_kind & within], edges)[0].tolist()


def exception_span(kind: str, at_ns: int, instance: str, user: str = "") -> dict[str, Any]:
    trace_id = f"{at_ns // 10**9:08x}{new_trace_id()[8:]}"
    stack = f'Traceback (most recent call last):\n  File "app.py", line 1, in view\n    go()\n{kind}: no'
    attributes = {"exception.type": kind, "exception.message": "no", "exception.stacktrace": stack}
    return {
        "trace_id": trace_id, "span_id": new_trace_id()[:16], "parent_span_id": "", "name": "GET /", "kind": "SERVER",
        "start_ns": at_ns, "end_ns": at_ns + 10**6, "attributes": {"user.id": user} if user else {},
        "events": [{"name": "exception", "time_ns": at_ns, "attributes": attributes}], "links": [],
        "status": {"code": "ERROR", "message": ""}, "scope": {"name": "", "version": ""}, "trace_state": "", "flags": 1,
        "resource": {"service.name": "shop", "service.instance.id": instance},
    }  # fmt: skip


def test_new_since_the_service_was_started(tmp_path: Path) -> None:
    """A kind of an earlier run isn't new, and in a first run none is new. Users are counted once."""
    store = Store(tmp_path)
    now = time.time_ns() - 10 * MINUTE
    store.add("honeycomb", [exception_span("OldError", now, "first", user) for user in ("1", "2", "2")])
    assert store.flush()
    [old] = error_groups(store).groups
    assert (old.is_new, old.count, old.users) == (False, 3, 2)
    store.add("honeycomb", [exception_span(kind, now + MINUTE, "second") for kind in ("OldError", "NewError")])
    assert store.flush()
    groups = error_groups(store).groups
    store.close()
    assert {group.newest.type: group.is_new for group in groups} == {"OldError": False, "NewError": True}


def status_span(trace_id: str, name: str, at_ns: int, message: str = "") -> dict[str, Any]:
    bare = exception_span("X", at_ns, "first") | {"trace_id": trace_id, "name": name, "events": []}
    return bare | {"status": {"code": "ERROR", "message": message}}


def test_a_status_without_an_exception_is_a_kind_of_its_own(tmp_path: Path) -> None:
    """Without an exception, a status is an error of the innermost span, once per request."""
    store = Store(tmp_path)
    now = time.time_ns() - MINUTE
    for number, trace_id in enumerate([new_trace_id() for _ in range(3)]):
        outer, inner = (status_span(trace_id, name, now + at) for at, name in enumerate(("GET /", "charge")))
        store.add("honeycomb", [outer, inner | {"status": {"code": "ERROR", "message": f"card {number} is declined"}}])
    raised = exception_span("OldError", now, "first")
    store.add("honeycomb", [raised, status_span(raised["trace_id"], "GET /", now)])
    assert store.flush()
    groups = {group.newest.type: group for group in error_groups(store).groups}
    store.close()

    assert set(groups) == {"Error status", "OldError"}
    status = groups["Error status"]
    assert (status.count, status.newest.where) == (3, "charge")
    assert "is declined" in status.newest.message


def test_an_earlier_consoles_records_get_their_errors_and_calls(tmp_path: Path) -> None:
    """An earlier console's file lacks columns and attributes, and its traces may have another error."""
    store = Store(tmp_path)
    raised = exception_span("OldError", time.time_ns(), "first")
    store.add("honeycomb", [raised])
    assert store.flush()
    store.close()
    with sqlite3.connect(tmp_path / FILE) as earlier:
        bare = "json_remove(attributes, '$.\"console.group\"', '$.\"console.type\"', '$.\"console.message\"')"
        assert earlier.execute(f"UPDATE events SET attributes = {bare}").rowcount == 1
        earlier.execute("DROP INDEX events_by_time")
        earlier.execute("ALTER TABLE events DROP COLUMN level")
        for column in ("error_rank", "error_ns", "service_rank", "service_ns"):
            earlier.execute(f"ALTER TABLE traces DROP COLUMN {column}")
        assert earlier.execute("UPDATE traces SET error = 'a line'").rowcount == 1
        earlier.execute("PRAGMA user_version = 0")
    earlier.close()

    store = Store(tmp_path)
    found = [group.newest.type for group in error_groups(store).groups]
    levels = store.attribute_values("spans", "level")
    [summary] = store.summaries([raised["trace_id"]])
    store.close()
    assert found == ["OldError"]
    assert levels == []
    assert summary.error == "OldError: no"


def test_the_page_with_items_alone(tmp_path: Path) -> None:
    """The page lists messages, and items without a trace id. Without any, it says so."""
    with ConsoleServer(tmp_path) as console:
        assert "No exception and no Rollbar item" in requests.get(f"{console.url}/errors", timeout=10).text
        trace_id = new_trace_id()
        post_spans(console, span(trace_id))
        post_item(console, item("", body={"message": {"body": "of no request"}}, custom={}, level="info"))
        post_item(console, item(trace_id))
        wait_for_trace(console, trace_id, items=1, spans=1)
        page = requests.get(f"{console.url}/errors", timeout=10).text
        assert "Message: of no request" in page
        assert "ValueError: no such thing" in page
        assert "No errors match" in requests.get(f"{console.url}/errors?service=none", timeout=10).text
