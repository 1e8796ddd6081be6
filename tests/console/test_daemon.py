"""X-Ray's UDP port survives faults in the console's own code, and loses nothing when it stops."""

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
    """A store that can't accept segments with one name."""

    def add(self, vendor: str, records: Iterable[Record], seconds: float = 2.0) -> set[str]:
        documents = list(records)
        if any(document["name"] == "mistake" for document in documents):
            raise TypeError("made for the test")
        return super().add(vendor, documents, seconds)


def test_an_error_in_the_store_drops_its_segments_only(tmp_path: Path) -> None:
    """An error in the store drops its segments with a count, and later ones are received."""
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


def test_datagrams_before_the_end_are_kept(tmp_path: Path) -> None:
    """At the end, all datagrams in the kernel's buffer are received, because no sender repeats them."""
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
