"""A segment is encoded as a datagram."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from sametrace.core.nesting import MOST_DEPTH, MOST_PARTS, TOO_MUCH, Nesting
from sametrace.xray.encoding import MAX_DOCUMENT_BYTES, TooLong, as_datagram, document, metadata


def test_metadata_that_contains_itself() -> None:
    """Metadata that contains itself, such as a tree with parents, is written once."""
    node: dict[str, Any] = {"name": "node"}
    node["parent"] = node
    both = SimpleNamespace(first=[1])
    both.second = both.first

    assert metadata(node, Nesting()) == {"name": "node", "parent": TOO_MUCH}
    assert metadata(both, Nesting()) == {"first": [1], "second": [1]}


def test_metadata_without_an_end() -> None:
    """Endless metadata is limited in depth and size."""
    deep: list[Any] = []
    for _ in range(2 * MOST_DEPTH):
        deep = [deep]
    depth, value = 0, metadata(deep, Nesting())
    while isinstance(value, list):
        depth, value = depth + 1, value[0]
    assert (depth, value) == (MOST_DEPTH, TOO_MUCH)

    def endless() -> Any:
        while True:
            yield 1

    assert len(metadata(endless(), Nesting())) == MOST_PARTS


def test_metadata_that_raises_when_it_is_looked_at() -> None:
    """Metadata that raises is replaced by the error's name, and its neighbours stay."""

    class Broken:
        def __iter__(self) -> Any:
            raise LookupError("of a service")

    assert metadata({"broken": Broken(), "sound": 1}, Nesting()) == {"broken": "LookupError", "sound": 1}


def test_what_a_url_must_not_hold() -> None:
    """The URLs of the segment and of its calls at any depth lose their secrets."""
    segment = Segment("s")
    outer, inner = (Subsegment(name, "remote", segment) for name in ("outer", "inner"))
    segment.add_subsegment(outer)
    outer.add_subsegment(inner)
    for entity in (segment, outer, inner):
        entity.put_http_meta("url", "https://me:secret@host/a?token=secret")
        entity.put_metadata("url", "https://me:secret@host/a?token=secret")
    for entity in (inner, outer, segment):
        entity.close()
    header, body = as_datagram(document(segment)).split(b"\n")

    assert json.loads(header) == {"format": "json", "version": 1}
    assert b"secret" not in body
    sent = json.loads(body)
    assert sent["subsegments"][0]["subsegments"][0]["http"]["request"]["url"] == "https://host/a"


def test_the_longest_document() -> None:
    """A long document is shortened, then loses its metadata.

    One with subsegments stays whole, because those can be sent alone.
    """
    fields = {"name": "s", "metadata": {"default": {"a": "x" * 10_000}}}
    assert len(as_datagram({**fields, "annotations": {"a": "y" * MAX_DOCUMENT_BYTES}})) < MAX_DOCUMENT_BYTES
    many = {str(number): number for number in range(MAX_DOCUMENT_BYTES)}
    assert b'"metadata":{"default":"..."}' in as_datagram({"name": "s", "metadata": many})
    with pytest.raises(TooLong):
        as_datagram({**fields, "subsegments": [{"name": str(number), "metadata": many} for number in range(2)]})
    with pytest.raises(TooLong):
        as_datagram({"name": "s", "annotations": many})
