"""The doctor checks X-Ray: the daemon, which passes on AWS's responses, the sampling rules, and OTLP."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from sametrace.xray import XRay

from doctor_runs import Configure, make_probe
from receivers import VendorResponse
from vendors import Vendors

RULE = {
    "RuleName": "Cruddur",
    "ResourceARN": "*",
    "Priority": 9000,
    "FixedRate": 0.1,
    "ReservoirSize": 5,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "*",
    "Version": 1,
}
DEFAULT = RULE | {"RuleName": "Default", "Priority": 10000}


def error(status: int, code: str, message: str) -> VendorResponse:
    return VendorResponse(
        status, json.dumps({"message": message}).encode(), "application/json", {"x-amzn-ErrorType": code}
    )


def except_datagrams(vendors: Vendors, reply: VendorResponse) -> None:
    vendors.behaviour["xray"] = lambda request: reply if request.path.startswith("/") else None


def test_a_segment_is_handed_over(configure: Configure, vendors: Vendors) -> None:
    """The segment goes by UDP, which has no receipt, and its subsegment over the daemon's TCP port, which has one."""
    configure()
    probe = make_probe()
    found = XRay(annotations={"application": "cruddur"}).examine(probe)

    assert (found.verdict, found.advice) == ("works", [])
    assert found.response.startswith("the segment was sent by UDP, X-Ray accepted its subsegment")
    vendors.wait_for(lambda: len(vendors.documents) == 2, why="the segment and its subsegment")
    segment, subsegment = sorted(vendors.documents, key=lambda document: "parent_id" in document)
    assert segment["trace_id"] == probe.ids.xray
    assert segment["annotations"] == {"application": "cruddur", "test": True}
    assert (subsegment["trace_id"], subsegment["type"]) == (probe.ids.xray, "subsegment")
    assert subsegment["parent_id"] == segment["id"]
    assert segment["start_time"] <= subsegment["start_time"] <= subsegment["end_time"] <= segment["end_time"]
    assert found.link.endswith(f"#xray:traces/{probe.ids.xray}")
    assert found.shares_page


def test_no_proxy_is_used_for_the_daemon(
    configure: Configure, vendors: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon is requested directly, as by the app, although HTTP_PROXY is set."""
    configure()
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert XRay().examine(make_probe()).verdict == "works"


def test_a_subsegment_that_x_ray_does_not_process(configure: Configure, vendors: Vendors) -> None:
    """An unprocessed subsegment is reported, although PutTraceSegments' status is 200."""
    unprocessed = {"UnprocessedTraceSegments": [{"Id": "1", "ErrorCode": "Throttled", "Message": "no"}]}
    reply = VendorResponse(200, json.dumps(unprocessed).encode(), "application/json")
    vendors.behaviour["xray"] = lambda request: reply if request.path == "/TraceSegments" else None

    configure()
    found = XRay().examine(make_probe())

    assert (found.verdict, found.response) == ("fails", "200, the subsegment not processed: Throttled")


def test_no_daemon_listens(configure: Configure) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    configure(AWS_XRAY_DAEMON_ADDRESS=f"127.0.0.1:{port}")
    found = XRay().examine(make_probe())

    assert (found.verdict, found.reachable) == ("fails", False)
    [advice] = found.advice
    assert advice.startswith(f"No daemon listens at 127.0.0.1:{port}: start it")


def test_the_daemons_name_cannot_be_resolved(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def without_xray_daemon(host: Any, *arguments: Any, **named: Any) -> Any:
        if host == "xray-daemon":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", without_xray_daemon)
    configure(AWS_XRAY_DAEMON_ADDRESS="xray-daemon:2000")
    found = XRay().examine(make_probe())

    assert found.verdict == "fails"
    [advice] = found.advice
    assert advice.startswith("The daemon's name, xray-daemon, can't be resolved: in docker compose")
    assert advice.endswith("outside use localhost:2000.")


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (
            error(
                403,
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/me is not authorized to perform: xray:PutTraceSegments",
            ),
            "The credentials lack the permission xray:PutTraceSegments: attach the policy",
        ),
        (error(403, "ExpiredTokenException", "The security token included in the request is expired"), "have expired"),
        (
            error(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
            "AWS doesn't know AWS_ACCESS_KEY_ID",
        ),
        # Without credentials, the daemon forwards the request unsigned.
        (
            error(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
            "The daemon has no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where it runs",
        ),
        # The response of another program, or of a captive portal.
        (VendorResponse(200, b"<html>Sign in</html>", "text/html"), "isn't AWS: does another program have the port?"),
        # The daemon's own response when it can't reach AWS. It is Go's reverse proxy.
        (VendorResponse(502, b"", ""), "The daemon can't reach AWS: does its AWS_REGION exist"),
    ],
)
def test_what_the_daemon_is_refused(reply: VendorResponse, advice: str, configure: Configure, vendors: Vendors) -> None:
    """AWS's refusal is explained, with the daemon's credentials if it has any."""
    except_datagrams(vendors, reply)

    configure()
    found = XRay().examine(make_probe())

    assert (found.verdict, found.reachable, found.accepted) == ("fails", True, False)
    assert advice in found.advice[0]
    assert "123456789012" not in str(found)


def test_the_permission_for_sampling_rules_is_missing(configure: Configure, vendors: Vendors) -> None:
    """A missing permission for sampling rules is reported: segments arrive, but AWS's rules do not apply."""
    refusal = error(403, "AccessDeniedException", "User: me is not authorized to perform: xray:GetSamplingRules")
    vendors.behaviour["xray"] = lambda request: refusal if request.path == "/GetSamplingRules" else None

    configure()
    found = XRay().examine(make_probe())

    assert found.verdict == "fails"
    assert found.advice[0].startswith("The credentials lack the permission xray:GetSamplingRules: attach the policy")


@pytest.mark.parametrize(
    ("rules", "service", "advised"),
    [
        ([DEFAULT], "backend-flask", False),
        ([RULE | {"ServiceName": "Cruddur"}, DEFAULT], "backend-flask", True),
        ([RULE | {"ServiceName": "Cruddur"}, DEFAULT], "cruddur", False),
        (
            [RULE | {"ServiceName": "other"}, RULE | {"RuleName": "ours", "ServiceName": "back*"}],
            "backend-flask",
            False,
        ),
    ],
)
def test_a_rule_in_aws_that_is_for_another_name(
    rules: list[dict[str, Any]], service: str, advised: bool, configure: Configure, vendors: Vendors
) -> None:
    """A rule for another name is reported with the segments' name. Segments still arrive by the default rule."""
    vendors.sampling.rules = rules

    configure(OTEL_SERVICE_NAME=service)
    found = XRay().examine(make_probe())

    assert found.verdict == "works"
    expected = (
        "No sampling rule in AWS is for the app's segments: Cruddur is for ServiceName Cruddur, but segments are named "
        "backend-flask: use * as its ServiceName."
    )
    assert found.advice == ([expected] if advised else [])


def test_a_rule_file_that_is_for_another_name(configure: Configure, tmp_path: Path) -> None:
    """A rule file for another name is reported, even with AWS_XRAY_URL, which names segments after their host."""
    path = tmp_path / "rule.json"
    path.write_text(json.dumps({"SamplingRule": RULE | {"ServiceName": "backend-*"}}))
    configure()

    assert XRay(sampling_rule=path).examine(make_probe()).advice == []
    [advice] = XRay(sampling_rule=path, url="*4567-*.gitpod.io*").examine(make_probe()).advice
    assert advice == (
        "rule.json is for ServiceName backend-*, but segments are named backend-flask or like *4567-*.gitpod.io*: "
        "use * as its ServiceName."
    )


def over_otlp(configure: Configure, vendors: Vendors, **settings: str | None) -> Any:
    endpoint = vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"]
    configure(XRAY_EXPORTER="otlp", AWS_ENDPOINT_URL_XRAY=endpoint, **settings)
    return XRay().examine(make_probe())


def test_over_otlp_a_span_is_taken(configure: Configure, vendors: Vendors) -> None:
    found = over_otlp(configure, vendors)

    assert (found.verdict, found.advice) == ("works", [])
    assert [span["name"] for span in vendors.spans] == ["doctor-test"]


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (
            error(
                403,
                "AccessDeniedException",
                "User: me is not authorized to perform: xray:PutTraceSegments on resource: *",
            ),
            "The credentials lack the permission xray:PutTraceSegments",
        ),
        (
            error(
                400,
                "InvalidRequestException",
                "The OTLP API is supported with CloudWatch Logs as a Trace Segment Destination.",
            ),
            "Traces over OTLP need Transaction Search",
        ),
    ],
)
def test_over_otlp_aws_refuses(reply: VendorResponse, advice: str, configure: Configure, vendors: Vendors) -> None:
    vendors.behaviour["honeycomb"] = lambda request: reply

    found = over_otlp(configure, vendors)

    assert found.verdict == "fails"
    assert found.advice[0].startswith(advice)


def test_over_otlp_a_span_is_rejected(configure: Configure, vendors: Vendors) -> None:
    """A rejected span or a web page is reported, although the status is 200."""
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = 1
    response.partial_success.error_message = "too long"
    reply = VendorResponse(200, response.SerializeToString(), "application/x-protobuf")
    vendors.behaviour["honeycomb"] = lambda request: reply
    found = over_otlp(configure, vendors)
    assert (found.verdict, found.response) == ("fails", "200, the span rejected: too long")
    assert found.advice == ["X-Ray doesn't accept the span: its response says why."]

    page = VendorResponse(200, b"<html>Sign in</html>", "text/html")
    vendors.behaviour["honeycomb"] = lambda request: page
    [advice] = over_otlp(configure, vendors).advice
    assert "responds with a web page" in advice


def test_over_otlp_without_credentials(configure: Configure, vendors: Vendors) -> None:
    found = over_otlp(configure, vendors, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)

    assert found.verdict == "fails"
    assert found.advice[0].startswith("No AWS credentials were found")


def test_over_otlp_in_a_region_that_cannot_be(configure: Configure) -> None:
    configure(XRAY_EXPORTER="otlp", AWS_REGION="us east")
    found = XRay().examine(make_probe())

    assert found.verdict == "fails"
    assert found.advice == ["AWS_REGION isn't the name of a region: set it to one, such as us-east-1."]
