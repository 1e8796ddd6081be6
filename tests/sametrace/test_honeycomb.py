"""HONEYCOMB_API_KEY sets Honeycomb's defaults for OpenTelemetry's own variables."""

import pytest
from flask import Flask
from sametrace import SettingError, Telemetry
from sametrace.core import redaction
from sametrace.honeycomb import Honeycomb
from sametrace.honeycomb.api_key import with_api_key
from sametrace.otel.destination import Destination

ENDPOINT, HEADERS = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"
US, EU, COLLECTOR = "https://api.honeycomb.io", "https://api.eu1.honeycomb.io", "http://localhost:4318"
KEYED = {"x-honeycomb-team": "key"}


@pytest.mark.parametrize(
    ("environ", "url", "headers"),
    [
        ({}, US, KEYED),
        ({ENDPOINT: EU}, EU, KEYED),
        ({ENDPOINT: f"{EU}/"}, EU, KEYED),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{EU}/v1/traces"}, EU, KEYED),
        ({HEADERS: "x-honeycomb-dataset=cruddur"}, US, {**KEYED, "x-honeycomb-dataset": "cruddur"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_HEADERS": "a=b", HEADERS: "c=d"}, US, {**KEYED, "a": "b"}),
        ({HEADERS: "X-Honeycomb-Team=other"}, US, {"x-honeycomb-team": "other"}),
        ({ENDPOINT: US, HEADERS: "x-honeycomb-team=other"}, US, {"x-honeycomb-team": "other"}),
        ({ENDPOINT: COLLECTOR}, COLLECTOR, {}),
        ({ENDPOINT: f"{US}.example.com"}, f"{US}.example.com", {}),
        ({ENDPOINT: f"{US}:8443"}, f"{US}:8443", {}),
        ({ENDPOINT: COLLECTOR, HEADERS: "a=b"}, COLLECTOR, {"a": "b"}),
    ],
)
def test_the_key_alone(environ: dict[str, str], url: str, headers: dict[str, str]) -> None:
    """The key alone sets the endpoint and the header.

    OpenTelemetry's variables win, and another endpoint gets no key.
    """
    destination = Destination.read(with_api_key({"HONEYCOMB_API_KEY": " key ", **environ}))
    assert destination
    assert (destination.url, destination.headers) == (f"{url}/v1/traces", headers)


def test_a_key_with_a_comma() -> None:
    """A key with a comma is one header."""
    destination = Destination.read(with_api_key({"HONEYCOMB_API_KEY": "a,b=c d"}))
    assert destination
    assert destination.headers == {"x-honeycomb-team": "a,b=c d"}


def test_without_a_key() -> None:
    """Without a key, nothing is set."""
    assert with_api_key({"HONEYCOMB_API_KEY": " "}) == {"HONEYCOMB_API_KEY": " "}


def test_a_key_that_is_not_sent_is_redacted(unset: pytest.MonkeyPatch) -> None:
    """A key is redacted from the first error on, even if another endpoint is used."""
    unset.setattr(redaction, "_keys", ())
    unset.setattr(redaction, "_keys_in_json", ())
    unset.setenv("OTEL_TRACES_CONSOLE", "perhaps")
    key = "0123456789key0123456789"
    with pytest.raises(SettingError, match="OTEL_TRACES_CONSOLE"):
        Honeycomb(api_key=key, endpoint=COLLECTOR).init_app(Flask("shop"), Telemetry())

    assert redaction.text(f"the key is {key}") == "the key is REDACTED"
