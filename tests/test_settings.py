"""The settings: each is documented and passed on, and a wrong one is said in words."""

import itertools
import re
import subprocess
from pathlib import Path

import pytest

from config import VARIABLES, Settings, ready
from setting_values import SettingError

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", VARIABLES)
def test_every_setting_is_in_the_readme_and_the_compose_file(name: str) -> None:
    """A reader finds it in the README's table; docker compose passes it on. (.env.example has a test of its own.)"""
    assert re.search(rf"^\| `{name}`", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert re.search(rf"^ +{name}: ", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)


def test_the_example_has_every_setting_and_no_other() -> None:
    """Of both programs, each once, each as a comment under a line of its own or of its group that says what it does."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [match[1] for line in lines if (match := re.match(r"#([A-Z_]+)=", line))]
    of_the_console = re.findall(r"^\| `(CONSOLE_[A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    # `make run` and docker compose say this one.
    assert sorted(named) == sorted({*VARIABLES, *of_the_console} - {"CONSOLE_VENDORS_ELSEWHERE"})
    for above, line in itertools.pairwise(lines):
        assert not line or line.startswith("#")
        assert not re.match(r"#[A-Z_]+=", line) or above.startswith("#")


def test_the_example_changes_nothing_and_with_its_comments_taken_out_it_is_read(tmp_path: Path) -> None:
    """By a shell, as make has it read: each line is a setting, and the values are those that are the default."""
    shown = (ROOT / ".env.example").read_text()
    (tmp_path / ".env").write_text(re.sub(r"^#(?=[A-Z_]+=[^<\n]*$)", "", shown, flags=re.MULTILINE))
    script = "set -a; . ./.env; env"
    read = subprocess.run(["sh", "-c", script], cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    environ = dict(line.split("=", 1) for line in read.stdout.splitlines())
    assert environ["FRONTEND_URL"] == Settings.frontend_url
    assert environ["CLOUDWATCH_LOG_GROUP"] == Settings.cloudwatch_log_group
    assert Settings.from_env({name: value for name, value in environ.items() if value and "RULE" not in name})


def test_every_variable_that_is_read_is_in_the_list() -> None:
    """config.py asks the environment for nothing that VARIABLES leaves out."""
    sources = "".join((ROOT / "backend-flask" / name).read_text() for name in ("config.py", "setting_values.py"))
    asked = set(re.findall(r'environ(?:\.get\(|, )"([A-Z_]+)"', sources))

    assert asked - set(VARIABLES) == {"OTEL_SEMCONV_STABILITY_OPT_IN"}
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
        ("XRAY_EXPORTER", "both"),
        ("AWS_ENDPOINT_URL_XRAY", "xray.us-east-1.amazonaws.com"),
        ("AWS_XRAY_DAEMON_ADDRESS", "xray-daemon"),
        ("AWS_XRAY_DAEMON_ADDRESS", "http://xray-daemon:2000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "tcp:a:1 tcp:b:2"),
        ("AWS_XRAY_DAEMON_ADDRESS", "a:70000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "xray_daemon:2000"),
        ("AWS_XRAY_DAEMON_ADDRESS", "tcp:xray-daemon:2000 udp:xray_daemon:2000"),
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


def test_a_secret_in_a_url_is_refused_and_not_repeated() -> None:
    """URLs are shown at the start and at /api/health."""
    with pytest.raises(SettingError, match="ROLLBAR_ENDPOINT has a user name or a password in it") as refusal:
        Settings.from_env({"ROLLBAR_ENDPOINT": "https://me:s3cret@example.com/"})
    assert "s3cret" not in str(refusal.value)


def test_the_vendors_keys_are_known_so_that_no_text_has_one_in_it() -> None:
    """As an error may quote them: of a header its last word, decoded or not; none so short that it may be a word."""
    headers = (
        "x-honeycomb-team=hcaik%2B0123456789,Authorization=Bearer%20token-012345,x-honeycomb-dataset=backend-flask"
    )
    environ = {
        "OTEL_EXPORTER_OTLP_HEADERS": headers,
        "AWS_ACCESS_KEY_ID": "console",
        "AWS_SECRET_ACCESS_KEY": "0123456789/secret+access",
        "ROLLBAR_ACCESS_TOKEN": "0123456789rollbar\n",
    }
    settings = Settings.from_env(environ)

    assert set(settings.keys) == {
        "hcaik%2B0123456789",
        "hcaik+0123456789",
        "Bearer%20token-012345",
        "token-012345",
        "0123456789/secret+access",
        "0123456789rollbar",
    }
    assert not any(key in repr(settings) for key in settings.keys)


@pytest.mark.parametrize("value", ["", "http", "http/dup", "database", "http/dup,database"])
def test_http_attributes_have_their_stable_names_whatever_is_asked_for(value: str) -> None:
    """The old ones would hold the query string."""
    environ = {"OTEL_SEMCONV_STABILITY_OPT_IN": value}
    ready(environ)

    assert environ["OTEL_SEMCONV_STABILITY_OPT_IN"] in {"http", "http,database"}


def test_variables_by_which_the_x_ray_sdk_would_overrule_the_settings_are_taken_out() -> None:
    """They would rename every segment, or raise where there is none."""
    environ = {"AWS_XRAY_TRACING_NAME": "", "AWS_XRAY_CONTEXT_MISSING": "RUNTIME_ERROR", "AWS_PROFILE": ""}
    ready(environ)

    assert environ == {"OTEL_SEMCONV_STABILITY_OPT_IN": "http"}
