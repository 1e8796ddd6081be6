"""Subsegments of a large segment are sent before it."""

from collections.abc import Callable
from typing import Any

from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from sametrace.xray.streaming import Streaming

STREAMED_FROM = 30  # subsegments; the SDK's own threshold


def many(recorder: Any, number: int) -> None:
    for at in range(number):
        with recorder.in_subsegment(f"part {at}"):
            pass


def test_a_segment_with_few_subsegments_is_sent_whole(recorded: Callable[..., Any]) -> None:
    recording = recorded()
    with recording.recorder.in_segment("request"):
        many(recording.recorder, STREAMED_FROM - 1)

    assert recording.names == ["request"]
    assert len(recording.sent[0].subsegments) == STREAMED_FROM - 1


def test_of_many_subsegments_those_that_ended_are_sent(recorded: Callable[..., Any]) -> None:
    """Of many subsegments, the ended ones are sent once as documents of their own, with the ids that X-Ray needs."""
    recording = recorded()
    with recording.recorder.in_segment("request") as segment:
        many(recording.recorder, 3 * STREAMED_FROM)

    left = [one.name for one in segment.subsegments]
    streamed = [one for one in recording.sent if one is not segment]
    assert sorted([*left, *(one.name for one in streamed)]) == sorted(f"part {at}" for at in range(3 * STREAMED_FROM))
    assert recording.names[-1] == "request"
    for one in streamed:
        assert {one.to_dict()[name] for name in ("trace_id", "parent_id", "type")} == {
            segment.trace_id,
            segment.id,
            "subsegment",
        }


def test_one_that_is_open_stays(recorded: Callable[..., Any]) -> None:
    """An open subsegment stays with its open ones, and ended ones in it are sent."""
    recording = recorded()
    with recording.recorder.in_segment("request") as segment, recording.recorder.in_subsegment("open"):
        many(recording.recorder, 2 * STREAMED_FROM)
        assert [one.name for one in segment.subsegments] == ["open"]
        assert len(recording.sent) > STREAMED_FROM
    assert recording.names[-1] == "request"
    assert "open" not in recording.names


def test_one_that_ended_goes_with_all_in_it() -> None:
    """An ended subsegment is sent in one document with those in it."""
    segment, streamed = a_segment_with({"a": {"b": {}}, "c": {}})
    Streaming().stream(segment, streamed.append)

    assert [one.name for one in streamed] == ["a", "c"]
    assert [one.name for one in streamed[0].subsegments] == ["b"]
    assert segment.subsegments == []


def test_encoding_may_make_subsegments() -> None:
    """Encoding a subsegment runs the service's code and garbage collection, which may end another one.

    That is sent with the next, without a deadlock.
    """
    streaming = Streaming()
    segment, streamed = a_segment_with({"a": {}})

    def send(entity: Entity) -> None:
        streamed.append(entity)
        if entity.name == "a":
            add(segment, "meanwhile", {})
            streaming.stream(segment, send)

    streaming.stream(segment, send)
    assert [one.name for one in streamed] == ["a", "meanwhile"]


def test_no_thread_waits_for_another() -> None:
    """A subsegment that another thread can't send now is sent with the next one, or in the segment."""
    streaming = Streaming()
    segment, streamed = a_segment_with({"a": {}})
    with streaming._looking:
        streaming.stream(segment, streamed.append)
    assert streamed == []

    streaming.stream(segment, streamed.append)
    assert [one.name for one in streamed] == ["a"]


Tree = dict[str, Any]


def a_segment_with(tree: Tree) -> tuple[Segment, list[Entity]]:
    """Return an open segment with ended subsegments of these names, and their list."""
    segment = Segment("request")
    for name, inner in tree.items():
        add(segment, name, inner)
    return segment, []


def add(parent: Entity, name: str, inner: Tree) -> None:
    segment = parent if isinstance(parent, Segment) else parent.parent_segment
    subsegment = Subsegment(name, "local", segment)
    parent.add_subsegment(subsegment)
    for its_name, its_inner in inner.items():
        add(subsegment, its_name, its_inner)
    subsegment.close()
