"""sametrace reads the SDKs' own variables, and keywords instead of them."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sametrace import SettingError, Telemetry, aws, settings
from sametrace.cloudwatch import CloudWatchLogs
from sametrace.honeycomb import Honeycomb
from sametrace.rollbar import Rollbar
from sametrace.xray import XRay


def test_a_variable_that_is_empty_is_not_set(unset: pytest.MonkeyPatch) -> None:
    """An empty variable is unset, because docker compose passes "". A keyword wins over it, and None is no keyword."""
    for name, value in {"AWS_REGION": " ", "ROLLBAR_ENDPOINT": "http://a", "CLOUDWATCH_LOG_GROUP": "b"}.items():
        unset.setenv(name, value)
    environ = settings.environment({"CLOUDWATCH_LOG_GROUP": "given", "ROLLBAR_ENDPOINT": None, "RULE": Path("r")})

    assert "AWS_REGION" not in environ
    assert (environ["ROLLBAR_ENDPOINT"], environ["CLOUDWATCH_LOG_GROUP"]) == ("http://a", "given")
    assert environ["RULE"] == "r"


def test_empty_variables_are_taken_out_for_the_sdks(unset: pytest.MonkeyPatch) -> None:
    """Only empty variables are removed for the SDKs."""
    for name, value in {"AWS_PROFILE": "", "AWS_REGION": " ", "AWS_XRAY_URL": "http://a"}.items():
        unset.setenv(name, value)
    settings.drop_empty("AWS_PROFILE", "AWS_REGION", "AWS_XRAY_URL", "AWS_DEFAULT_REGION")

    assert [name for name in os.environ if name.startswith("AWS_")] == ["AWS_XRAY_URL"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("yes", True), ("TRUE ", True), ("1", True), ("no", False), ("False", False), ("0", False), (None, False)],
)
def test_yes_and_no(value: str | None, expected: bool) -> None:
    assert settings.yes_or_no({} if value is None else {"X": value}, "X") is expected


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("console", True), ("127.1.2.3", True), ("::1", True), ("10.0.0.1", False), (None, False)],
)
def test_which_hosts_are_this_machine(host: str | None, here: bool) -> None:
    """This machine includes the console's host name under docker compose."""
    assert settings.is_this_machine(host) == here


VENDORS: dict[str, Any] = {
    "OTEL": Honeycomb,
    "XRAY": XRay,
    "AWS_XRAY": XRay,
    "AWS_ENDPOINT_URL_XRAY": XRay,
    "AWS_ENDPOINT_URL_CLOUDWATCH": CloudWatchLogs,
    "ROLLBAR": Rollbar,
    "TRUST": None,
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "api.honeycomb.io"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a:0"),
        ("OTEL_TRACES_CONSOLE", "maybe"),
        ("TRUST_TRACE_HEADERS", "2"),
        ("TRUST_TRACE_HEADERS", "frontend"),
        ("TRUST_TRACE_HEADERS", "always"),
        ("XRAY_EXPORTER", "both"),
        ("AWS_XRAY_DAEMON_ADDRESS", "xray-daemon"),
        ("AWS_XRAY_DAEMON_ADDRESS", "http://xray-daemon:2000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "tcp:a:1 tcp:b:2"),
        ("AWS_XRAY_DAEMON_ADDRESS", "a:70000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "a:²"),
        ("AWS_XRAY_DAEMON_ADDRESS", "xray_daemon:2000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "tcp:xray-daemon:2000 udp:xray_daemon:2000"),
        ("XRAY_SAMPLING_RULE", "/no/such/file.json"),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "ftp://example.com"),
        ("ROLLBAR_ENDPOINT", "rollbar"),
    ],
)
@pytest.mark.usefixtures("nothing_wired")
def test_a_wrong_value_is_named(unset: pytest.MonkeyPatch, name: str, value: str) -> None:
    """An invalid value is reported with its variable, before anything is wired."""
    unset.setenv(name, value)
    vendor = next(vendor for begin, vendor in reversed(VENDORS.items()) if name.startswith(begin))
    with pytest.raises(SettingError, match=f"{name} is {re.escape(repr(value))}"):
        Telemetry(*([vendor()] if vendor else [])).init_app(Flask(__name__))


@pytest.mark.usefixtures("nothing_wired", "unset")
@pytest.mark.parametrize(
    ("keywords", "problem"),
    [
        ({"trust_trace_headers": "always"}, "TRUST_TRACE_HEADERS is 'always': use no, yes or frontend"),
        (
            {"trust_trace_headers": "frontend", "frontend_url": "https://example.com/app"},
            "FRONTEND_URL is 'https://example.com/app': use an origin",
        ),
    ],
)
def test_a_wrong_keyword_is_named(keywords: dict[str, Any], problem: str) -> None:
    """An invalid keyword is reported by its variable."""
    with pytest.raises(SettingError, match=f"^{re.escape(problem)}"):
        Telemetry(**keywords).init_app(Flask(__name__))


@pytest.mark.usefixtures("nothing_wired")
def test_a_secret_in_a_url_is_refused_and_not_repeated(unset: pytest.MonkeyPatch) -> None:
    """A URL with a secret is refused without repeating it, because URLs are shown at the start and in health()."""
    telemetry = Telemetry(Rollbar(endpoint="https://me:s3cret@example.com/"))
    with pytest.raises(SettingError, match="ROLLBAR_ENDPOINT contains a user name or a password") as refusal:
        telemetry.init_app(Flask(__name__))
    assert "s3cret" not in str(refusal.value)


def test_the_keys_in_headers_are_known() -> None:
    """The keys in headers are known, decoded and encoded, as an error may quote them."""
    headers = (
        "x-honeycomb-team=hcaik%2B0123456789,Authorization=Bearer%20token-012345,x-honeycomb-dataset=backend-flask"
    )
    assert {key.split()[-1] for key in settings.keys_of_headers(headers)} == {
        "hcaik%2B0123456789",
        "hcaik+0123456789",
        "Bearer%20token-012345",
        "token-012345",
    }
    assert set(aws.keys({"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})) == {"a", "b", ""}


@pytest.mark.parametrize(
    ("endpoint", "page"),
    [
        ("http://localhost:4318/api/1/", "http://localhost:4318"),
        ("http://console/api", "http://localhost:80"),
        ("https://api.rollbar.com/", ""),
        (None, ""),
    ],
)
def test_the_page_of_a_vendor_on_this_machine(endpoint: str | None, page: str) -> None:
    """A vendor on this machine has its page at the port of its endpoint."""
    assert settings.local_page(endpoint) == page


def test_a_region_by_either_variable() -> None:
    """AWS_REGION wins over AWS_DEFAULT_REGION, as in AWS's SDKs."""
    assert aws.region({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}) == "a"
    assert aws.region({"AWS_DEFAULT_REGION": "b"}) == "b"
    assert aws.region({}) is None
