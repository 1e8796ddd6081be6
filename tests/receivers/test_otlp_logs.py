"""The receiver of OTLP's logs makes lines from records, and refuses invalid input."""

import json
import time
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse

from malformed import NOT_JSON
from receivers import Refused, otlp
from receivers.otlp_signals import LOGS

JSON, PROTOBUF = "application/json", "application/x-protobuf"
TRACE_ID, SPAN_ID = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"


def received(*logs: Any, status: int = 200) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    scope = {"name": "app.orders", "version": "1"}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    request = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"scope": scope, "logRecords": list(logs)}]}]}
    records, response = otlp.receive(json.dumps(request).encode(), JSON, signal=LOGS)
    assert response.status == status
    return records, json.loads(response.body)


def test_a_line_has_what_was_sent() -> None:
    attribute = {"key": "app.user", "value": {"intValue": "7"}}
    sent = {
        "timeUnixNano": "1700000000123456789",
        "observedTimeUnixNano": "1700000000123456790",
        "severityNumber": 13,
        "severityText": "WARN",
        "body": {"stringValue": "stock is low"},
        "eventName": "stock.low",
        "attributes": [attribute],
        "traceId": TRACE_ID,
        "spanId": SPAN_ID,
        "flags": 1,
    }
    [line], response = received(sent)

    assert response == {}
    assert (line["log_group"], line["message"], line["timestamp_ms"]) == ("shop", "stock is low", 1700000000123)
    ids = {"trace_id": TRACE_ID, "span_id": SPAN_ID}
    assert line["fields"] == {"level": "WARNING", "event": "stock.low", "logger": "app.orders"} | ids
    assert (line["time_ns"], line["severity_number"], line["severity_text"]) == (1700000000123456789, 13, "WARN")
    assert (line["attributes"], line["resource"]) == ({"app.user": 7}, {"service.name": "shop"})


@pytest.mark.parametrize(
    ("number", "text", "level"),
    [
        (1, "", "TRACE"),
        (5, "", "DEBUG"),
        (12, "", "INFO"),
        (16, "error", "WARNING"),
        (17, "", "ERROR"),
        (24, "", "CRITICAL"),
        (0, "warn", "WARNING"),
        (0, "notice", "NOTICE"),
        (25, "", None),
        (-3, "", None),
    ],
)
def test_the_level_is_of_the_number_and_else_of_the_text(number: int, text: str, level: str | None) -> None:
    [line], _ = received({"severityNumber": number, "severityText": text})
    assert line["fields"].get("level") == level


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"stringValue": "é"}, "é"),
        ({"intValue": 3}, "3"),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": True}}]}}, '{"a": true}'),
        (None, ""),
    ],
)
def test_the_message_is_the_body(body: Any, message: str) -> None:
    [line], _ = received({"body": body})
    assert line["message"] == message


def test_without_a_body_it_is_the_event_or_the_exception() -> None:
    values = {"exception.type": "ValueError", "exception.message": "no such thing"}
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in values.items()]
    (event, exception), _ = received({"eventName": "browser.click"}, {"attributes": attributes})
    assert (event["message"], exception["message"]) == ("browser.click", "ValueError: no such thing")


def test_a_line_without_a_time_is_of_when_it_was_observed_or_of_now() -> None:
    before = time.time_ns()
    (observed, neither), _ = received({"observedTimeUnixNano": "17"}, {})
    assert observed["time_ns"] == 17
    assert before <= neither["time_ns"] <= time.time_ns()


def test_a_line_with_an_invalid_id_keeps_everything_else() -> None:
    (short, zeros), response = received({"traceId": "abcd", "spanId": SPAN_ID}, {"traceId": "0" * 32})
    assert (short["trace_id"], short["span_id"], zeros["trace_id"]) == ("", SPAN_ID, "")
    assert "trace_id is abcd" in short["irregularities"][0]
    assert response == {}


def test_a_record_that_cannot_be_read_is_left_out_and_counted() -> None:
    records, response = received({"body": {"stringValue": "good"}}, {"severityNumber": "no number"})
    assert [record["message"] for record in records] == ["good"]
    assert response["partialSuccess"]["rejectedLogRecords"] == "1"
    assert "severityNumber" in response["partialSuccess"]["errorMessage"]


def test_protobuf_says_the_same() -> None:
    request = ExportLogsServiceRequest()
    log = (
        request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=5, trace_id=bytes.fromhex(TRACE_ID))
    )
    log.body.string_value = "hello"
    [line], response = otlp.receive(request.SerializeToString(), PROTOBUF, signal=LOGS)
    assert (line["message"], line["trace_id"], line["time_ns"]) == ("hello", TRACE_ID, 5)
    assert ExportLogsServiceResponse.FromString(response.body) == ExportLogsServiceResponse()


@pytest.mark.parametrize("body", NOT_JSON)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        otlp.receive(body, JSON, signal=LOGS)
    assert refused.value.response.status == 400
