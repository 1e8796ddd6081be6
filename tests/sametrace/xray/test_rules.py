"""The client of the daemon's sampling API behaves like botocore's."""

import subprocess
import sys
import time
import traceback
from typing import Any

import botocore.session
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config
from sametrace.xray.address import tcp_url
from sametrace.xray.rules import RulesClient, clients_of_daemon

from receivers import VendorResponse
from vendors import Vendors

RULE = {
    "RuleName": "half",
    "ResourceARN": "*",
    "Priority": 1,
    "FixedRate": 0.5,
    "ReservoirSize": 3,
    "ServiceName": "*",
    "ServiceType": "*",
    "Host": "*",
    "HTTPMethod": "*",
    "URLPath": "/api/*",
    "Version": 1,
    "Attributes": {},
}


def url(vendors: Vendors) -> str:
    return tcp_url(vendors.environ())


def stock_client(vendors: Vendors) -> Any:
    """Return the client that the SDK makes."""
    return botocore.session.get_session().create_client(
        "xray",
        endpoint_url=url(vendors),
        region_name="us-west-2",
        config=Config(signature_version=UNSIGNED),
        aws_access_key_id="",
        aws_secret_access_key="",
    )


def test_it_returns_what_botocores_client_returns() -> None:
    """It returns the same rules, and the same targets for reported statistics."""
    report = {"RuleName": "half", "ClientID": "a" * 24, "RequestCount": 2, "SampledCount": 1, "BorrowCount": 0}
    with Vendors(sampling_rules=[RULE]) as vendors:
        ours, stock = RulesClient(url(vendors)), stock_client(vendors)
        rules, stock_rules = ours.get_sampling_rules(), stock.get_sampling_rules()
        reports = {"SamplingStatisticsDocuments": [{**report, "Timestamp": int(time.time())}]}
        targets, stock_targets = ours.get_sampling_targets(**reports), stock.get_sampling_targets(**reports)
        stock.close()

    assert [record["SamplingRule"] for record in rules["SamplingRuleRecords"]] == [
        record["SamplingRule"] for record in stock_rules["SamplingRuleRecords"]
    ]
    assert targets["LastRuleModification"] == stock_targets["LastRuleModification"]
    [target], [stock_target] = targets["SamplingTargetDocuments"], stock_targets["SamplingTargetDocuments"]
    assert abs((target.pop("ReservoirQuotaTTL") - stock_target.pop("ReservoirQuotaTTL")).total_seconds()) <= 2
    assert target == stock_target


def test_no_proxy_is_used_for_the_daemon(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert "SamplingRuleRecords" in RulesClient(url(vendors)).get_sampling_rules()


def test_a_refusal_is_raised(vendors: Vendors) -> None:
    """A refusal is raised, and the SDK's poller keeps its rules and tries again."""
    vendors.behaviour["xray"] = lambda _: VendorResponse(403, b'{"message": "no"}', "application/json")
    with pytest.raises(requests.HTTPError, match=r"/GetSamplingRules: 403 .*no"):
        RulesClient(url(vendors)).get_sampling_rules()


def test_an_unreachable_daemon_takes_few_lines_of_the_log() -> None:
    """The SDK's poller logs the whole traceback, in each worker every five minutes."""
    with pytest.raises(requests.RequestException, match=r"/GetSamplingRules: ConnectionError: .*refused") as raised:
        RulesClient("http://127.0.0.1:9").get_sampling_rules()
    assert len("".join(traceback.format_exception(raised.value)).splitlines()) < 15


def test_other_threads_get_botocores_session() -> None:
    """Other threads get botocore's session during the SDK's import, and every thread afterwards."""
    with clients_of_daemon():
        assert isinstance(botocore.session.get_session().create_client("xray", endpoint_url=""), RulesClient)
    assert isinstance(botocore.session.get_session(), botocore.session.Session)


def test_no_service_description_is_read() -> None:
    """No service description is read, although the SDK's import makes botocore's client, with 3 MB of JSON."""
    script = """
import sys
opened = []
sys.addaudithook(lambda event, of: opened.append(str(of[0])) if event == "open" else None)
from flask import Flask
from sametrace import Telemetry
from sametrace.xray import XRay
Telemetry(XRay(daemon_address="127.0.0.1:9")).init_app(Flask("shop"))
print([path for path in opened if "botocore/data" in path])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
