"""The doctor reports Honeycomb's responses, which are those of its API reference (GET /1/auth, and OTLP's errors)."""

import json
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from sametrace.doctor.examination import Examination
from sametrace.honeycomb import Honeycomb, api_key
from sametrace.honeycomb import doctor as honeycomb

from doctor_runs import Configure, make_probe
from loopback import Request
from receivers import VendorResponse
from vendors import Vendors

KEY = "hcaik_01hqk4k20cjeh63wca8vva5stw70nft6m5n8wr8f5mjx3762s8269j50wc"  # pragma: allowlist secret
UNKNOWN = VendorResponse(401, b'{"error":"unknown API key - check your credentials"}', "application/json")


def who_am_i(kind: str) -> VendorResponse:
    document = {
        "id": "hcaik_01hqk4k20cjeh63wca8vva5stw",  # pragma: allowlist secret
        "type": kind,
        "api_key_access": {"events": True, "createDatasets": True},
        "team": {"slug": "cruddur-team", "name": "Cruddur"},
        "environment": {"slug": "test", "name": "test"},
    }
    return VendorResponse(200, json.dumps(document).encode(), "application/json")


def auth(vendors: Vendors, reply: VendorResponse) -> None:
    vendors.behaviour[""] = lambda request: reply if request.path == "/1/auth" else None


@pytest.fixture
def europe() -> Iterator[Vendors]:
    with Vendors() as receiving:
        yield receiving


@pytest.fixture
def regions(vendors: Vendors, europe: Vendors, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Return the URLs of Honeycomb in the US, where the API sends, and in the EU."""
    us, eu = (receiving.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"] for receiving in (vendors, europe))
    monkeypatch.setattr(honeycomb, "REGIONS", {us: "the US", eu: "the EU"})
    return us, eu


def examine(configure: Configure, **settings: str) -> Examination:
    configure(OTEL_EXPORTER_OTLP_HEADERS=f"x-honeycomb-team={KEY}", **settings)
    found = Honeycomb().examine(make_probe())
    assert KEY[:10] not in str(found)
    return found


def test_an_ingest_key_works(configure: Configure, vendors: Vendors, regions: tuple[str, str]) -> None:
    """The span arrives, marked as a test, and the link leads to its trace in the key's team and environment."""
    auth(vendors, who_am_i("ingest"))

    found = examine(configure)

    assert (found.verdict, found.advice) == ("works", [])
    [span] = vendors.spans
    assert (span["name"], span["attributes"]["app.test"]) == ("doctor-test", True)
    page = "/cruddur-team/environments/test/datasets/backend-flask/trace?trace_id="
    assert found.link.endswith(page + span["trace_id"])


def test_a_configuration_key(configure: Configure, vendors: Vendors, regions: tuple[str, str]) -> None:
    """A configuration key works for spans, so it is noted and is no failure."""
    auth(vendors, who_am_i("configuration"))

    found = examine(configure)

    assert found.verdict == "works"
    [advice] = found.advice
    assert advice.startswith("The key is a configuration key")
    assert "make an ingest key" in advice


def test_the_key_alone(
    configure: Configure, vendors: Vendors, europe: Vendors, regions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HONEYCOMB_API_KEY alone works: it is sent as Honeycomb's header, and the advice names that variable."""
    pages = {regions[0]: "https://ui.honeycomb.io"}
    for module in (api_key, honeycomb):
        monkeypatch.setattr(module, "PAGES", pages)
    keys: list[str | None] = []

    def note(request: Request) -> VendorResponse:
        keys.append(request.headers.get("x-honeycomb-team"))
        return UNKNOWN

    vendors.behaviour["honeycomb"] = note
    for receiving in (vendors, europe):
        auth(receiving, UNKNOWN)
    configure(HONEYCOMB_API_KEY=KEY, OTEL_EXPORTER_OTLP_ENDPOINT=None)
    found = Honeycomb().examine(make_probe())

    assert keys == [KEY]
    assert (found.configured, found.to, found.mistakes) == (True, regions[0], [])
    assert found.advice[0].endswith("and put it in HONEYCOMB_API_KEY.")


def test_a_key_of_the_other_region(
    configure: Configure, vendors: Vendors, europe: Vendors, regions: tuple[str, str]
) -> None:
    """A key of the other region is found there, and the right endpoint is named."""
    vendors.behaviour["honeycomb"] = lambda request: UNKNOWN
    auth(vendors, UNKNOWN)
    auth(europe, who_am_i("ingest"))

    found = examine(configure)

    assert found.verdict == "fails"
    assert found.advice == [f"The key belongs to the EU: set OTEL_EXPORTER_OTLP_ENDPOINT to {regions[1]}."]
    assert found.response == '401 {"error":"unknown API key - check your credentials"}'


def test_a_key_that_no_region_knows(
    configure: Configure, vendors: Vendors, europe: Vendors, regions: tuple[str, str]
) -> None:
    vendors.behaviour["honeycomb"] = lambda request: UNKNOWN
    auth(vendors, UNKNOWN)
    auth(europe, UNKNOWN)

    found = examine(configure)

    assert found.verdict == "fails"
    assert found.advice[0].startswith("Honeycomb doesn't know the key in any region: make an ingest key")


def test_the_key_is_not_taken_to_where_a_redirect_leads(
    configure: Configure, vendors: Vendors, regions: tuple[str, str]
) -> None:
    with Vendors() as elsewhere:
        location = elsewhere.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]
        auth(vendors, VendorResponse(307, b"", "text/plain", {"Location": f"{location}/1/auth"}))

        found = examine(configure)

        assert (found.verdict, found.advice) == ("works", [])
        assert elsewhere.requests.total() == 0


def test_a_key_that_the_response_quotes_is_not_shown(configure: Configure, vendors: Vendors) -> None:
    """A key, or a part of it, is not shown even if the response quotes it."""

    def quoting(request: Request) -> VendorResponse:
        return VendorResponse(401, f'{{"error":"unknown key {KEY[:20]}... ({KEY})"}}'.encode(), "application/json")

    vendors.behaviour["honeycomb"] = quoting

    found = examine(configure)

    assert found.response == '401 {"error":"unknown key REDACTED... (REDACTED)"}'


def test_a_rejected_span_with_status_200(configure: Configure, vendors: Vendors) -> None:
    """A rejected span is reported, although OTLP's status is 200."""
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = 1
    response.partial_success.error_message = "dataset is full"
    reply = VendorResponse(200, response.SerializeToString(), "application/x-protobuf")
    vendors.behaviour["honeycomb"] = lambda request: reply

    found = examine(configure)

    assert (found.verdict, found.response) == ("fails", "200, the span rejected: dataset is full")


def test_another_program_has_the_port(configure: Configure, vendors: Vendors) -> None:
    vendors.behaviour["honeycomb"] = lambda request: VendorResponse(404, b"<h1>Not Found</h1>", "text/html")

    found = examine(configure)

    assert found.verdict == "fails"
    assert "accepts no spans at /v1/traces: is it another program's port" in found.advice[0]


def test_nothing_listens(configure: Configure) -> None:
    """If nothing listens at the console's place, the advice says how to start the console."""
    found = examine(configure, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")

    assert (found.verdict, found.reachable) == ("fails", False)
    [advice] = found.advice
    assert advice.startswith("Nothing listens at http://127.0.0.1:9: `make run`")
    assert advice.endswith("starts the telemetry console.")


def test_a_web_page_is_no_response_to_a_span(configure: Configure, vendors: Vendors) -> None:
    """A web page is no valid response, although its status is 200: a captive portal responds so."""
    vendors.behaviour["honeycomb"] = lambda request: VendorResponse(200, b"<html>Sign in</html>", "text/html")

    found = examine(configure)

    assert (found.verdict, found.reachable, found.accepted) == ("fails", True, False)
    [advice] = found.advice
    assert "responds with a web page" in advice
