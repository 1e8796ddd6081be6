"""The segment equals XRayMiddleware's, except for its faults that sametrace works around."""

import uuid
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aws_xray_sdk.core import AWSXRayRecorder
from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.trace_header import TraceHeader
from aws_xray_sdk.core.utils.conversion import metadata_to_dict
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask
from sametrace import Telemetry
from sametrace.core.health import VendorHealth
from sametrace.core.nesting import Nesting
from sametrace.core.wsgi import RequestLayer
from sametrace.xray.encoding import document, metadata
from sametrace.xray.instrumentation import Segments
from sametrace.xray.rules import clients_of_daemon

from requests_of_all_kinds import KINDS, Kind, response_to


@pytest.mark.parametrize("pattern", [None, "*4567-*.gitpod.io*"], ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_same_as_the_stock_segment(kind: Kind, pattern: str | None) -> None:
    """sametrace's segment also has the wiring's annotations.

    Its path is the route's pattern, an exception has its own stack, and the length is the one that was sent: Flask
    removes it from a 204.
    """

    def instrument(app: Flask) -> None:
        annotations = {"application": "cruddur"}
        segments = Segments(recorder, recorder.emitter, VendorHealth("X-Ray", True, ""), Telemetry(), annotations)
        RequestLayer(app, [segments.begin], frozenset(), False, lambda: None)

    recorder, sent = a_recorder(pattern)
    stock_response = response_to(kind, lambda app: XRayMiddleware(app, recorder))
    response = response_to(kind, instrument)

    assert response.status == stock_response.status
    assert [document(entity) for entity in sent] == [entity.to_dict() for entity in sent]
    stock, ours = (facts(entity) for entity in sent)
    path = kind.path.partition("?")[0]
    assert stock["http"]["request"].pop("url").endswith(path)
    assert ours["http"]["request"].pop("url").endswith("<handle>" if "users" in path else ("", path[:7]))
    assert ours.pop("annotations") == {"application": "cruddur"}
    assert ours["http"]["response"].pop("content_length", None) == response.content_length
    stock["http"]["response"].pop("content_length", None)
    assert ours == stock


def test_all_that_a_segment_may_hold() -> None:
    """The document equals the SDK's."""
    recorder, sent = a_recorder(None)
    segment = recorder.begin_segment("s", parent_id="53995c3f42cd8ad8")
    segment.set_user("somebody")
    segment.save_origin_trace_header(TraceHeader(root="1-5759e988-bd862e3fe1be46a994272793"))
    recorder.put_metadata("given", {"as": ["it", None, False, 0]})
    with recorder.in_subsegment("outer", namespace="remote") as outer:
        outer.put_http_meta(http.URL, "https://example.com/")
        outer.set_sql({"sanitized_query": "SELECT 1"})
        recorder.put_annotation("reply", 42)
        with pytest.raises(LookupError), recorder.in_subsegment("inner"):
            raise LookupError("nothing there")
        with recorder.in_subsegment("the same failed") as caused:
            caused.cause = "53995c3f42cd8ad9"
    recorder.end_segment()

    documents = [document(entity) for entity in sent]
    assert documents == [entity.to_dict() for entity in sent]
    assert {"user", "parent_id", "metadata", "subsegments"} < documents[0].keys()


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, True, "text"], 3: {"b": ()}},
        {"a": {1}, "b": frozenset(), "c": b"bytes", "d": range(3)},
        [int, Exception("no iterable"), datetime(2026, 11, 25, tzinfo=UTC), uuid.UUID(int=1), object()],
        SimpleNamespace(public=SimpleNamespace(inner=[1]), _private=1, called=len),
        [],
        0,
    ],
    ids=["json", "iterables", "objects", "fields", "empty", "falsy"],
)
def test_metadata_of_all_kinds(value: Any) -> None:
    """Metadata is written as the SDK does."""
    assert metadata(value, Nesting()) == metadata_to_dict(value)


def a_recorder(pattern: str | None) -> tuple[AWSXRayRecorder, list[Entity]]:
    """Return a recorder that samples everything, and the list of what it sends."""
    sent: list[Entity] = []

    class Emitter:
        def send_entity(self, entity: Entity) -> None:
            sent.append(entity)

    everything: dict[str, Any] = {"version": 2, "rules": [], "default": {"fixed_target": 0, "rate": 1}}
    with clients_of_daemon():
        recorder = AWSXRayRecorder()
        recorder.emitter._socket.close()
        recorder.configure(
            service="backend-flask", dynamic_naming=pattern, sampling_rules=everything, emitter=Emitter(), sampling=True
        )
    recorder.sampler._started = True  # request no rules from a daemon
    return recorder, sent


def facts(entity: Entity) -> dict[str, Any]:
    """Return everything except ids, times and the stack."""
    document: dict[str, Any] = entity.to_dict()
    for name in ("id", "trace_id", "parent_id", "start_time", "end_time"):
        document.pop(name, None)
    for exception in document.get("cause", {}).get("exceptions", []):
        del exception["id"], exception["stack"]
    return document
