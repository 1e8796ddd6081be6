"""The OTLP receiver accepts what OpenTelemetry's own exporter sends, and refuses other input."""

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from malformed import NOT_JSON, json_values
from receivers import Refused, VendorResponse, otlp
from receivers.otlp_json import parse_request
from vendors import Vendors

TRACE_ID = "5b8efff798038103d269b633813fc60c"
SPAN_ID = "eee19b7ec3c1b174"


@pytest.fixture(params=list(Compression), ids=lambda compression: compression.value)
def provider(request: pytest.FixtureRequest, vendors: Vendors) -> Iterator[TracerProvider]:
    provider = TracerProvider(resource=Resource({"service.name": "cruddur"}), shutdown_on_exit=False)
    endpoint = f"{vendors.environ()['OTEL_EXPORTER_OTLP_ENDPOINT']}/v1/traces"
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint, compression=request.param)))
    yield provider
    provider.shutdown()


def test_a_span_arrives_as_the_sdk_recorded_it(provider: TracerProvider, vendors: Vendors) -> None:
    """Every field of a span is in its record, whichever compression the exporter uses."""
    tracer = provider.get_tracer("home", "1.2")
    linked = trace.Link(trace.SpanContext(int(TRACE_ID, 16), int(SPAN_ID, 16), is_remote=True), {"why": "a test"})
    with tracer.start_as_current_span("GET /home", kind=trace.SpanKind.SERVER, links=[linked]) as span:
        span.set_attributes({"text": "é", "yes": True, "count": -3, "rate": 0.5, "list": ["a", "b"]})
        span.add_event("looked_up", {"rows": 3}, timestamp=17)
        span.set_status(trace.StatusCode.ERROR, "it broke")

    vendors.wait_for(lambda: vendors.spans != [], why="the span")
    [record] = vendors.spans
    context = span.get_span_context()
    assert (record["trace_id"], record["span_id"]) == (f"{context.trace_id:032x}", f"{context.span_id:016x}")
    assert (record["parent_span_id"], record["name"], record["kind"]) == ("", "GET /home", "SERVER")
    assert 0 < record["start_ns"] <= record["end_ns"]
    assert record["attributes"] == {"text": "é", "yes": True, "count": -3, "rate": 0.5, "list": ["a", "b"]}
    assert record["events"] == [{"name": "looked_up", "time_ns": 17, "attributes": {"rows": 3}}]
    [link] = record["links"]
    assert (link["trace_id"], link["span_id"], link["attributes"]) == (TRACE_ID, SPAN_ID, {"why": "a test"})
    assert record["status"] == {"code": "ERROR", "message": "it broke"}
    assert record["resource"]["service.name"] == "cruddur"
    assert record["scope"] == {"name": "home", "version": "1.2"}


def test_a_child_names_its_parent(provider: TracerProvider, vendors: Vendors) -> None:
    """A child's parent_span_id is its parent's span_id, in the same trace."""
    tracer = provider.get_tracer("home")
    with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner"):
        pass

    vendors.wait_for(lambda: len(vendors.spans) == 2, why="two spans")
    inner, outer = vendors.spans
    assert inner["parent_span_id"] == outer["span_id"]
    assert inner["trace_id"] == outer["trace_id"]
    assert (inner["kind"], inner["status"]) == ("INTERNAL", {"code": "UNSET", "message": ""})


def in_json(*spans: dict[str, Any]) -> bytes:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "browser"}}]}
    scope_spans = {"scope": {"name": "by hand"}, "spans": list(spans)}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scope_spans]}]}).encode()


def receive_json(*spans: dict[str, Any]) -> list[dict[str, Any]]:
    return otlp.receive(in_json(*spans), "application/json")[0]


def test_otlp_json_is_read_like_protobuf() -> None:
    """OTLP/JSON has hexadecimal ids in either case, numbers for kinds, and 64-bit numbers as strings or numbers."""
    [record], reply = otlp.receive(
        in_json(
            {
                "traceId": TRACE_ID.upper(),
                "spanId": SPAN_ID,
                "parentSpanId": "eee19b7ec3c1b173",
                "name": "click",
                "kind": 3,
                "startTimeUnixNano": "1544712660000000000",
                "endTimeUnixNano": 1544712661000000001,
                "status": {"code": 1},
                "flags": 1,
                "traceState": "a=b",
            }
        ),
        "application/json; charset=utf-8",
    )
    assert (record["trace_id"], record["span_id"], record["parent_span_id"]) == (TRACE_ID, SPAN_ID, "eee19b7ec3c1b173")
    assert (record["name"], record["kind"], record["status"]["code"]) == ("click", "CLIENT", "OK")
    assert (record["start_ns"], record["end_ns"]) == (1544712660000000000, 1544712661000000001)
    assert (record["flags"], record["trace_state"]) == (1, "a=b")
    assert (record["resource"], record["scope"]["name"]) == ({"service.name": "browser"}, "by hand")
    assert reply == VendorResponse(200, b"{}", "application/json")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"stringValue": ""}, ""),
        ({"boolValue": False}, False),
        ({"intValue": "-9223372036854775808"}, -(2**63)),
        ({"doubleValue": 1.5}, 1.5),
        ({"doubleValue": "NaN"}, "NaN"),
        ({"doubleValue": "Infinity"}, "Infinity"),
        ({"doubleValue": "-Infinity"}, "-Infinity"),
        ({"bytesValue": "AP8="}, "AP8="),
        ({"bytesValue": "+/8="}, "+/8="),
        ({"bytesValue": "-_8="}, "+/8="),
        ({"arrayValue": {"values": [{"intValue": 1}, {"arrayValue": {}}]}}, [1, []]),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": True}}]}}, {"a": True}),
        ({}, None),
    ],
)
def test_every_kind_of_attribute_value_becomes_json(value: dict[str, Any], expected: object) -> None:
    """Attribute values become JSON: bytes in base64, and numbers that are not finite by name."""
    [record] = receive_json(
        {"traceId": TRACE_ID, "spanId": SPAN_ID, "attributes": [{"key": "attribute", "value": value}]}
    )
    assert record["attributes"] == {"attribute": expected}
    json.dumps(record, allow_nan=False)


def test_unknown_json_fields_are_ignored() -> None:
    """Unknown fields, and fields by their protobuf names, are ignored."""
    [record] = receive_json({"traceId": TRACE_ID, "spanId": SPAN_ID, "colour": {"a": [1]}, "trace_state": "a=b"})
    assert record["trace_state"] == ""


def test_unknown_kinds_and_codes_of_a_newer_otlp_are_taken() -> None:
    """An unknown kind reads as unspecified, and an unknown code as unset."""
    [record] = receive_json({"traceId": TRACE_ID, "spanId": SPAN_ID, "kind": 99, "status": {"code": 99}})
    assert (record["kind"], record["status"]["code"]) == ("UNSPECIFIED", "UNSET")


def test_a_request_without_spans_succeeds() -> None:
    """An empty request succeeds, as the specification demands."""
    assert otlp.receive(b"", "application/x-protobuf") == ([], VendorResponse(200, b"", "application/x-protobuf"))
    assert otlp.receive(b"{}", "application/json") == ([], VendorResponse(200, b"{}", "application/json"))


@pytest.mark.parametrize(
    "bad",
    [
        {"spanId": SPAN_ID},
        {"traceId": "", "spanId": SPAN_ID},
        {"traceId": "0" * 32, "spanId": SPAN_ID},
        {"traceId": TRACE_ID[2:], "spanId": SPAN_ID},
        {"traceId": TRACE_ID + "00", "spanId": SPAN_ID},
        {"traceId": TRACE_ID},
        {"traceId": TRACE_ID, "spanId": "0" * 16},
    ],
)
def test_a_span_with_an_invalid_id_is_left_out_and_counted(bad: dict[str, Any]) -> None:
    """A span with an invalid id is left out, the others are kept, and partial_success has the number and the reason."""
    good = {"traceId": TRACE_ID, "spanId": SPAN_ID, "name": "good"}
    request = parse_request(in_json(bad, good)).message
    records, reply = otlp.receive(request.SerializeToString(), "application/x-protobuf")
    assert [record["name"] for record in records] == ["good"]
    assert reply.status == 200
    response = ExportTraceServiceResponse.FromString(reply.body)
    assert response.partial_success.rejected_spans == 1
    assert "_id must be" in response.partial_success.error_message


@pytest.mark.parametrize("parent", ["0" * 16, "ab", "ab" * 9, "00", "0" * 32])
def test_a_parent_that_is_no_id_makes_a_root(parent: str) -> None:
    """A span with an invalid parent id becomes a root, and its record notes that, in protobuf and JSON."""
    span = {"traceId": TRACE_ID, "spanId": SPAN_ID, "parentSpanId": parent}
    protobuf = parse_request(in_json(span)).message.SerializeToString()
    for records, reply in (otlp.receive(in_json(span), otlp.JSON), otlp.receive(protobuf, otlp.PROTOBUF)):
        assert (records[0]["parent_span_id"], reply.rejected) == ("", 0)
        assert f"parent_span_id is {parent}" in records[0]["irregularities"][0]


@pytest.mark.parametrize("bad", [{"traceId": TRACE_ID}, {"spanId": SPAN_ID}, {"traceId": "0" * 32, "spanId": SPAN_ID}])
def test_a_link_that_leads_nowhere_is_left_out(bad: dict[str, str]) -> None:
    """A span keeps its valid links."""
    good = {"traceId": TRACE_ID, "spanId": SPAN_ID}
    [record] = receive_json({"traceId": TRACE_ID, "spanId": SPAN_ID, "links": [good, bad]})
    assert len(record["links"]) == 1
    assert "links[1]" in record["irregularities"][0]


@pytest.mark.parametrize(
    ("fields", "kind", "status", "noted"),
    [
        ({"kind": "SPAN_KIND_SERVER"}, "SERVER", "UNSET", ["kind"]),
        (
            {"kind": "SPAN_KIND_CONSUMER", "status": {"code": "STATUS_CODE_ERROR"}},
            "CONSUMER",
            "ERROR",
            ["kind", "code"],
        ),
        ({"kind": 3, "status": {"code": "STATUS_CODE_OK"}}, "CLIENT", "OK", ["code"]),
    ],
)
def test_the_names_of_enums_are_read(fields: dict[str, Any], kind: str, status: str, noted: list[str]) -> None:
    """Names of enums are read, as collectors do, and the record notes the field."""
    regular = {"traceId": TRACE_ID, "spanId": SPAN_ID[::-1], "kind": 2}
    records = receive_json({"traceId": TRACE_ID, "spanId": SPAN_ID, **fields}, regular)
    assert (records[0]["kind"], records[0]["status"]["code"]) == (kind, status)
    assert [text.split(" ")[0] for text in records[0]["irregularities"]] == noted
    assert "irregularities" not in records[1]


def refusal(body: bytes, content_type: str, content_encoding: str = "") -> VendorResponse:
    with pytest.raises(Refused) as refused:
        otlp.receive(body, content_type, content_encoding)
    assert str(refused.value)
    return refused.value.response


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_a_json_object_is_bad_data(body: bytes) -> None:
    """Invalid JSON is refused with 400 and a google.rpc.Status in JSON."""
    reply = refusal(body, "application/json")
    assert (reply.status, reply.content_type) == (400, "application/json")
    assert json.loads(reply.body)["message"].startswith("not an ExportTraceServiceRequest")


@pytest.mark.parametrize(
    "span",
    [
        {"traceId": "not hexadecimal"},
        {"traceId": 5},
        {"kind": "SPAN_KIND_OF_ITS_OWN"},
        {"kind": "3"},
        {"kind": 1.5},
        {"name": 5},
        {"startTimeUnixNano": "soon"},
        {"startTimeUnixNano": -1},
        {"endTimeUnixNano": 2**64},
        {"attributes": {"a": "b"}},
        {"attributes": ["a"]},
        {"attributes": [{"key": "a", "value": "b"}]},
        {"attributes": [{"key": "a", "value": {"bytesValue": 5}}]},
        {"flags": 2**32},
        {"events": [None]},
        {"status": "OK"},
        {"status": []},
        {"links": [{"traceId": "zz"}]},
    ],
)
def test_a_json_field_of_another_type_costs_its_span_alone(span: dict[str, Any]) -> None:
    """A field of the wrong type rejects its span only, and the reason has the field's path."""
    ids = {"traceId": TRACE_ID, "spanId": SPAN_ID}
    records, reply = otlp.receive(in_json(ids | {"name": "good"}, ids | span), "application/json")
    assert ([record["name"] for record in records], reply.status, reply.rejected) == (["good"], 200, 1)
    field = next(iter(span))
    assert re.match(rf"resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[1\].*{field}", reply.reason, re.IGNORECASE)


@pytest.mark.parametrize("part", ["resource", "scope"])
def test_a_bad_resource_costs_its_own_spans_alone(part: str) -> None:
    """An invalid resource rejects its own spans only."""
    bad, good = (json.loads(in_json({"traceId": TRACE_ID, "spanId": SPAN_ID}))["resourceSpans"][0] for _ in range(2))
    holder = bad if part == "resource" else bad["scopeSpans"][0]
    holder[part] = {"attributes": "none"}
    records, reply = otlp.receive(json.dumps({"resourceSpans": [bad, good]}).encode(), "application/json")
    assert (len(records), reply.rejected) == (1, 1)
    assert f"{part}.attributes must be a list" in reply.reason


@pytest.mark.parametrize(
    "request_body", [{"resourceSpans": {}}, {"resourceSpans": [5]}, {"resourceSpans": [{"scopeSpans": 1}]}]
)
def test_a_request_that_holds_no_lists_is_bad_data(request_body: dict[str, Any]) -> None:
    """A request without lists is refused with 400, because it has no spans."""
    assert refusal(json.dumps(request_body).encode(), "application/json").status == 400


@pytest.mark.parametrize("body", [b"\xff\xff", b"\x0a\xff", b"{}", b"\x0a\x02\x0a\x05"])
def test_bad_protobuf_is_bad_data(body: bytes) -> None:
    """Invalid protobuf is refused with 400 and a google.rpc.Status in protobuf."""
    reply = refusal(body, "application/x-protobuf")
    assert (reply.status, reply.content_type) == (400, "application/x-protobuf")
    assert Status.FromString(reply.body).message.startswith("not an ExportTraceServiceRequest")


def test_text_that_is_not_utf8_is_bad_data() -> None:
    """A protobuf string must be UTF-8."""
    good = parse_request(in_json({"traceId": TRACE_ID, "spanId": SPAN_ID, "name": "name"})).message.SerializeToString()
    assert refusal(good.replace(b"name", b"\xff\xfe\xfd\xfc"), "application/x-protobuf").status == 400


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/protobuf", "multipart/form-data; boundary=x"])
def test_another_content_type_is_unsupported(content_type: str) -> None:
    """Other content types than the two of OTLP/HTTP are refused with 415."""
    assert refusal(b"{}", content_type).status == 415


@pytest.mark.parametrize(
    ("body", "content_encoding", "status"),
    [
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", 400),
        (b"{}", "gzip", 400),
        (zlib.compress(b"{}")[:-1], "deflate", 400),
        (b"{}", "deflate", 400),
        (b"", "deflate", 400),
        (b"{}", "br", 415),
    ],
)
def test_a_body_that_does_not_decompress_is_refused(body: bytes, content_encoding: str, status: int) -> None:
    """A truncated or false compressed body is refused with 400."""
    assert refusal(body, "application/json", content_encoding).status == status


@pytest.mark.parametrize(
    ("compress", "content_encoding"), [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (bytes, "")]
)
def test_a_body_above_the_limit_is_refused(compress: Callable[[bytes], bytes], content_encoding: str) -> None:
    """A body that is larger than the limit when decompressed is refused with 413."""
    body = compress(bytes(otlp.MAX_BODY_BYTES + 1))
    assert refusal(body, "application/json", content_encoding).status == 413


def test_gzip_in_several_members_is_one_body() -> None:
    """A gzip body may have several members (RFC 1952)."""
    body = gzip.compress(b"{") + gzip.compress(b"}")
    assert otlp.receive(body, "application/json", "gzip")[1].status == 200


@given(
    st.binary() | st.builds(lambda tail: b"\x0a\x7f" + tail, st.binary(min_size=100)),
    st.sampled_from(["application/x-protobuf", "application/json"]),
    st.sampled_from(["", "gzip", "deflate"]),
)
def test_any_bytes_are_received_or_refused(body: bytes, content_type: str, content_encoding: str) -> None:
    """No bytes make the receiver raise anything but Refused."""
    receive_or_refuse(body, content_type, content_encoding)


FIELD_NAMES = """
    resourceSpans resource scopeSpans scope spans links events status attributes key value values stringValue intValue
    doubleValue bytesValue arrayValue kvlistValue traceId spanId kind code name startTimeUnixNano flags
"""
VALUES = json_values(*FIELD_NAMES.split())


@given(VALUES)
def test_any_json_is_received_or_refused(value: object) -> None:
    """No JSON with OTLP's field names makes the receiver raise anything but Refused."""
    receive_or_refuse(json.dumps({"resourceSpans": value}).encode(), "application/json")


@given(VALUES)
def test_any_json_span_is_received_or_refused(value: object) -> None:
    """No JSON in a span's fields makes the receiver raise anything but Refused."""
    span = {"traceId": TRACE_ID, "spanId": SPAN_ID, "attributes": value, "status": value, "events": [value]}
    receive_or_refuse(in_json(span), "application/json")


def receive_or_refuse(body: bytes, content_type: str, content_encoding: str = "") -> None:
    try:
        records, reply = otlp.receive(body, content_type, content_encoding)
    except Refused as refused:
        reply = refused.response
    else:
        json.dumps(records, allow_nan=False).encode()
    assert reply.status in {200, 400, 413, 415}
