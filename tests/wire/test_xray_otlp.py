"""X-Ray over OTLP: the trace that Honeycomb has, as spans, signed, and no segment beside them."""

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
    """The vendors' variables, X-Ray's daemon among them, and an endpoint of X-Ray's own for spans."""
    endpoint = xray.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]
    return {**others.environ(), "XRAY_EXPORTER": "otlp", "AWS_ENDPOINT_URL_XRAY": endpoint, **variables}


def ids(spans: list[Record]) -> list[tuple[str, str]]:
    return sorted((span["trace_id"], span["span_id"]) for span in spans)


def test_the_same_trace_reaches_both_and_no_segment_is_sent() -> None:
    """The server span and the service's, each once; the daemon, though its address is set, gets nothing."""
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
    """It belongs to a request that was sampled, and goes the same way."""
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray), app=QUICK) as server:
            requests.get(f"{server.url}/api/wire/span-that-ends-later", timeout=10)
            xray.wait_for(lambda: len(xray.spans) == 2, why="the span that ends later")
        assert ids(xray.spans) == ids(others.spans)


def test_an_exception_shows_on_the_span() -> None:
    """With its stack; the item names the trace as X-Ray does."""
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray)) as server:
            requests.get(f"{server.url}/api/wire/failing-service", timeout=10)
        span = only([span for span in xray.spans if span["kind"] == "SERVER"])
        assert [event["name"] for event in span["events"]] == ["exception"]
        assert span["status"]["code"] == "ERROR"
        assert only(others.items)["custom"]["aws.xray.trace_id"] == span["attributes"]["aws.xray.trace_id"]


class Checked:
    """X-Ray's endpoint, as it was requested:

    each request's signature checked, and refused with 403 where it's wrong.
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
    """Those with spans, and those that ask for sampling rules; by a check that shares no code with what signs. The
    token of temporary credentials is sent along, and signed.
    """
    with Vendors() as others, Vendors() as xray:
        checked = Checked(xray)
        with GunicornServer(environ(others, xray, AWS_SESSION_TOKEN="a-token"), app=QUICK) as server:
            requests.get(f"{server.url}/api/activities/home", timeout=10)
            xray.wait_for(
                lambda: len(xray.spans) == 2 and "/GetSamplingRules" in {asked.path for asked in checked.requests},
                why="both spans, and the question for rules",
            )
        assert checked.problems == []
        assert {request.path for request in checked.requests} == {"/v1/traces", "/GetSamplingRules"}
        assert {request.headers["X-Amz-Security-Token"] for request in checked.requests} == {"a-token"}
        assert all("x-amz-security-token" in signed for signed in checked.signed)
        request = next(request for request in checked.requests if request.path == "/v1/traces")
        with pytest.raises(sigv4.NotSigned, match="isn't that of this request"):
            sigv4.check(request.path, request.headers, request.body + b"x", **KEY)


def test_honeycombs_key_stays_with_honeycomb() -> None:
    """OpenTelemetry would put it on the requests to X-Ray, too."""
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
    """Whatever the local rule would say; Honeycomb gets every trace."""
    local = tmp_path / "rule.json"
    local.write_text(json.dumps({"SamplingRule": NONE if sampled else EVERY}))
    with Vendors() as others, Vendors([rule]) as xray:
        variables = environ(others, xray, XRAY_SAMPLING_RULE=str(local))
        with GunicornServer(variables, app=QUICK) as server:
            # The sampler has the rules a moment after they were responded to: requested until they hold, and then some
            # more.
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
    """A caller that pretends to be the frontend, with the trace id of a request that is sampled: the rules still hold
    for each request.
    """
    home = {**EVERY, "RuleName": "Home", "URLPath": "/api/activities/home"}
    with Vendors() as others, Vendors([home, {**NONE, "Priority": 2}]) as xray:
        trusting = {"TRUST_TRACE_HEADERS": "frontend", "FRONTEND_URL": "http://localhost:3000"}
        with GunicornServer(environ(others, xray, **trusting), "--workers=1", app=QUICK) as server:

            def request(path: str, number: int) -> None:
                claim = {"traceparent": f"00-{number:032x}-{1:016x}-01", "Origin": "http://localhost:3000"}
                sent = len(others.spans)
                assert requests.get(server.url + path, headers=claim, timeout=10).status_code == 200
                others.wait_for(lambda: len(others.spans) == sent + 2, why="the request's spans")

            # The sampler has the rules a moment after the start, and samples by its own rule until then.
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


def test_what_x_ray_does_not_take_at_first_is_sent_again() -> None:
    """Even a 403: credentials run out, and are renewed. Nothing is lost, nothing comes twice."""
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


def test_without_credentials_the_api_serves_and_says_so(tmp_path: Path) -> None:
    """The spans wait, and /api/health says for what."""
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
    """Without a region, or where one of the two SDKs that it needs is turned off."""
    name, _, value = variable.partition("=")
    with Vendors() as others, Vendors() as xray:
        with GunicornServer(environ(others, xray, **{name: value})) as server:
            server.wait_for_line("X-Ray: off, turned on by ")
            assert requests.get(f"{server.url}/api/activities/home", timeout=10).status_code == 200
        assert xray.requests.total() == 0
        assert others.documents == []
