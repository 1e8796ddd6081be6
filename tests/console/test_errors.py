"""A request's page shows each exception once, where it happened, with the records that report it."""

import traceback

import pytest
from opentelemetry.trace import StatusCode, Tracer

import console_traces as made
from console_traces import MS, START_NS, XRayProgram, received, spans_of, trace_of
from frames import Frame, cause_frame, packages, parse_stack, runs
from growth import MOST, growth
from queries.errors import Error, errors
from queries.timeline import timeline
from receivers import otlp
from shop_trace import Shop
from traces import Record, Trace


def found(trace: Trace) -> list[Error]:
    return errors(timeline(trace))


def of_shop(spans: int) -> list[Error]:
    records, _ = otlp.receive(Shop(spans).body(), otlp.PROTOBUF)
    return found(received(records))


@pytest.mark.parametrize("spans", [10, 625, 3_001])
def test_each_exception_once_innermost_first(spans: int) -> None:
    """In a request of any size, the bank's refusal and its caller's error are shown at their places."""
    inner, outer = of_shop(spans)
    assert inner.title == "RuntimeError: card declined by the bank"
    assert [row.name for row in inner.reporters] == ["bank.authorize", "POST /charge"]
    assert outer.title == "ConnectionError: payment responded 502"
    assert [row.name for row in outer.reporters] == ["POST /pay"]
    assert outer.causes == {1: 0}
    assert [raised.type for raised in outer.chain] == ["ConnectionError", "RuntimeError"]


def failing() -> tuple[list[Record], list[Record], str]:
    """An exception in OpenTelemetry's and X-Ray's SDK, and a log line's stack of it."""
    try:
        {}["order 42"]
    except KeyError as error:
        raised = error
        stack = traceback.format_exc()
        spans = spans_of(lambda tracer: recorded(tracer, raised))
        program = XRayProgram()
        program.begin()
        with program.recorder.in_subsegment("inner") as subsegment:
            subsegment.add_exception(error, traceback.extract_stack())
        program.recorder.end_segment()
    return spans, program.documents, stack


def recorded(tracer: Tracer, error: Exception) -> None:
    with tracer.start_as_current_span("GET /") as outer, tracer.start_as_current_span("inner") as inner:
        for span in (inner, outer):
            span.record_exception(error)
            span.set_status(StatusCode.ERROR, f"{type(error).__name__}: {error}")


def test_one_exception_at_four_vendors_is_one() -> None:
    """An exception at four vendors is one, although each names its type differently. Rollbar's item is at its span."""
    spans, documents, stack = failing()
    exception = {"class": "KeyError", "message": "'order 42'"}
    frames = [{"filename": "app.py", "lineno": 3, "method": "view", "code": "{}['order 42']"}]
    item = made.item(body={"trace": {"frames": frames, "exception": exception}})
    line = made.line("request_served", 1, level="ERROR", exception=stack)

    [error] = found(trace_of(spans, documents, [line], [item]))
    assert error.title == "KeyError: 'order 42'"
    assert [row.kind for row in error.reporters] == ["span", "span", "subsegment", "item", "line"]
    assert error.where.name == "inner"
    assert error.chain[0].frames


@pytest.mark.parametrize("module", ["", "requests.exceptions.", "botocore.errorfactory."])
def test_a_module_before_a_type_makes_no_other_exception(module: str) -> None:
    event = {
        "name": "exception",
        "time_ns": START_NS + MS,
        "attributes": {"exception.type": f"{module}Timeout", "exception.message": "slow"},
    }
    exceptions = {"exceptions": [{"id": "1", "type": "Timeout", "message": "slow", "stack": []}]}
    trace = trace_of(
        [made.span("GET /", 0, 2, events=[event])], [made.segment("a", 0, 2, fault=True, cause=exceptions)]
    )
    assert len(found(trace)) == 1


def test_a_failure_without_an_exception() -> None:
    """A failure without an exception is shown once, in the innermost row, with the status message or the response's
    status.
    """
    server = made.span("GET /", 0, 10, attributes={"http.response.status_code": 502})
    call = made.span("POST /pay", 1, 9, server["span_id"], status={"code": "ERROR", "message": "no route to host"})
    again = [
        made.span("ping", 2, 3, server["span_id"], status={"code": "ERROR", "message": "timeout"}) for _ in range(3)
    ]
    trace = trace_of([server, call, *again])
    assert [(error.title, len(error.reporters)) for error in found(trace)] == [
        ("POST /pay: no route to host", 1),
        ("ping: timeout", 3),
    ]
    assert [error.title for error in found(trace_of([server]))] == ["GET /: status 502"]
    faulty = made.segment("a-service", 0, 1, fault=True, http={"response": {"status": 503}})
    assert [error.title for error in found(trace_of(documents=[faulty]))] == ["a-service: status 503"]
    line = made.line("disk_full", 1, level="ERROR")
    assert [error.title for error in found(trace_of([made.span("GET /", 0, 2)], lines=[line]))] == ["disk_full"]


def test_nothing_failed() -> None:
    trace = trace_of([made.span("GET /", 0, 1)], [made.segment("a", 0, 1, error=True)], [made.line("x", 1)])
    assert found(trace) == []


def test_xrays_exceptions_name_their_causes() -> None:
    exceptions = [
        {"id": "c" * 16, "type": "OSError", "message": "disk", "stack": [{"path": "a.py", "line": 1, "label": "f"}]},
        {"id": "b" * 16, "type": "ValueError", "message": "no", "cause": "c" * 16},
    ]
    [error] = found(trace_of(documents=[made.segment("a", 0, 1, fault=True, cause={"exceptions": exceptions})]))
    assert [raised.type for raised in error.chain] == ["ValueError", "OSError"]


PYTHON = """Traceback (most recent call last):
  File "/app/shop.py", line 3, in pay
    bank.charge(card)
  File "/venv/lib/python3.11/site-packages/requests/api.py", line 59, in request
    return session.request(method=method, url=url)
bank.Declined: card 42
declined

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop.py", line 9, in view
    pay()
ConnectionError: payment responded 502
"""
NODE = """TypeError: Cannot read properties of undefined (reading 'id')
    at Cart.total (/app/src/cart.js:12:9)
    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)
    at node:internal/process/task_queues:95:5"""
JAVA = """java.lang.IllegalStateException: no stock
\tat com.shop.Stock.take(Stock.java:41)
\tat org.springframework.web.Servlet.service(Servlet.java:9)
Caused by: java.sql.SQLException: timeout
\tat com.shop.Database.query(Database.java:7)"""


def test_a_python_chain() -> None:
    """The last exception raised is first, and a message may have several lines."""
    raised, cause = parse_stack(PYTHON)
    assert (raised.type, raised.message, len(raised.frames)) == ("ConnectionError", "payment responded 502", 1)
    assert (cause.type, cause.message) == ("bank.Declined", "card 42\ndeclined")
    assert cause_frame(cause.frames) == Frame("/app/shop.py", "3", "pay", "bank.charge(card)")
    assert [(own, len(run)) for own, run in runs(cause.frames)] == [(True, 1), (False, 1)]
    assert packages(cause.frames) == "requests"


@pytest.mark.parametrize(("stack", "kind", "own", "others"), [(NODE, "TypeError", 1, 2), (JAVA, "java.lang", 1, 1)])
def test_stacks_of_other_languages(stack: str, kind: str, own: int, others: int) -> None:
    raised = parse_stack(stack)[0]
    assert raised.type.startswith(kind)
    assert [sum(frame.own is mine for frame in raised.frames) for mine in (True, False)] == [own, others]
    assert raised.frames[-1].own  # the innermost call is last, as in Python


def test_a_java_cause() -> None:
    assert [raised.type for raised in parse_stack(JAVA)] == ["java.lang.IllegalStateException", "java.sql.SQLException"]


@pytest.mark.parametrize(
    "stack", ["", "nothing like a stack", "goroutine 1 [running]:\nmain.main()", "Traceback (most recent call last):"]
)
def test_an_unknown_stack_is_shown_unchanged(stack: str) -> None:
    [raised] = parse_stack(stack)
    assert (raised.frames, raised.text) == ([], stack)


def test_thousands_of_exceptions_of_one_type() -> None:
    """A request may have thousands of exceptions with their own messages, or one that thousands of spans report."""

    def failed(number: int, message: str) -> Record:
        attributes = {"exception.type": "Timeout", "exception.message": message}
        event = {"name": "exception", "time_ns": START_NS + number, "attributes": attributes}
        return made.span("call", 0, 1, events=[event])

    distinct = found(trace_of([failed(number, f"call {number} of the shop timed out") for number in range(5_000)]))
    assert len(distinct) == 5_000
    [same] = found(trace_of([failed(number, "all timed out") for number in range(5_000)]))
    assert len(same.reporters) == 5_000


def test_an_exception_without_a_type_or_a_message_is_one_anyway() -> None:
    event = {"name": "exception", "time_ns": START_NS, "attributes": {}}
    [error] = found(trace_of([made.span("GET /", 0, 1, events=[event], status={"code": "ERROR", "message": ""})]))
    assert error.title == "Exception"


@pytest.mark.parametrize(
    "stack",
    [
        ("x", " ", ""),
        ("", 'File "', ""),
        ("Traceback (most recent call last)", "\n", "x"),
        ("Error\n    at ", "a (", ""),
    ],
)
def test_a_stack_is_parsed_in_linear_time(stack: tuple[str, str, str]) -> None:
    first, again, last = stack

    assert growth(lambda times: parse_stack(first + again * times + last), 10_000) < MOST
