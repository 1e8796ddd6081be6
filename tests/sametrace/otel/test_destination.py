"""OpenTelemetry's variables set the endpoint and its headers."""

import contextlib
import random

import pytest
from sametrace.otel.destination import Destination
from sametrace.settings import SettingError


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"ENDPOINT": "https://api.honeycomb.io"}, "https://api.honeycomb.io/v1/traces"),
        ({"ENDPOINT": "https://api.honeycomb.io/"}, "https://api.honeycomb.io/v1/traces"),
        ({"TRACES_ENDPOINT": "http://collector:4318/x"}, "http://collector:4318/x"),
        ({"ENDPOINT": "http://a", "TRACES_ENDPOINT": "http://b/traces"}, "http://b/traces"),
    ],
)
def test_the_url_of_traces(environ: dict[str, str], url: str) -> None:
    """The variable for traces is the whole URL. The path is added to the one for all signals."""
    destination = Destination.read({f"OTEL_EXPORTER_OTLP_{name}": value for name, value in environ.items()})
    assert destination
    assert destination.url == url


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"])
@pytest.mark.parametrize(
    "value",
    [
        "x-honeycomb-team: s3cret",
        "s3cret",
        "a=b,s3cret",
        "a b=s3cret",
        'a="s3cret"',
        "a=s3cret;b",
        "a=s3cret%0Ab",
        "=s3cret",
    ],
)
def test_invalid_headers(variable: str, value: str, caplog: pytest.LogCaptureFixture) -> None:
    """Invalid headers are reported by their variable, without the key, which the SDK would log."""
    with pytest.raises(SettingError, match=f"^{variable} isn't a list of headers") as refusal:
        Destination.read({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a", variable: value})
    assert "s3cret" not in str(refusal.value)
    assert caplog.records == []


def test_the_sdk_accepts_what_is_accepted_here(caplog: pytest.LogCaptureFixture) -> None:
    """Headers that are accepted here are accepted by the SDK, which would log others with the key."""
    parts = [*'a== :,;"\\%/ü\t\n\x7f{(`', "x-team", "%2C"]
    dice = random.Random(1)
    accepted = 0
    for _ in range(20_000):
        value = "".join(dice.choices(parts, k=dice.randint(1, 8)))
        with contextlib.suppress(SettingError):
            Destination.read({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a", "OTEL_EXPORTER_OTLP_HEADERS": value})
            accepted += 1
            assert caplog.records == [], value
    assert accepted > 500


def test_no_endpoint() -> None:
    """Without an endpoint, nothing is sent, although OpenTelemetry's default is this machine."""
    assert Destination.read({"OTEL_EXPORTER_OTLP_HEADERS": "a=b"}) is None


@pytest.mark.parametrize("value", ["api.honeycomb.io", "http://[::1", "ftp://example.com"])
def test_an_invalid_endpoint(value: str) -> None:
    """An invalid endpoint is reported by its variable."""
    with pytest.raises(SettingError, match="OTEL_EXPORTER_OTLP_ENDPOINT is"):
        Destination.read({"OTEL_EXPORTER_OTLP_ENDPOINT": value})


def test_variables_for_traces_win() -> None:
    """Variables for traces win over those for all signals. A client's certificate may contain its key."""

    def read(**environ: str) -> Destination:
        names = {f"OTEL_EXPORTER_OTLP_{name}": value for name, value in environ.items()}
        destination = Destination.read({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a", **names})
        assert destination
        return destination

    both = read(HEADERS="a=1", TRACES_HEADERS="b=2", CERTIFICATE="a.pem", TRACES_CERTIFICATE="b.pem")
    assert (both.headers, both.certificate) == ({"b": "2"}, "b.pem")
    assert read(CLIENT_CERTIFICATE="c.pem", CLIENT_KEY="dummy").client_certificate == ("c.pem", "dummy")
    assert read(CLIENT_CERTIFICATE="c.pem").client_certificate == "c.pem"
    assert read().client_certificate is None
