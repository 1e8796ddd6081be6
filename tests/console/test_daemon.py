"""X-Ray's UDP port, where the wire can't show it: what the console's own mistakes do to it, and its end."""

import json
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from console_senders import new_trace_id, segment
from daemon import Daemon, udp_socket
from loopback import LOOPBACK
from store import Store
from traces import Record


class Mistaken(Store):
    """A store that can't take segments of one name."""

    def add(self, vendor: str, records: Iterable[Record], seconds: float = 2.0) -> set[str]:
        documents = list(records)
        if any(document["name"] == "mistake" for document in documents):
            raise TypeError("made for the test")
        return super().add(vendor, documents, seconds)


def test_a_mistake_of_ours_costs_no_more_than_its_segments(tmp_path: Path) -> None:
    """They are counted as dropped, and what comes after them is received."""
    store = Mistaken(tmp_path)
    trace_id = new_trace_id()
    with udp_socket(LOOPBACK, 0) as receiving, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

        def send(name: str) -> None:
            document = json.dumps(segment(trace_id, name=name)).encode()
            sender.sendto(b'{"format": "json", "version": 1}\n' + document, receiving.getsockname())

        daemon = Daemon(receiving, store)
        daemon.start()
        send("mistake")
        deadline = time.monotonic() + 10
        while not store.totals.as_json()["xray"]["dropped"]:
            assert time.monotonic() < deadline
        send("backend-flask")
        daemon.stop()

    assert store.flush()
    trace = store.trace(trace_id)
    assert trace is not None
    assert [document["name"] for document in trace.documents] == ["backend-flask"]
    store.close()


def test_what_came_a_moment_before_the_end_is_kept(tmp_path: Path) -> None:
    """More than is taken at once: it is in the kernel's buffer, and nobody sends it again."""
    trace_ids = [new_trace_id() for _ in range(450)]
    store = Store(tmp_path)
    with udp_socket(LOOPBACK, 0) as receiving, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        daemon = Daemon(receiving, store)
        for trace_id in trace_ids:
            document = json.dumps(segment(trace_id)).encode()
            sender.sendto(b'{"format": "json", "version": 1}\n' + document, receiving.getsockname())
        daemon.start()
        daemon.stop()
    assert store.flush()

    assert {summary.trace_id for summary in store.traces(limit=500)} == set(trace_ids)
    store.close()
