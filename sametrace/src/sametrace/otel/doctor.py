"""Check that an OTLP endpoint accepts a span."""

import gzip
from collections.abc import Iterable

import requests
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from requests.auth import AuthBase

from sametrace.core.http import is_page
from sametrace.doctor.examination import TEST_NAME, Examination, Probe
from sametrace.doctor.responses import MAX_CHARS, post, without_keys
from sametrace.otel.destination import Destination
from sametrace.otel.provider import resource_of
from sametrace.otel.responses import rejected
from sametrace.otel.sending import open_session


def send(
    found: Examination, probe: Probe, destination: Destination, keys: Iterable[str] = (), auth: AuthBase | None = None
) -> requests.Response | None:
    """Send a span, note the result, and return the response."""
    body = gzip.compress(encode_spans([span(probe)]).SerializeToString())
    with open_session(destination, auth) as session:
        response = post(found, probe.hints, session, destination.url, body, keys)
    if response is None or not found.accepted:
        return response
    number, why = rejected(response, 1)
    if number:
        found.accepted = False
        found.response = without_keys(f"{response.status_code}, the span rejected: {why}", keys)[:MAX_CHARS]
    elif is_page(response):
        found.accepted = False
        found.advice.append(f"{found.to} responds with a web page: is it another program, or a captive portal?")
    return response


def span(probe: Probe) -> ReadableSpan:
    context = SpanContext(
        int(probe.ids.trace_id, 16), int(probe.ids.span_id, 16), is_remote=False, trace_flags=TraceFlags(1)
    )
    return ReadableSpan(
        name=TEST_NAME,
        context=context,
        resource=resource_of(probe.service),
        attributes={"app.test": True},
        kind=SpanKind.INTERNAL,
        start_time=probe.start_ns,
        end_time=probe.start_ns + 1_000_000,
    )
