"""The server span has FlaskInstrumentor's attributes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sametrace.core.wsgi import RequestLayer
from sametrace.otel.instrumentation import ServerSpans
from sametrace.otel.outgoing_calls import use_stable_names

from requests_of_all_kinds import KINDS, Kind, response_to

use_stable_names()  # before an instrumentor is made, because the first one decides for the process


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_same_as_the_stock_span(kind: Kind) -> None:
    """The attributes are equal, except that the path is the route's pattern, and the query string is left out."""
    stock_status, stock = span_of(
        lambda app, provider: FlaskInstrumentor().instrument_app(app, tracer_provider=provider), kind
    )
    status, ours = span_of(by_sametrace, kind)

    assert status == stock_status
    path, query = kind.path.partition("?")[::2]
    typed = {"url.path": path, "url.query": query} if query else {"url.path": path}
    assert {**facts(ours)["attributes"], **typed} == {**facts(stock)["attributes"], **typed}
    assert (ours.attributes or {})["url.path"] == (ours.attributes or {}).get("http.route", path)
    assert {**facts(ours), "attributes": {}} == {**facts(stock), "attributes": {}}


def test_ten_requests_of_one_kind() -> None:
    """The cached attributes of one request are changed by no other."""
    spans = [facts(span_of(by_sametrace, Kind("/status/503"))[1]) for _ in range(10)]
    assert all(span == spans[0] for span in spans)
    assert "error.type" not in facts(span_of(by_sametrace, Kind("/plain"))[1])["attributes"]


def test_the_scope_is_sametraces() -> None:
    """The scope names the library that made the span."""
    scope = span_of(by_sametrace, Kind("/plain"))[1].instrumentation_scope
    assert scope
    assert scope.name == "sametrace"


def by_sametrace(app: Flask, provider: TracerProvider) -> None:
    RequestLayer(app, [ServerSpans(provider).begin], frozenset(), True, lambda: None)


def span_of(instrument: Callable[[Flask, TracerProvider], object], kind: Kind) -> tuple[int, ReadableSpan]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    status = response_to(kind, lambda app: instrument(app, provider)).status_code
    (span,) = exporter.get_finished_spans()
    return status, span


def facts(span: ReadableSpan) -> dict[str, Any]:
    """Return everything except ids, times and the scope. Without a route, the stock name has the typed path."""
    assert span.context
    return {
        "name": span.name if "http.route" in (span.attributes or {}) else span.name.partition(" ")[0],
        "kind": span.kind,
        "parent": span.parent,
        "sampled": span.context.trace_flags.sampled,
        "attributes": dict(span.attributes or {}),
        "events": [(event.name, without_wrappers(event.attributes)) for event in span.events],
        "status": (span.status.status_code, span.status.description),
    }


def without_wrappers(attributes: Any) -> dict[str, Any]:
    """Return an exception's attributes with only the end of the stack: where it was raised."""
    return {name: value.splitlines()[-3:] for name, value in attributes.items()}
