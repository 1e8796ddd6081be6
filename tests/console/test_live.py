"""GET /live reports changed requests to an open page."""

import json

import pytest
import requests

from console_senders import new_trace_id, post_spans, put_lines, send_whole, span
from console_server import ConsoleServer, Record
from waiting import wait_until


def summary_of(console: ConsoleServer, trace_id: str, **wanted: int) -> Record:
    """Send records after listening, and return the first event with this many records of the trace."""
    lines = console.events(timeout=10)
    assert next(lines).startswith("retry:")
    send_whole(console, trace_id)
    for line in lines:
        if line.startswith("data: ") and trace_id in line:
            summary: Record = json.loads(line.removeprefix("data: "))
            if all(summary[name] == count for name, count in wanted.items()):
                return summary
    raise AssertionError(f"no event of {trace_id} with {wanted}")


def test_a_request_is_reported(console: ConsoleServer) -> None:
    """A new request is reported with the fields of its row."""
    trace_id = new_trace_id()
    summary = summary_of(console, trace_id, spans=1, segments=1, lines=1)

    assert summary == console.get(f"/api/requests/{trace_id}")["summary"]


def test_a_mark_that_becomes_missing_is_reported(console: ConsoleServer) -> None:
    """A mark that becomes missing is reported, although nothing arrived."""
    send_whole(console, new_trace_id())
    trace_id = new_trace_id()
    lines = console.events(timeout=10)
    next(lines)
    post_spans(console, span(trace_id))

    events = (json.loads(line[6:]) for line in lines if line.startswith("data: ") and trace_id in line)
    marks = [next(events)["marks"]["cloudwatch"]]
    while marks[-1] != "missing":
        marks.append(next(events)["marks"]["cloudwatch"])
    assert set(marks[:-1]) == {"expected"}


def test_a_reconnected_page_should_read_the_list_again(console: ConsoleServer) -> None:
    """A reconnected page should read the list again. A browser sends Last-Event-ID itself."""
    lines = console.events(timeout=10, **{"Last-Event-ID": "anything"})

    assert [next(lines) for _ in range(3)] == ["retry: 1000", "event: skipped", "data: {}"]


def test_a_burst_is_reported_in_part(console: ConsoleServer) -> None:
    """In a burst, the newest rows are reported, with the number of the others."""
    lines = console.events(timeout=10)
    next(lines)
    post_spans(console, *(span(new_trace_id()) for _ in range(2500)))

    events = 0
    for line in lines:
        events += line == "event: trace"
        if line.startswith('data: {"count"'):
            break
    assert json.loads(line.removeprefix("data: "))["count"] >= 2400
    assert events <= 100


def test_a_closed_page_frees_its_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A closed page frees its place, although nothing is written to it."""
    with ConsoleServer(tmp_path_factory.mktemp("left")) as console, requests.Session() as session:

        def is_accepted() -> bool:
            with session.get(f"{console.url}/live", stream=True, timeout=10) as stream:
                return stream.status_code == 200

        streams = [session.get(f"{console.url}/live", stream=True, timeout=10) for _ in range(12)]
        assert not is_accepted()
        for stream in streams:
            stream.close()
        wait_until(is_accepted, why="room for another page")


def test_too_many_pages(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Too many pages get an error, and the others, and receiving, continue."""
    with ConsoleServer(tmp_path_factory.mktemp("crowded")) as console, requests.Session() as session:
        streams = [session.get(f"{console.url}/live", stream=True, timeout=10) for _ in range(13)]
        statuses = [stream.status_code for stream in streams]
        received = put_lines(console, "a line").status_code
        for stream in streams:
            stream.close()

    assert (statuses, received) == ([200] * 12 + [503], 200)
