"""X-Ray receives the requests that AWS's rules sample, or without them, the shipped rule."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from aws_xray_sdk.core.sampling.sampling_rule import SamplingRule

from gunicorn_server import GunicornServer
from vendors import Vendors
from wire_client import received

QUICK = "wire_app:create_quick_app()"
SHIPPED = Path(__file__).parents[2] / "aws" / "json" / "xray.json"


def rule(**facts: Any) -> dict[str, Any]:
    shipped = json.loads(SHIPPED.read_text())["SamplingRule"]
    return {**shipped, "RuleName": "MadeInAWS", "Priority": 1, **facts}


def rule_file(folder: Path, **facts: Any) -> str:
    path = folder / "rule.json"
    path.write_text(json.dumps({"SamplingRule": rule(**facts)}))
    return str(path)


def send_requests(server: GunicornServer, times: int = 1) -> None:
    with requests.Session() as session:
        for _ in range(times):
            session.get(f"{server.url}/api/activities/home", timeout=10).raise_for_status()


def server_spans(vendors: Vendors) -> list[dict[str, Any]]:
    return [span for span in vendors.spans if span["kind"] == "SERVER"]


def ask_until(server: GunicornServer, vendors: Vendors, sampled: bool) -> None:
    """Send one request at a time until one is sampled, or not.

    The sampler has the rules a moment after the daemon responded.
    """
    for number in range(1, 20):
        send_requests(server)
        vendors.wait_for(lambda number=number: len(server_spans(vendors)) == number, why="the request's span")
        if ("aws.xray.segment_id" in server_spans(vendors)[-1]["attributes"]) == sampled:
            return
    raise AssertionError("the rule was not obeyed")


def test_a_rule_made_in_aws_is_obeyed() -> None:
    """AWS's rule samples nothing, although the local rule would sample everything."""
    with Vendors() as vendors:
        vendors.sampling.rules = [rule(FixedRate=0.0, ReservoirSize=0)]
        with GunicornServer(vendors.environ(), app=QUICK) as server:
            ask_until(server, vendors, sampled=False)
            before = len(vendors.documents)
            send_requests(server, 50)
        assert len(vendors.documents) == before


def test_a_rule_made_in_aws_is_named_on_the_segment(tmp_path: Path) -> None:
    """AWS's rule samples everything, although the local rule would sample nothing. The segment names the rule."""
    with Vendors() as vendors:
        vendors.sampling.rules = [rule(FixedRate=1.0)]
        environ = {**vendors.environ(), "XRAY_SAMPLING_RULE": rule_file(tmp_path, FixedRate=0.0, ReservoirSize=0)}
        with GunicornServer(environ, app=QUICK) as server:
            ask_until(server, vendors, sampled=True)
        assert {segment["aws"]["xray"]["sampling_rule_name"] for segment in vendors.documents} == {"MadeInAWS"}


def test_without_the_daemons_api_the_shipped_rule_is_obeyed() -> None:
    """The shipped rule samples five per second and a tenth of the rest: of 400 fast requests some, and most not."""
    with Vendors() as vendors:
        udp = vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"]
        nobody_listens = "tcp:127.0.0.1:9"
        environ = {
            **vendors.environ(),
            "AWS_XRAY_DAEMON_ADDRESS": f"{nobody_listens} udp:{udp}",
            "XRAY_SAMPLING_RULE": "",
        }
        with GunicornServer(environ) as server:
            send_requests(server, 400)
    assert 5 <= len(vendors.documents) < 200


def test_a_request_that_isnt_sampled_is_whole_in_the_others(tmp_path: Path) -> None:
    """An unsampled request has no segment, but its span with the exception, its ERROR line and its item."""
    with Vendors() as vendors:
        environ = {**vendors.environ(), "XRAY_SAMPLING_RULE": rule_file(tmp_path, FixedRate=0.0, ReservoirSize=0)}
        with GunicornServer(environ) as server:
            response = requests.get(f"{server.url}/api/wire/failing-service", timeout=10)
        seen = received(vendors, response, response.headers["X-Request-Id"])
        assert seen.documents == []
        assert [event["name"] for event in seen.server_span["events"]] == ["exception"]
        assert (seen.access_line["level"], len(seen.items)) == ("ERROR", 1)


@pytest.mark.parametrize("xray_url", [None, "*4567-workspace.example.com"])
def test_the_shipped_rule_matches_the_segment(xray_url: str | None) -> None:
    """X-Ray's SDK chooses the rule `Cruddur` for a browser's request, whatever the segment's name is, and so does the
    group.
    """
    host = "4567-workspace.example.com"
    with Vendors() as vendors, GunicornServer({**vendors.environ(), "AWS_XRAY_URL": xray_url or ""}) as server:
        requests.get(f"{server.url}/api/activities/home", headers={"Host": host}, timeout=10)
        vendors.wait_for(lambda: vendors.documents != [], why="the segment")
    segment = vendors.documents[0]

    assert segment["name"] == (host if xray_url else "backend-flask")
    ((key, value),) = segment["annotations"].items()
    group = json.loads((SHIPPED.parent / "xray-group.json").read_text())
    assert group["FilterExpression"] == f'annotation.{key} = "{value}"'
    shipped = json.loads(SHIPPED.read_text())["SamplingRule"]
    assert (shipped["RuleName"], shipped["Priority"], shipped["FixedRate"], shipped["ReservoirSize"]) == (
        "Cruddur",
        9000,
        0.1,
        5,
    )
    cruddur = SamplingRule(
        shipped["RuleName"],
        shipped["Priority"],
        shipped["FixedRate"],
        shipped["ReservoirSize"],
        host=shipped["Host"],
        method=shipped["HTTPMethod"],
        path=shipped["URLPath"],
        service=shipped["ServiceName"],
        service_type=shipped["ServiceType"],
    )
    assert cruddur.match({"host": host, "method": "GET", "path": "/api/activities/home", "service": segment["name"]})
