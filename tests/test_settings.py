"""The settings: each is documented and passed on, and a wrong one is said in words."""

import re
from pathlib import Path

import pytest

from config import VARIABLES, SettingError, Settings, ready

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", VARIABLES)
def test_every_setting_is_in_the_readme_the_compose_file_and_the_example(name: str) -> None:
    """A reader finds it in the README's table; docker compose passes it on; .env.example has a line for it."""
    assert re.search(rf"^\| `{name}`", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert re.search(rf"^ +{name}: ", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
    assert re.search(rf"^#? ?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_every_variable_that_is_read_is_in_the_list() -> None:
    """config.py asks the environment for nothing that VARIABLES leaves out."""
    source = (ROOT / "backend-flask" / "config.py").read_text()
    asked = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', source))

    assert asked - set(VARIABLES) == set()
    assert len(asked) > 10


def test_nothing_set() -> None:
    """Every vendor is off, and the API serves on this machine."""
    settings = Settings.from_env({})

    assert settings == Settings()
    off = (settings.otlp_endpoint, settings.xray_daemon_address, settings.aws_region, settings.rollbar_access_token)
    assert off == (None, None, None, None)


def test_empty_means_unset() -> None:
    """docker compose passes "" on for what is not set; the SDKs are not to see it."""
    environ = dict.fromkeys(VARIABLES, "") | {"AWS_REGION": " ", "PATH": ""}
    ready(environ)

    assert environ == {"PATH": "", "OTEL_SEMCONV_STABILITY_OPT_IN": "http"}
    assert Settings.from_env(environ) == Settings()


def test_version_and_environment_come_from_the_resource_attributes() -> None:
    """OpenTelemetry's own variable, percent-encoding included, serves all four vendors."""
    attributes = "deployment.environment.name=prod%20uction,service.version=1.2.3, service.name=other,odd"
    settings = Settings.from_env({"OTEL_RESOURCE_ATTRIBUTES": attributes})

    assert (settings.environment, settings.version, settings.service_name) == ("prod uction", "1.2.3", "other")


def test_a_trailing_slash_is_no_part_of_an_origin() -> None:
    """A browser's Origin has none."""
    assert Settings.from_env({"FRONTEND_URL": "https://Example.com/"}).frontend_url == "https://example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRONTEND_URL", "*"),
        ("FRONTEND_URL", "https://*.example.com"),
        ("FRONTEND_URL", "https://example.com/app"),
        ("BACKEND_URL", "localhost:4567"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "api.honeycomb.io"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1"),
        ("OTEL_TRACES_CONSOLE", "maybe"),
        ("TRUST_TRACE_HEADERS", "2"),
        ("AWS_XRAY_DAEMON_ADDRESS", "xray-daemon"),
        ("AWS_XRAY_DAEMON_ADDRESS", "http://xray-daemon:2000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "tcp:a:1 tcp:b:2"),
        ("AWS_XRAY_DAEMON_ADDRESS", "a:70000"),
        ("XRAY_SAMPLING_RULE", "/no/such/file.json"),
        ("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "ftp://example.com"),
        ("ROLLBAR_ENDPOINT", "rollbar"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    """With the variable, so that it can be found."""
    with pytest.raises(SettingError, match=f"{name} is {re.escape(repr(value.lower()))}"):
        Settings.from_env({name: value})


@pytest.mark.parametrize("address", ["127.0.0.1:2000", "xray-daemon:2000", "tcp:a:2000 udp:b:2001", "udp:b:1 tcp:a:2"])
def test_both_forms_of_a_daemon_address(address: str) -> None:
    """As X-Ray's SDK reads them."""
    assert Settings.from_env({"AWS_XRAY_DAEMON_ADDRESS": address}).xray_daemon_address == address
