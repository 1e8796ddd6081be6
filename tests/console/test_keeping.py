"""The console keeps records within limits, across restarts, and as a file."""

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import requests

from console_senders import (
    access_line,
    item,
    new_trace_id,
    post_item,
    post_spans,
    put_lines,
    segment,
    send_datagram,
    send_whole,
    span,
    wait_for_trace,
)
from console_server import ConsoleServer, Record
from store import FILE


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_kept_across_restarts(tmp_path: Path, sent: signal.Signals) -> None:
    """Records are kept across restarts, even those received just before the end."""
    trace_ids = [new_trace_id() for _ in range(20)]
    with ConsoleServer(tmp_path) as console:
        for trace_id in trace_ids:
            post_spans(console, span(trace_id))
        assert console.stop(sent) == 0
    with ConsoleServer(tmp_path) as console:
        assert sorted(console.listed()) == sorted(trace_ids)


def test_the_newest_traces_stay(tmp_path: Path) -> None:
    """The oldest traces are deleted with all their records, and records without a trace are limited, too."""
    trace_ids = [new_trace_id() for _ in range(8)]
    with ConsoleServer(tmp_path, CONSOLE_MAX_TRACES="5") as console:
        for trace_id in trace_ids:
            send_whole(console, trace_id)
            wait_for_trace(console, trace_id, spans=1, segments=1, lines=1)

        assert sorted(console.listed()) == sorted(trace_ids[3:])
        assert console.get("/api/totals")["traces"] == 5
        assert requests.get(f"{console.url}/api/requests/{trace_ids[0]}", timeout=10).status_code == 404


def test_two_consoles_side_by_side(tmp_path: Path) -> None:
    """Two consoles run side by side with their own folders and ports."""
    ours, theirs = new_trace_id(), new_trace_id()
    with ConsoleServer(tmp_path / "a") as first, ConsoleServer(tmp_path / "b") as second:
        for console, trace_id in ((first, ours), (second, theirs)):
            send_whole(console, trace_id)
            wait_for_trace(console, trace_id, spans=1, segments=1, lines=1)
        assert (first.listed(), second.listed()) == ([ours], [theirs])


def exported(console: ConsoleServer) -> Record:
    trace_id = new_trace_id()
    send_whole(console, trace_id)
    post_item(console, item(trace_id))
    wait_for_trace(console, trace_id, spans=1, segments=1, lines=1, items=1)
    document: Record = console.get(f"/api/requests/{trace_id}")
    return document


def test_a_request_is_opened_again_in_another_console(console: ConsoleServer, tmp_path: Path) -> None:
    """A request is opened again from its file unchanged. Opened twice, it is stored once."""
    document = exported(console)
    with ConsoleServer(tmp_path) as other:
        for _ in range(2):
            response = requests.post(f"{other.url}/api/requests", json=document, timeout=10)
            assert (response.status_code, response.json()) == (201, {"trace_id": document["trace_id"]})
        assert requests.get(other.url + response.headers["Location"], timeout=10).json() == document


def nested(levels: int) -> Any:
    return json.loads("[" * levels + "]" * levels)


def send_large(console: ConsoleServer, trace_id: str) -> None:
    """Send the largest records that the vendors accept, and a span, so that no mark is still expected."""
    post_spans(console, span(trace_id))
    documents = [
        segment(trace_id, metadata={"body": "я" * 27_000}),
        segment(trace_id, metadata=[1e15] * 12_000),
        segment(trace_id, metadata=nested(99)),
    ]
    for document in documents:
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        send_datagram(console, text.replace("1000000000000000.0", "1e15").encode())
    for _ in range(2):
        put_lines(console, access_line(trace_id, body=[1] * 300_000))
    put_lines(console, access_line(trace_id, body=nested(99)))
    data = item(trace_id, fingerprint="я" * 500_000)
    body = json.dumps({"access_token": "dummy", "data": data}, ensure_ascii=False).encode()
    assert requests.post(f"{console.url}/api/1/item/", data=body, timeout=10).status_code == 200


def test_every_accepted_request_is_opened_again(console: ConsoleServer, tmp_path: Path) -> None:
    """Every received request can be opened again, by a script and by the page."""
    trace_id = new_trace_id()
    send_large(console, trace_id)
    wait_for_trace(console, trace_id, spans=1, segments=3, lines=3, items=1)
    file = requests.get(f"{console.url}/api/requests/{trace_id}", timeout=10).content
    with ConsoleServer(tmp_path) as other:
        headers = {"Content-Type": "application/json"}
        opened = requests.post(f"{other.url}/api/requests", data=file, headers=headers, timeout=20)
        assert opened.status_code == 201, opened.text
        assert requests.get(f"{other.url}/api/requests/{trace_id}", timeout=10).content == file
        assert requests.post(f"{other.url}/open", files={"file": file}, timeout=20).status_code == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "another"),
        (["version"], 2),
        (["trace_id"], "1"),
        (["trace_id"], "5b" * 16),
        (["spans"], None),
        (["spans", 0], []),
        (["spans", 0, "start_ns"], -1),
        (["spans", 0, "start_ns"], 2**64),
        (["spans", 0, "attributes"], []),
        (["spans", 0, "events"], [{"name": 1}]),
        (["spans", 0, "received_ns"], "now"),
        (["spans", 0, "received_ns"], 2**63),
        (["spans", 0, "flags"], "01"),
        (["documents", 0, "start_time"], "now"),
        (["documents", 0, "subsegments"], [{}]),
        (["lines", 0, "fields"], []),
        (["lines", 0, "timestamp_ms"], True),
        (["lines", 0, "timestamp_ms"], 2**62),
        (["items", 0, "body"], {}),
        (["items", 0, "custom"], None),
        (["items", 0, "kind"], "message"),
    ],
)
def test_a_file_that_is_no_exported_request_is_refused(
    console: ConsoleServer, path: list[str | int], value: object
) -> None:
    """A file that is no exported request is refused with 422 and a message."""
    document = exported(console)
    *way, last = path
    place = document
    for step in way:
        place = place[step]  # type: ignore[index]
    place[last] = value  # type: ignore[index]

    response = requests.post(f"{console.url}/api/requests", json=document, timeout=10)
    assert response.status_code == 422
    assert "not a request that the console exported" in response.json()["detail"]


def test_a_line_without_its_fields_is_refused(console: ConsoleServer) -> None:
    """A line without its fields is refused. They are null if the line is no JSON."""
    document = exported(console)
    del document["lines"][0]["fields"]
    assert requests.post(f"{console.url}/api/requests", json=document, timeout=10).status_code == 422


def test_a_folder_that_was_deleted(tmp_path: Path) -> None:
    """After the folder was deleted, responses are a 503 with a message, and the stream does not begin."""
    paths = ("/api/requests", "/api/totals", "/")
    with ConsoleServer(tmp_path / "folder") as console:
        for path in paths:
            assert requests.get(console.url + path, timeout=10).status_code == 200
        shutil.rmtree(tmp_path / "folder")
        for path in (*paths, "/live"):
            response = requests.get(console.url + path, timeout=10)
            assert response.status_code == 503, path
            assert "The stored requests can" in response.text
            assert str(tmp_path / "folder") in response.text
        assert requests.get(f"{console.url}/static/list.js", timeout=10).status_code == 200


def test_a_file_that_was_damaged(tmp_path: Path) -> None:
    """A damaged file gives the same, whatever SQLite's error is."""
    with ConsoleServer(tmp_path) as console:
        (tmp_path / FILE).write_bytes(b"x" * 10_000)
        for path in ("/api/requests", "/", "/live"):
            response = requests.get(console.url + path, timeout=10)
            assert response.status_code == 503, path
            assert "file is not a database" in response.text


def test_records_without_a_trace_id_are_counted(console: ConsoleServer) -> None:
    """Records without a trace id are counted, and do no harm."""
    before = console.get("/api/totals")["vendors"]["cloudwatch"]["received"]
    assert put_lines(console, "a plain line", {"trace_id": "0" * 32}, {"trace_id": 5}).status_code == 200

    assert console.get("/api/totals")["vendors"]["cloudwatch"]["received"] == before + 3
