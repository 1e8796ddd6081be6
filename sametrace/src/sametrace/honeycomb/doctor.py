"""Honeycomb: is the span taken, and is the key of the right kind and region?"""

from urllib.parse import quote

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

import vendor_pages
from config import Settings
from doctor.answers import MAX_CHARS, TIMEOUT, Session, fields, note, without_keys
from doctor.examination import TEST_NAME, Examination, Probe
from telemetry import otlp_answers

# Each with a key of its own for each team; a key of one is unknown to the other.
REGIONS = {"https://api.honeycomb.io": "the US", "https://api.eu1.honeycomb.io": "the EU"}
KEY = "x-honeycomb-team"
INGEST_KEY = "make an ingest key (Honeycomb: Environment settings, API keys) and put it in OTEL_EXPORTER_OTLP_HEADERS."


def examine(settings: Settings, probe: Probe) -> Examination:
    endpoint = (settings.otlp_endpoint or "").rstrip("/")
    found = Examination("Honeycomb", bool(endpoint), endpoint or "OTEL_EXPORTER_OTLP_ENDPOINT")
    if not endpoint:
        return found
    found.link = link(settings, probe)
    session = Session()
    exporter = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=TIMEOUT[1], session=session)
    exporter.export([span(settings, probe)])
    exporter.shutdown()
    note_answer(found, session, settings)
    response = session.response
    if response is None or found.advice:
        return found
    if response.status_code == 404:
        found.advice.append(f"{endpoint} takes no spans at /v1/traces: is it another program's port, or a longer path?")
    # As the exporter sent it: the SDK has read it from the environment.
    key = str(response.request.headers.get(KEY, ""))
    if endpoint in REGIONS:
        note_key(found, endpoint, key, settings, probe)
    elif not found.accepted and not found.advice:
        found.advice.append(f"{endpoint} doesn't take the span: its answer says why.")
    return found


def note_answer(found: Examination, session: Session, settings: Settings) -> None:
    """Of any OTLP endpoint."""
    note(found, session, settings.keys)
    response = session.response
    if response is None or not found.accepted:
        return
    rejected, why = otlp_answers.rejected(response, 1)
    if rejected:
        found.accepted = False
        found.answer = without_keys(f"{response.status_code}, the span rejected: {why}", settings.keys)[:MAX_CHARS]
    elif otlp_answers.is_a_page(response):
        found.accepted = False
        found.advice.append(f"{found.to} answers with a web page: is it another program's, or a captive portal's?")


def span(settings: Settings, probe: Probe) -> ReadableSpan:
    context = SpanContext(
        int(probe.ids.trace_id, 16), int(probe.ids.span_id, 16), is_remote=False, trace_flags=TraceFlags(1)
    )
    return ReadableSpan(
        name=TEST_NAME,
        context=context,
        resource=Resource.create(
            {
                "service.name": settings.service_name,
                "service.version": settings.version,
                "deployment.environment.name": settings.environment,
            }
        ),
        attributes={"app.test": True},
        kind=SpanKind.INTERNAL,
        start_time=probe.start_ns,
        end_time=probe.start_ns + 1_000_000,
    )


def note_key(found: Examination, endpoint: str, key: str, settings: Settings, probe: Probe) -> None:
    """Ask Honeycomb's own "who am I" (GET /1/auth) about the key."""
    who = asked(endpoint, key)
    if who is not None and who.status_code == 200:
        about = fields(who)
        team, environment = (str(about.get(part, {}).get("slug") or "") for part in ("team", "environment"))
        if team and environment:
            dataset = quote(settings.service_name, safe="")
            page = (
                f"{vendor_pages.HONEYCOMB.get(endpoint, endpoint)}/{team}/environments/{environment}/datasets/{dataset}"
            )
            found.link = f"{page}/trace?trace_id={probe.ids.trace_id}"
        if about.get("type") == "configuration":
            found.advice.append(f"The key is a configuration key, which may change your environment: {INGEST_KEY}")
        elif not found.accepted:
            found.advice.append("Honeycomb knows the key, but doesn't take the span: its answer says why.")
        return
    if who is None or who.status_code not in {401, 403}:
        return
    for other, region in REGIONS.items():
        elsewhere = asked(other, key) if other != endpoint else None
        if elsewhere is not None and elsewhere.status_code == 200:
            found.advice.append(f"The key is of {region}: set OTEL_EXPORTER_OTLP_ENDPOINT to {other}.")
            return
    found.advice.append(f"Honeycomb doesn't know the key, in no region: {INGEST_KEY}")


def asked(endpoint: str, key: str) -> requests.Response | None:
    try:
        return requests.get(f"{endpoint}/1/auth", headers={KEY: key}, timeout=TIMEOUT, allow_redirects=False)
    except (requests.RequestException, ValueError):  # ValueError: no header can hold such a key
        return None


def link(settings: Settings, probe: Probe) -> str:
    console = vendor_pages.console(settings.otlp_endpoint)
    return f"{console}/requests/{probe.ids.trace_id}" if console else vendor_pages.honeycomb(settings)
