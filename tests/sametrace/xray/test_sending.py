"""Segments are sent to the daemon as datagrams."""

import json
import socket
from typing import Any

import pytest
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from sametrace.core.health import VendorHealth
from sametrace.core.redaction import MAX_CHARS
from sametrace.xray.encoding import MAX_DOCUMENT_BYTES
from sametrace.xray.sending import SegmentEmitter

from forking import exit_status_of_a_child
from vendors import Vendors
from waiting import wait_until


def emitter_to(vendors: Vendors) -> tuple[SegmentEmitter, VendorHealth]:
    health = VendorHealth("X-Ray", on=True, detail="")
    return SegmentEmitter(vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"], health), health


def a_segment(name: str) -> Segment:
    segment = Segment(name)
    segment.close()
    return segment


def send(vendors: Vendors, *segments: Segment) -> VendorHealth:
    emitter, health = emitter_to(vendors)
    for segment in segments:
        emitter.send_entity(segment)
    emitter.start()
    wait_until(lambda: health.waiting == 0, "them to be handed over")
    emitter.stop(5)
    return health


def test_a_segment_is_a_datagram(vendors: Vendors) -> None:
    """Each segment is one datagram, in order."""
    health = send(vendors, a_segment("one"), a_segment("two"))

    vendors.wait_for(lambda: len(vendors.documents) == 2, why="both")
    assert [document["name"] for document in vendors.documents] == ["one", "two"]
    assert health.lost() == {}


def test_a_daemon_that_moved_is_found_again(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing listens at its address, the daemon's name is resolved again, as after a restart in docker compose."""
    there = int(vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")[2])
    resolve = socket.getaddrinfo
    left = [9]  # where nothing listens

    def moving(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if host != "xray-daemon":
            return resolve(host, port, *arguments, **named)
        return resolve("127.0.0.1", left.pop() if left else there, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", moving)
    health = VendorHealth("X-Ray", on=True, detail="")
    emitter = SegmentEmitter("xray-daemon:2000", health)
    emitter.start()
    for number in range(2):
        emitter.send_entity(a_segment(f"number {number}"))
        # One by one, because a connected UDP socket may report an error only at the next send.
        wait_until(lambda: health.waiting == 0, "the segment to be handed over", timeout=10)
    vendors.wait_for(lambda: "number 1" in [one["name"] for one in vendors.documents], why="the later one")
    emitter.stop(5)

    assert health.lost() == {}


@pytest.mark.usefixtures("no_pauses")
def test_a_name_that_cannot_be_resolved_yet(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the name can't be resolved, the segments wait, and health has the reason."""
    there = vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")[2]
    resolve = socket.getaddrinfo
    failing = [True, True]

    def unknown(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        if host == "xray-daemon" and failing:
            failing.pop()
            raise socket.gaierror("Name or service not known")
        return resolve("127.0.0.1" if host == "xray-daemon" else host, port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    health = VendorHealth("X-Ray", on=True, detail="")
    emitter = SegmentEmitter(f"xray-daemon:{there}", health)
    emitter.send_entity(a_segment("one"))
    emitter.start()
    vendors.wait_for(lambda: [one["name"] for one in vendors.documents] == ["one"], why="it")
    emitter.stop(5)

    assert health.lost() == {}
    assert "Name or service not known" in str(health.report()["last_error"])


def test_a_segment_that_is_too_long_goes_in_parts(vendors: Vendors) -> None:
    """A long segment's subsegments are sent as documents of their own, which X-Ray joins by id. Each is counted."""
    segment = Segment("long")
    for number in range(5):
        subsegment = Subsegment(f"part {number}", "local", segment)
        segment.add_subsegment(subsegment)
        subsegment.put_metadata("text", "x" * MAX_CHARS)
        subsegment.close()
    segment.close()
    health = send(vendors, segment)

    vendors.wait_for(lambda: len(vendors.documents) == 6, why="the segment and its five parts")
    assert [one["name"] for one in vendors.documents] == ["long", *(f"part {number}" for number in range(5))]
    assert {one.get("parent_id") for one in vendors.documents} == {None, segment.id}
    assert {one["trace_id"] for one in vendors.documents} == {segment.trace_id}
    assert health.lost() == {}


def test_a_document_that_is_too_long_loses_its_texts_then_its_metadata(vendors: Vendors) -> None:
    """A long document loses its long texts, then its metadata, and keeps its ids, times and annotations."""
    shortened, without = Segment("shortened"), Segment("without")
    shortened.put_metadata("text", "x" * MAX_DOCUMENT_BYTES)
    without.put_metadata("numbers", list(range(MAX_DOCUMENT_BYTES)))
    for segment in (shortened, without):
        segment.put_annotation("kept", "yes")
        segment.close()
    health = send(vendors, shortened, without)

    vendors.wait_for(lambda: len(vendors.documents) == 2, why="both")
    texts = [json.dumps(one) for one in vendors.documents]
    assert all("kept" in text for text in texts)
    assert "xxx" in texts[0]
    assert "1000" not in texts[1]
    assert health.lost() == {}


def test_a_segment_that_cannot_be_sent_is_counted(vendors: Vendors) -> None:
    """A segment with too many annotations, or one that can't be encoded, is counted as failed."""

    class Unwritten(Segment):  # type: ignore[misc]
        def to_dict(self) -> dict[str, Any]:
            raise LookupError("of a service")

    too_many, unwritten = Segment("too many"), Unwritten("unwritten")
    for number in range(10_000):
        too_many.annotations[f"annotation{number}"] = number
    for segment in (too_many, unwritten):
        segment.close()
    health = send(vendors, too_many, unwritten)

    assert health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}
    assert health.report()["last_error"] == "a segment can't be sent: LookupError"


def test_a_segment_that_waits_for_its_last_subsegment_is_counted(vendors: Vendors) -> None:
    """A segment that waits for its last subsegment counts once, from its own end, because that may never end."""
    emitter, health = emitter_to(vendors)
    segment = a_segment("waits")
    emitter.wait_for(segment)
    assert health.waiting == 1
    emitter.start()
    emitter.send_entity(segment)
    wait_until(lambda: health.waiting == 0, "it to be handed over")
    emitter.stop(5)

    assert health.lost() == {}


def test_only_unsent_segments_are_sent_again(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that fails midway continues there."""
    monkeypatch.setattr("sametrace.core.sender.FIRST_PAUSE", 0.0)
    sent: list[bytes] = []

    class Flaky(socket.socket):
        def send(self, datagram: Any, *_: Any) -> int:
            if b"two" in datagram and len(sent) == 1:
                sent.append(b"failed")
                raise OSError("no buffer")
            sent.append(datagram)
            return len(datagram)

    monkeypatch.setattr("sametrace.xray.sending.connect", lambda *_: Flaky(type=socket.SOCK_DGRAM))
    health = VendorHealth("X-Ray", on=True, detail="")
    emitter = SegmentEmitter("127.0.0.1:9", health)
    for name in ("one", "two", "three"):
        emitter.send_entity(a_segment(name))
    emitter.start()
    wait_until(lambda: health.waiting == 0, "all to be handed over")
    emitter.stop(5)

    names = [datagram if datagram == b"failed" else json.loads(datagram.splitlines()[1])["name"] for datagram in sent]
    assert names == ["one", b"failed", "two", "three"]
    assert health.lost() == {}


def test_a_forked_process_sends_its_own(vendors: Vendors) -> None:
    """A forked process sends its own segments, and not its parent's."""
    emitter, health = emitter_to(vendors)
    emitter.send_entity(a_segment("of the parent"))

    def child() -> None:
        emitter.send_entity(a_segment("of the child"))
        emitter.start()
        emitter.stop(5)
        assert health.lost() == {}

    assert exit_status_of_a_child(child) == 0
    emitter.start()
    emitter.stop(5)
    vendors.wait_for(lambda: len(vendors.documents) == 2, why="both")
    assert sorted(one["name"] for one in vendors.documents) == ["of the child", "of the parent"]
