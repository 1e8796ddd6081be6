"""Odd records, and records without a request, are kept, shown and reported."""

import re
import secrets
from typing import Any

import pytest
import requests

from console_senders import item, new_trace_id, post_item, post_spans, span, wait_for_trace
from console_server import ConsoleServer
from waiting import wait_until


def page_of(console: ConsoleServer, trace_id: str = "") -> str:
    path = f"/requests/{trace_id}" if trace_id else "/requests"
    return requests.get(console.url + path, timeout=10).text


def delivery_of(console: ConsoleServer) -> str:
    return requests.get(f"{console.url}/delivery", timeout=10).text


@pytest.mark.parametrize("parent", ["0" * 16, "ab", "0" * 32])
def test_a_span_whose_parent_is_no_id(console: ConsoleServer, parent: str) -> None:
    """A span with an invalid parent id is a root, and the page reports it."""
    trace_id = new_trace_id()
    assert post_spans(console, span(trace_id, parentSpanId=parent)).json() == {}
    assert wait_for_trace(console, trace_id, spans=1)["method"] == "GET"
    assert f"parent_span_id is {parent}" in page_of(console, trace_id)


@pytest.mark.parametrize(
    ("odd", "noted"),
    [
        ({"kind": "SPAN_KIND_SERVER"}, "kind is the name &#39;SPAN_KIND_SERVER&#39;"),
        ({"status": {"code": "STATUS_CODE_ERROR"}}, "code is the name &#39;STATUS_CODE_ERROR&#39;"),
    ],
)
def test_a_span_with_the_names_of_enums(console: ConsoleServer, odd: dict[str, Any], noted: str) -> None:
    """A span with names of enums is read with its batch, and the page names the field."""
    trace_id = new_trace_id()
    assert post_spans(console, span(trace_id, **odd), span(trace_id)).status_code == 200
    wait_for_trace(console, trace_id, spans=2)
    assert noted in page_of(console, trace_id)


@pytest.mark.parametrize("bad", [{"kind": "SPAN_KIND_OF_ITS_OWN"}, {"kind": []}, {"startTimeUnixNano": "now"}])
def test_the_rest_of_a_batch_is_kept(console: ConsoleServer, bad: dict[str, Any]) -> None:
    """An unreadable field rejects its own span only. The response and a finding name it."""
    trace_id = new_trace_id()
    response = post_spans(console, span(trace_id), span(trace_id, **bad), span(trace_id))
    partial = response.json()["partialSuccess"]
    assert (response.status_code, partial["rejectedSpans"]) == (200, "1")
    (field,) = bad
    assert field in partial["errorMessage"]
    wait_for_trace(console, trace_id, spans=2)
    assert re.search(rf"spans\[1\][^<]*{field}", delivery_of(console))


@pytest.mark.parametrize("custom", [{}, {"trace_id": "unknown"}, None])
@pytest.mark.parametrize("kind", ["exception", "message"])
def test_an_item_of_no_request(console: ConsoleServer, custom: dict[str, str] | None, kind: str) -> None:
    """An item without a request is listed with its contents."""
    text = f"failed {secrets.token_hex(8)}"
    trace = {"frames": [], "exception": {"class": "ValueError", "message": text}}
    body = {"trace": trace} if kind == "exception" else {"message": {"body": text}}
    assert post_item(console, item("", custom=custom, body=body)).status_code == 200
    wait_until(lambda: text in delivery_of(console), "the page of delivery to have the item")


def test_the_attributes_of_an_item(console: ConsoleServer) -> None:
    """rollbar.js sends a list of keys and values, which are shown as names and values."""
    trace_id = new_trace_id()
    post_item(console, item(trace_id, attributes=[{"key": "session_id", "value": "abc-1"}]))
    wait_for_trace(console, trace_id, items=1)
    page = requests.get(f"{console.url}/requests/{trace_id}", timeout=10).text
    assert "<dt>session_id</dt><dd>abc-1</dd>" in page
    assert "<dt>attributes</dt>" not in page
