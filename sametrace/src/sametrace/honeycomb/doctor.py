"""Check that Honeycomb accepts a span.

It also checks that the key is of the right kind and region.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

import requests

from sametrace import settings
from sametrace.core.http import Session
from sametrace.doctor.examination import Examination, Probe
from sametrace.doctor.mistakes import QUOTES, Mistake, in_values, turned_off
from sametrace.doctor.responses import RESPONSE_SECONDS, fields
from sametrace.honeycomb import TURNED_ON_BY
from sametrace.honeycomb.api_key import KEY_HEADER as KEY
from sametrace.honeycomb.api_key import KEY_VARIABLE, PAGES, VARIABLE, with_api_key
from sametrace.otel import doctor, of_traces
from sametrace.otel.destination import Destination

HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
# Each region has its own keys for a team, and does not know the other's.
REGIONS = {"https://api.honeycomb.io": "the US", "https://api.eu1.honeycomb.io": "the EU"}
INGEST_KEY = "make an ingest key (Honeycomb: Environment settings, API keys) and put it in"


def examine(environ: Mapping[str, str], probe: Probe) -> Examination:
    place = HEADERS if KEY in environ.get(HEADERS, "").lower() else KEY_VARIABLE  # of the key
    environ = with_api_key(environ)
    destination = Destination.read(environ)
    to = destination.page.rstrip("/") if destination else TURNED_ON_BY
    found = Examination("Honeycomb", destination is not None, to)
    found.mistakes = list(mistakes(environ))
    if not destination:
        return found
    found.link = probe.local_page(destination.url) or PAGES.get(destination.origin, "")
    keys = settings.keys_of_headers(of_traces(environ, "HEADERS") or "")
    response = doctor.send(found, probe, destination, keys)
    if response is None or found.advice:
        return found
    if response.status_code == 404:
        path = urlsplit(destination.url).path
        found.advice.append(
            f"{found.to} accepts no spans at {path}: is it another program's port, or is the path wrong?"
        )
    if destination.origin in REGIONS:
        note_key(found, probe, destination, place)
    elif not found.accepted and not found.advice:
        found.advice.append(f"{found.to} doesn't accept the span: its response says why.")
    return found


def note_key(found: Examination, probe: Probe, destination: Destination, place: str) -> None:
    """Note what Honeycomb says about the key, in the response to GET /1/auth.

    place: the variable that has the key
    """
    key = destination.headers.get(KEY, "")
    response = who_am_i(destination.origin, key)
    if response is not None and response.status_code == 200:
        about = fields(response)
        team, environment = (str(about.get(part, {}).get("slug") or "") for part in ("team", "environment"))
        if team and environment:
            pages = PAGES.get(destination.origin, destination.origin)
            dataset = quote(probe.service.name, safe="")
            page = f"{pages}/{team}/environments/{environment}/datasets/{dataset}"
            found.link = f"{page}/trace?trace_id={probe.ids.trace_id}"
        if about.get("type") == "configuration":
            found.advice.append(
                f"The key is a configuration key, which may change your environment: {INGEST_KEY} {place}."
            )
        elif not found.accepted:
            found.advice.append("Honeycomb knows the key, but doesn't accept the span: its response says why.")
        return
    if response is None or response.status_code not in {401, 403}:
        return
    for other, region in REGIONS.items():
        elsewhere = who_am_i(other, key) if other != destination.origin else None
        if elsewhere is not None and elsewhere.status_code == 200:
            found.advice.append(f"The key belongs to {region}: set {VARIABLE} to {other}.")
            return
    found.advice.append(f"Honeycomb doesn't know the key in any region: {INGEST_KEY} {place}.")


def who_am_i(origin: str, key: str) -> requests.Response | None:
    url = f"{origin}/1/auth"
    try:
        with Session(url, RESPONSE_SECONDS) as session:
            return session.get(url, headers={KEY: key})
    except requests.RequestException:
        return None


def mistakes(environ: Mapping[str, str]) -> Iterator[Mistake]:
    environ = with_api_key(environ)
    yield from in_values(environ, (VARIABLE, HEADERS, "OTEL_TRACES_CONSOLE"), keys=(KEY_VARIABLE,))
    yield from turned_off(environ, "OTEL_SDK_DISABLED", "true", "Honeycomb")
    if environ.get(VARIABLE, "").rstrip("/").endswith("/v1/traces"):
        yield Mistake(f"{VARIABLE} ends with /v1/traces, which the app adds itself: leave it out.")
    given = of_traces(environ, "HEADERS") or ""
    if given[:1] in tuple(QUOTES):
        return  # in_values() reports it for the whole value
    headers = [header.partition("=") for header in given.split(",") if header.strip()]
    for header, _, value in headers:
        if value.strip() != value or " " in value or any(quote in value for quote in QUOTES):
            # Repeat only the name that such a header should have: the text before the = may be a key, too.
            shown = header.strip() if header.strip().lower() == KEY else "a header"
            yield Mistake(f"{HEADERS}: {shown} has spaces or quotes in its value: write the key alone after the =.")
    has_key = any(header.strip().lower() == KEY and value.strip() for header, _, value in headers)
    endpoint = of_traces(environ, "ENDPOINT") or ""
    if "honeycomb.io" in endpoint and not has_key:
        yield Mistake(f"{HEADERS} has no key for Honeycomb: set {KEY_VARIABLE}, or use {KEY}=<your ingest key> there.")
    if has_key and not endpoint:
        yield Mistake(
            f"{HEADERS} has a key for Honeycomb, but {VARIABLE} isn't set: "
            "use https://api.honeycomb.io, or https://api.eu1.honeycomb.io for a team in the EU."
        )
