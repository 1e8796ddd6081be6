"""OpenTelemetry's SDK sends log records over OTLP, which become lines of their request, with exceptions."""

import json
from pathlib import Path

import pytest
import requests
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, format_trace_id

from console_senders import access_line, new_trace_id, put_lines, wait_for_trace
from console_server import ConsoleServer

RESOURCE = Resource({"service.name": "shop"})


class Unsold(Exception):
    pass


class Program:
    """A program with OpenTelemetry's SDK: a request with three log records in its server span."""

    def __init__(self, console: ConsoleServer) -> None:
        logs = LoggerProvider(RESOURCE, shutdown_on_exit=False)
        logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{console.url}/v1/logs")))
        traces = TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
        traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{console.url}/v1/traces")))
        logger = logs.get_logger("shop.orders")
        logger.emit(LogRecord(body="the shop opens", severity_number=SeverityNumber.INFO))
        with traces.get_tracer("shop").start_as_current_span("POST /orders", kind=SpanKind.SERVER) as span:
            self.trace_id = format_trace_id(span.get_span_context().trace_id)
            logger.emit(LogRecord(body="order taken", severity_number=SeverityNumber.INFO, attributes={"order.id": 77}))
            logger.emit(LogRecord(event_name="stock.low", severity_number=SeverityNumber.WARN, body={"left": 2}))
            try:
                raise Unsold("nothing left of 77")
            except Unsold as error:
                logger.emit(LogRecord(body="order failed", severity_number=SeverityNumber.ERROR, exception=error))
        for provider in (logs, traces):
            provider.force_flush()
            provider.shutdown()


@pytest.fixture(scope="module")
def program(console: ConsoleServer) -> Program:
    program = Program(console)
    wait_for_trace(console, program.trace_id, spans=1, lines=3)
    return program


def test_they_are_lines_of_the_request(console: ConsoleServer, program: Program) -> None:
    """The summary counts log records as lines, and CloudWatch Logs has none."""
    document = console.get(f"/api/requests/{program.trace_id}")

    assert [line["message"] for line in document["lines"]] == ["order taken", '{"left": 2}', "order failed"]
    assert [line["fields"]["level"] for line in document["lines"]] == ["INFO", "WARNING", "ERROR"]
    assert {line["fields"]["span_id"] for line in document["lines"]} == {document["spans"][0]["span_id"]}
    summary = document["summary"]
    assert (summary["marks"]["honeycomb"], summary["marks"]["cloudwatch"]) == ("arrived", "not sent")
    assert (summary["has_error"], summary["error"]) == (True, "Unsold: nothing left of 77")


def test_the_request_page_has_them_in_its_timeline(console: ConsoleServer, program: Program) -> None:
    page = requests.get(f"{console.url}/requests/{program.trace_id}", timeout=10).text
    assert 'id="lines"' in page
    for words in ("order taken", "order.id=", "stock.low", "WARNING"):
        assert words in page


def test_an_exception_is_shown_as_one(console: ConsoleServer, program: Program) -> None:
    """An exception is shown with its own frame, like a span's, and nothing else is an error."""
    page = requests.get(f"{console.url}/requests/{program.trace_id}", timeout=10).text
    errors = page.partition('class="errors"')[2].partition("</section>")[0]
    assert "1 error" in errors
    assert "Unsold: nothing left of 77" in errors
    assert "raise Unsold" in errors


@pytest.mark.parametrize(
    "filters",
    [{"where": "order.id=77"}, {"where": "level=WARNING"}, {"text": "order taken"}, {"service": "shop"}],
    ids=str,
)
def test_the_list_is_filtered_by_their_contents(
    console: ConsoleServer, program: Program, filters: dict[str, str]
) -> None:
    assert console.listed(**filters) == [program.trace_id]


@pytest.mark.parametrize("mode", ["shown", "sent"])
def test_honeycombs_tab_has_them(console: ConsoleServer, program: Program, mode: str) -> None:
    page = requests.get(f"{console.url}/requests/{program.trace_id}?show=honeycomb&mode={mode}", timeout=10).text
    assert ("resourceLogs" if mode == "sent" else "severity_code") in page
    assert "Unsold" in page


def test_a_downloaded_request_has_them_when_it_is_opened_again(
    console: ConsoleServer, program: Program, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document = console.get(f"/api/requests/{program.trace_id}")
    with ConsoleServer(tmp_path_factory.mktemp("other")) as other:
        assert requests.post(f"{other.url}/api/requests", json=document, timeout=10).status_code == 201
        opened = other.get(f"/api/requests/{program.trace_id}")
        broken = json.loads(json.dumps(document))
        broken["lines"][0]["attributes"] = "no object"
        refused = requests.post(f"{other.url}/api/requests", json=broken, timeout=10)
    assert opened["lines"] == document["lines"]
    assert (refused.status_code, "lines[0].attributes" in refused.json()["detail"]) == (422, True)


def test_lines_without_a_trace_id_are_listed_without_a_finding(tmp_path: Path) -> None:
    with ConsoleServer(tmp_path) as console:
        wait_for_trace(console, Program(console).trace_id, spans=1, lines=3)
        logs, delivery = (requests.get(f"{console.url}/{page}", timeout=10).text for page in ("logs", "delivery"))
    assert "the shop opens" in logs
    assert "order taken" in logs
    assert "no trace id" not in delivery


def test_they_are_counted_apart(console: ConsoleServer, program: Program) -> None:
    assert console.get("/api/totals")["signals"]["logs"]["received"] >= 4


def test_beside_cloudwatchs_lines(console: ConsoleServer) -> None:
    """A request may have both kinds of lines, ordered by time."""
    trace_id = new_trace_id()
    put_lines(console, access_line(trace_id))
    log = {"traceId": trace_id, "body": {"stringValue": "later"}, "timeUnixNano": "4000000000000000000"}
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]}
    assert requests.post(f"{console.url}/v1/logs", json=body, timeout=10).status_code == 200
    summary = wait_for_trace(console, trace_id, lines=2)

    assert summary["marks"]["cloudwatch"] == "arrived"
    lines = console.get(f"/api/requests/{trace_id}")["lines"]
    assert ["severity_number" in line for line in lines] == [False, True]
