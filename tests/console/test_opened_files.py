"""The console can show every changed file that it accepts."""

import copy
import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

import console_traces as made
from console_senders import new_trace_id
from console_server import CONSOLE
from facts import VENDORS
from malformed import SCALARS
from settings import Settings
from store import writer
from store.exchange import LISTS, document_of
from traces import Record, xray_form

DELETED = object()
ODD: list[Any] = [
    DELETED,
    None,
    True,
    -1,
    0,
    2**31,
    2**62,
    2**63,
    2**64 - 1,
    2**64,
    10**400,
    0.5,
    1e300,
    "",
    "x",
    [],
    {},
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The console's app in this process, without the writer's pauses, because there are thousands of requests."""
    spec = spec_from_file_location("console_app", CONSOLE / "app.py")  # `app` is the API's
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "console_app", module)  # where Flask looks for the folder of its templates
        patch.setattr(writer, "GATHER_SECONDS", 0)
        spec.loader.exec_module(module)
        app = module.create_app(Settings(tmp_path_factory.mktemp("console")))
        yield app.test_client()
        app.extensions["store"].close()


def exported() -> Record:
    """A request of all four vendors with a value in each place."""
    inner = made.segment("inner", 3, 4, cause={"exceptions": [{"id": "1", "message": "x", "stack": [{"line": 1}]}]})
    segment = made.segment("backend-flask", 1, 9, http={"response": {"status": 500}}, subsegments=[inner], fault=True)
    event = {"name": "exception", "time_ns": made.START_NS, "attributes": {"exception.stacktrace": "x"}}
    link = {"trace_id": made.TRACE_ID, "span_id": "a" * 16, "trace_state": "", "flags": 1, "attributes": {}}
    server = made.span("GET /", 0, 10, attributes={"http.response.status_code": 500}, events=[event], links=[link])
    lines = [made.line("request_served", 9, status=500, ms=9.5), made.line("x", 3, span_id=server["span_id"])]
    lines.append(made.log("taken", 5, spanId=server["span_id"], severityNumber=17))
    item = made.item(custom={"trace_id": made.TRACE_ID, "span_id": server["span_id"]}, request={"url": "http://a/b"})
    untitled = made.item(body={"crash_report": {"raw": "x"}})
    spans = [server, made.span("inner", 1, 2, server["span_id"]), made.span("lost", 1, 2, "b" * 16)]
    document = document_of(made.trace_of(spans, [segment], lines, [item, untitled]))
    for name in LISTS:
        for record in document[name]:
            record["received_ns"] = 1  # old enough that every check applies
    return document


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to each value in the document, except the summary's, which an import makes again."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, content in inside:
        if step != "summary":
            yield (*way, step)
            yield from places(content, (*way, step))


def changed(document: Record, way: tuple[Any, ...], value: Any) -> Record:
    document = copy.deepcopy(document)
    place: Any = document
    for step in way[:-1]:
        place = place[step]
    if value is DELETED:
        del place[way[-1]]
    else:
        place[way[-1]] = value
    return document


def statuses(client: FlaskClient, document: Record) -> list[int]:
    """Return the statuses of opening the document, and then of the list, its JSON and its pages."""
    trace_id = new_trace_id()
    text = json.dumps(document).replace(made.TRACE_ID, trace_id).replace(made.XRAY_TRACE_ID, xray_form(trace_id))
    opened = client.post("/api/requests", data=text, content_type="application/json").status_code
    page = f"/requests/{trace_id}"
    pages = ["/requests", f"/api{page}", page, *(f"{page}?show={vendor}" for vendor in VENDORS)]
    pages.append(f"/compare?a={trace_id}&b={trace_id}")
    return [opened, *(client.get(page).status_code for page in pages if opened == 201)]


DOCUMENT = exported()
PLACES = list(places(DOCUMENT))
TAKEN = [201] + [200] * 8


def test_an_unchanged_file(client: FlaskClient) -> None:
    assert statuses(client, DOCUMENT) == TAKEN


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(ODD) | SCALARS)
@example(("items", 1, "kind"), [])
@example(("lines", 2, "body"), DELETED)
def test_a_file_with_any_value_in_any_place(client: FlaskClient, way: tuple[Any, ...], value: Any) -> None:
    """A file with any value in any place is refused, or opened and shown."""
    assert statuses(client, changed(DOCUMENT, way, value)) in ([422], TAKEN)
