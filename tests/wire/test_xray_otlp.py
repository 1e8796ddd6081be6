"""Over OTLP, X-Ray receives the same spans as Honeycomb, signed, and no segments."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

import sigv4
from gunicorn_server import GunicornServer
from receivers import VendorResponse
from vendors import Record, Request, Vendors
from wire_client import only

QUICK = "wire_app:create_quick_app()"
REGION = "eu-central-1"
KEY = {"key": "dummy", "secret": "dummy", "region": REGION, "service": "xray"}
GROUP = json.loads((Path(__file__).parents[2] / "aws" / "json" / "xray-group.json").read_text())
EVERY = json.loads((Path(__file__).parent / "every_request.json").read_text())["SamplingRule"]
NONE = {**EVERY, "RuleName": "None", "FixedRate": 0.0, "ReservoirSize": 0}


def environ(others: Vendors, xray: Vendors, **variables: str) -> dict[str, str]:
    """Return the vendors' variables, including X-Ray's daemon and its own endpoint for spans."""
    endpoint = xray.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]
    return {**others.environ(), "XRAY_EXPORTER": "otlp", "AWS_ENDPOINT_URL_XRAY": endpoint, **variables}


def ids(spans: list[Record]) -> list[tuple[str, str]]:
    return sorted((span["trace_id"], span["span_id"]) for span in spans)


def test_the_same_trace_reaches_both_and_no_segment_is_sent() -> None:
    """X-Ray has the server span and the service's, once each. The daemon receives no segment."""
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray)) as server:
            server.wait_for_line(rf"X-Ray: on, to {xray.environ()['OTEL_EXPORTER_OTLP_ENDPOINT']}")
            responses = [requests.get(f"{server.url}/api/activities/home", timeout=10) for _ in range(20)]
            requests.get(f"{server.url}/api/health", timeout=10)
        assert len(xray.spans) == 40
        assert ids(xray.spans) == ids(others.spans)
        assert others.documents == xray.documents == []
        assert others.requests["/GetSamplingRules"] == 0

    server_spans = [span for span in xray.spans if span["kind"] == "SERVER"]
    assert {span["trace_id"] for span in server_spans} == {response.headers["X-Request-Id"] for response in responses}
    for span in server_spans:
        xray_id = f"1-{span['trace_id'][:8]}-{span['trace_id'][8:]}"
        assert span["attributes"]["aws.xray.trace_id"] == xray_id
        assert xray_id in {response.headers["X-Amzn-Trace-Id"].removeprefix("Root=") for response in responses}
        assert xray_id in {line["fields"].get("xray_trace_id") for line in others.lines}
        # The group finds a span as it finds a segment.
        (annotation,) = span["attributes"]["aws.xray.annotations"]
        assert GROUP["FilterExpression"] == f'annotation.{annotation} = "{span["attributes"][annotation]}"'


def test_a_span_that_another_thread_ends_after_the_request() -> None:
    """A span that another thread ends later belongs to its sampled request, and is sent to X-Ray as well."""
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray), app=QUICK) as server:
            requests.get(f"{server.url}/api/wire/span-that-ends-later", timeout=10)
            xray.wait_for(lambda: len(xray.spans) == 2, why="the span that ends later")
        assert ids(xray.spans) == ids(others.spans)


def test_an_exception_shows_on_the_span() -> None:
    """The exception is on the span with its stack, and the item names the trace in X-Ray's form."""
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray)) as server:
            requests.get(f"{server.url}/api/wire/failing-service", timeout=10)
        span = only([span for span in xray.spans if span["kind"] == "SERVER"])
        assert [event["name"] for event in span["events"]] == ["exception"]
        assert span["status"]["code"] == "ERROR"
        assert only(others.items)["custom"]["aws.xray.trace_id"] == span["attributes"]["aws.xray.trace_id"]


class Checked:
    """X-Ray's endpoint.

    It checks each request's signature, and refuses a wrong one with 403.
    """

    def __init__(self, xray: Vendors) -> None:
        self.problems: list[str] = []
        self.requests: list[Request] = []
        self.signed: list[set[str]] = []
        xray.behaviour = {"honeycomb": self._check, "xray": self._check}

    def _check(self, request: Request) -> VendorResponse | None:
        self.requests.append(request)
        try:
            self.signed.append(sigv4.check(request.path, request.headers, request.body, **KEY))
        except sigv4.NotSigned as error:
            self.problems.append(f"{request.path}: {error}")
            return VendorResponse(403, b"", "application/json")
        return None


def test_every_request_is_signed() -> None:
    """Requests with spans and requests for sampling rules are signed, by a check without the signer's code.

    The token of temporary credentials is sent, and signed.
    """
    with Vendors() as others, Vendors() as xray:
        checked = Checked(xray)
        with GunicornServer(environ(others, xray, AWS_SESSION_TOKEN="a-token"), app=QUICK) as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            xray.wait_for(
                lambda: len(xray.spans) == 2 and "/GetSamplingRules" in {asked.path for asked in checked.requests},
                why="both spans, and the request for rules",
            )
        assert checked.problems == []
        assert {request.path for request in checked.requests} == {"/v1/traces", "/GetSamplingRules"}
        assert {request.headers["X-Amz-Security-Token"] for request in checked.requests} == {"a-token"}
        assert all("x-amz-security-token" in signed for signed in checked.signed)
        request = next(request for request in checked.requests if request.path == "/v1/traces")
        with pytest.raises(sigv4.NotSigned, match="isn't that of this request"):
            sigv4.check(request.path, request.headers, request.body + b"x", **KEY)


def test_honeycombs_key_stays_with_honeycomb() -> None:
    """Honeycomb's key is not sent to X-Ray, although OpenTelemetry would add it."""
    seen: list[Request] = []
    with Vendors() as others, Vendors() as xray:
        others.behaviour["honeycomb"] = seen.append
        checked = Checked(xray)
        variables = {"OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=s3cret"}
        with GunicornServer(environ(others, xray, **variables)) as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
    assert {request.headers["x-honeycomb-team"] for request in seen} == {"s3cret"}
    assert all("authorization" not in {name.lower() for name in request.headers} for request in seen)
    assert checked.requests
    assert "s3cret" not in repr([dict(request.headers) for request in checked.requests])


@pytest.mark.parametrize(("rule", "sampled"), [(EVERY, True), (NONE, False)])
def test_the_rules_made_in_aws_decide_what_x_ray_gets(rule: dict[str, Any], sampled: bool, tmp_path: Path) -> None:
    """AWS's rules decide what X-Ray receives, whatever the local rule is. Honeycomb receives every trace."""
    local = tmp_path / "rule.json"
    local.write_text(json.dumps({"SamplingRule": NONE if sampled else EVERY}))
    with Vendors() as others, Vendors([rule]) as xray:
        variables = environ(others, xray, XRAY_SAMPLING_RULE=str(local))
        with GunicornServer(variables, app=QUICK) as server:
            # The sampler has the rules a moment after the response. Send requests until they apply, and then some more.
            for number in range(1, 30):
                requests.get(f"{server.url}/api/activities/home", timeout=10)
                others.wait_for(lambda number=number: len(others.spans) == 2 * number, why="the request's spans")
                if ("application" in last_server_span(others)["attributes"]) == sampled:
                    break
            before = {span["trace_id"] for span in xray.spans} | {last_server_span(others)["trace_id"]}
            for _ in range(10):
                requests.get(f"{server.url}/api/activities/home", timeout=10)
        later = {span["trace_id"] for span in xray.spans} - before
        assert len(later) == (10 if sampled else 0)
        assert len(others.spans) == 2 * (number + 10)


def test_a_repeated_trace_id_does_not_decide_on_sampling() -> None:
    """The rules apply to each request, even if a forged frontend repeats a sampled request's trace id."""
    home = {**EVERY, "RuleName": "Home", "URLPath": "/api/activities/home"}
    with Vendors() as others, Vendors([home, {**NONE, "Priority": 2}]) as xray:
        trusting = {"TRUST_TRACE_HEADERS": "frontend", "FRONTEND_URL": "http://localhost:3000"}
        with GunicornServer(environ(others, xray, **trusting), "--workers=1", app=QUICK) as server:

            def request(path: str, number: int) -> None:
                claim = {"traceparent": f"00-{number:032x}-{1:016x}-01", "Origin": "http://localhost:3000"}
                sent = len(others.spans)
                assert requests.get(server.url + path, headers=claim, timeout=10).status_code == 200
                others.wait_for(lambda: len(others.spans) == sent + 2, why="the request's spans")

            # The sampler has the rules a moment after the start, and uses its own rule until then.
            for number in range(1, 30):
                request("/api/messages/@worf", number)
                if "application" not in last_server_span(others)["attributes"]:
                    break
            for path in ("/api/activities/home", "/api/messages/@worf", "/api/activities/home"):
                request(path, 4242)
        of_one = [span for span in xray.spans if span["trace_id"] == f"{4242:032x}"]
    assert [span["name"] for span in of_one if span["kind"] == "SERVER"] == ["GET /api/activities/home"] * 2
    assert len(of_one) == 4


def last_server_span(vendors: Vendors) -> Record:
    return [span for span in vendors.spans if span["kind"] == "SERVER"][-1]


def test_spans_that_x_ray_refuses_are_sent_again() -> None:
    """Spans that X-Ray refuses are sent again, even after a 403, because credentials expire and are renewed.

    None arrives twice.
    """
    refused: list[Request] = []

    def refuse_three_times(request: Request) -> VendorResponse | None:
        if len(refused) == 3:
            return None
        refused.append(request)
        return VendorResponse(403, b"", "application/json")

    with Vendors() as others, Vendors() as xray:
        xray.behaviour["honeycomb"] = refuse_three_times
        with GunicornServer(environ(others, xray), app=QUICK) as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            xray.wait_for(lambda: len(xray.spans) == 2, why="both spans, in the end")
            server.wait_for_line(r'"vendor_in_trouble","vendor":"X-Ray","why":"the endpoint responded 403"')
            server.wait_for_line('"vendor_recovered","vendor":"X-Ray"')
            health = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]["X-Ray"]
        assert (health["sent"], health["dropped"], health["failed"]) == (2, 0, 0)
        assert ids(xray.spans) == ids(others.spans)


def test_without_credentials_the_api_serves(tmp_path: Path) -> None:
    """Without credentials, the API serves, the spans wait, and /api/health says why."""
    with Vendors() as others, Vendors() as xray:
        nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
        with GunicornServer(environ(others, xray, **nobody), app=QUICK) as server:
            assert requests.get(f"{server.url}/api/activities/home", timeout=10).status_code == 200
            server.wait_for_line(r'"X-Ray","why":"a request can\'t be signed: NoCredentialsError')
            health = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"]["X-Ray"]
        assert (health["waiting"], "NoCredentialsError" in health["last_error"]) == (2, True)
        assert xray.requests.total() == 0
        assert len(others.spans) == 2


@pytest.mark.parametrize("variable", ["AWS_REGION=", "AWS_XRAY_SDK_ENABLED=false", "OTEL_SDK_DISABLED=true"])
def test_off(variable: str) -> None:
    """X-Ray is off without a region, or if one of the SDKs that it needs is off."""
    name, _, value = variable.partition("=")
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray, **{name: value})) as server:
            server.wait_for_line("X-Ray: off, turned on by ")
            assert requests.get(f"{server.url}/api/activities/home", timeout=10).status_code == 200
        assert xray.requests.total() == 0
        assert others.documents == []
