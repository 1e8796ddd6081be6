"""Each setting of the API is documented and passed on, and an invalid value is named."""

import itertools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sametrace.settings import SettingError

from config import VARIABLES, Settings

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", VARIABLES)
def test_every_setting_is_documented_and_in_the_compose_file(name: str) -> None:
    """docs/settings.md lists each setting, and docker compose passes it on. (.env.example has its own test.)"""
    assert re.search(rf"^\| `{name}`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert re.search(rf"^ +{name}: ", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)


def test_the_example_has_every_setting_and_no_other() -> None:
    """The example has each setting of both programs once, as a comment below a line that explains it."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [match[1] for line in lines if (match := re.match(r"#([A-Z_]+)=", line))]
    of_the_console = re.findall(r"^\| `(CONSOLE_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    # `make run` and docker compose set this one.
    assert sorted(named) == sorted({*VARIABLES, *of_the_console} - {"CONSOLE_VENDORS_ELSEWHERE"})
    for above, line in itertools.pairwise(lines):
        assert not line or line.startswith("#")
        assert not re.match(r"#[A-Z_]+=", line) or above.startswith("#")


def test_the_example_changes_nothing_and_with_its_comments_taken_out_it_is_read(tmp_path: Path) -> None:
    """make's shell reads the example. Without its comment signs, each line sets a variable to its default."""
    shown = (ROOT / ".env.example").read_text()
    (tmp_path / ".env").write_text(re.sub(r"^#(?=[A-Z_]+=[^<\n]*$)", "", shown, flags=re.MULTILINE))
    script = "set -a; . ./.env; env"
    read = subprocess.run(["sh", "-c", script], cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    environ = dict(line.split("=", 1) for line in read.stdout.splitlines())
    assert environ["FRONTEND_URL"] == Settings.frontend_url
    assert environ["CLOUDWATCH_LOG_GROUP"] == Settings.log_group
    assert Settings.from_env({name: value for name, value in environ.items() if value and "RULE" not in name})


def test_nothing_set() -> None:
    """Without settings, the API serves on this machine, and the log group has the bootcamp's name."""
    assert Settings.from_env({}) == Settings()


def test_the_shipped_sampling_rule_is_there() -> None:
    """The shipped sampling rule is used unless XRAY_SAMPLING_RULE names another file."""
    assert Settings().sampling_rule.is_file()
    assert Settings.from_env({"XRAY_SAMPLING_RULE": __file__}).sampling_rule == Path(__file__)


def test_empty_means_unset() -> None:
    """An empty value means unset, and is hidden from the SDKs, because docker compose passes "" for unset variables."""
    script = "import os, config; print(*sorted(os.environ.keys() & {*config.VARIABLES, 'AWS_PROFILE'}))"
    environ = dict.fromkeys([*VARIABLES, "AWS_PROFILE"], "") | {
        "AWS_REGION": " ",
        "CLOUDWATCH_LOG_GROUP": "shop",
        "PYTHONPATH": f"{ROOT / 'backend-flask'}:{ROOT / 'sametrace' / 'src'}",
    }
    left = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert left.stdout.split() == ["CLOUDWATCH_LOG_GROUP"]


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://Example.com/", "https://example.com"),
        ("HTTPS://example.com:443", "https://example.com"),
        ("http://example.com:80/", "http://example.com"),
        ("https://example.com:80", "https://example.com:80"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
@pytest.mark.parametrize("name", ["FRONTEND_URL", "BACKEND_URL"])
def test_an_origin_is_as_a_browser_writes_it(name: str, value: str, origin: str) -> None:
    """An origin is normalized to the form that browsers send: lower case, without a final slash or the default port."""
    assert getattr(Settings.from_env({name: value}), name.lower()) == origin


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRONTEND_URL", "*"),
        ("MOCK_USERS", "worf"),
        ("FRONTEND_URL", "https://*.example.com"),
        ("FRONTEND_URL", "https://example.com/app"),
        ("FRONTEND_URL", "https://example.com?a=b"),
        ("FRONTEND_URL", f"https://{'a' * 64}.example.com"),
        ("BACKEND_URL", "localhost:4567"),
        ("XRAY_SAMPLING_RULE", "/no/such/file.json"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    """An invalid value is reported with its variable."""
    with pytest.raises(SettingError, match=f"{name} is {re.escape(repr(value))}"):
        Settings.from_env({name: value})
