"""docker-compose.yml passes on the settings.

Docker isn't needed: compose's values are evaluated here, and scripts run in sh.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
WITH_DEFAULT = re.compile(r"\$\{(\w+)(?::([-+])((?:[^{}]|\$\{[^{}]*\})*))?\}")
BOOTCAMP = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io",
    "OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team=${HONEYCOMB_API_KEY}",
}


def filled_in(value: str, given: dict[str, str]) -> str:
    """Replace ${NAME}, ${NAME:-default} and ${NAME:+text} in a value, by compose's reference."""

    def fill(match: re.Match[str]) -> str:
        is_set = given.get(match[1], "")
        if match[2] == "+":
            return match[3] if is_set else ""
        return is_set or filled_in(match[3] or "", given)

    return WITH_DEFAULT.sub(fill, value)


def environment(service: str, given: dict[str, str], **replaced: str) -> dict[str, str]:
    """Return a container's environment after its entrypoint. replaced: lines that the user changes in the file"""
    of = SERVICES[service]
    environ = {name: filled_in(value, given) for name, value in (of["environment"] | replaced).items()}
    script = of["entrypoint"][2].replace("$$", "$")
    done = subprocess.run(
        ["sh", "-c", script, "env"],
        env=environ | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def elsewhere(given: dict[str, str]) -> set[str]:
    """Return the vendors that don't send to the console."""
    return set(environment("console", given)["CONSOLE_VENDORS_ELSEWHERE"].replace(" ", "").split(",")) - {""}


def test_with_nothing_set() -> None:
    """Without settings, the console replaces all four vendors, and accepts the React client's pages."""
    api, console = environment("backend-flask", {}), environment("console", {})
    assert api["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://console:4318"
    assert (api["TRUST_TRACE_HEADERS"], api["MOCK_USERS"]) == ("frontend", "yes")
    assert api["FRONTEND_URL"] == console["CONSOLE_ALLOWED_ORIGINS"] == "http://localhost:3000"
    assert elsewhere({}) == set()


def test_the_key_alone() -> None:
    """The key alone is passed on, and the console no longer replaces Honeycomb."""
    api = environment("backend-flask", {"HONEYCOMB_API_KEY": "dummy"})
    assert (api["HONEYCOMB_API_KEY"], api["OTEL_EXPORTER_OTLP_ENDPOINT"]) == ("dummy", "")
    assert elsewhere({"HONEYCOMB_API_KEY": "dummy"}) == {"honeycomb"}


def test_the_bootcamps_lines() -> None:
    """The bootcamp's own lines work in the file, and the console knows which vendors they configure."""
    api = environment("backend-flask", {"HONEYCOMB_API_KEY": "dummy"}, **BOOTCAMP)
    assert api["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://api.honeycomb.io"
    assert api["OTEL_EXPORTER_OTLP_HEADERS"] == "x-honeycomb-team=dummy"
    assert elsewhere({"HONEYCOMB_API_KEY": "dummy"}) == {"honeycomb"}


@pytest.mark.parametrize(("url", "origins"), [("https://3000-me.example", "https://3000-me.example"), ("", "")])
def test_the_origins_of_a_cloud_workspace(url: str, origins: str) -> None:
    """A workspace's origins come from FRONTEND_URL, unless the variable itself is set."""
    allowed = environment("console", {"FRONTEND_URL": url})["CONSOLE_ALLOWED_ORIGINS"]
    assert allowed == (origins or "http://localhost:3000")
    given = {"FRONTEND_URL": url, "CONSOLE_ALLOWED_ORIGINS": "https://other.example"}
    assert environment("console", given)["CONSOLE_ALLOWED_ORIGINS"] == "https://other.example"
