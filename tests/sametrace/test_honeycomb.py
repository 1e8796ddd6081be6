"""HONEYCOMB_API_KEY, and what OpenTelemetry's own variables make of it."""

import pytest
from flask import Flask
from sametrace import SettingError, Telemetry
from sametrace.core import redaction
from sametrace.honeycomb import Honeycomb, with_api_key
from sametrace.otel.sending import Destination

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
    """It makes the endpoint and the header. What OpenTelemetry's variables say holds, and another place gets no key."""
    destination = Destination.read(with_api_key({"HONEYCOMB_API_KEY": " key ", **environ}))
    assert destination
    assert (destination.url, destination.headers) == (f"{url}/v1/traces", headers)


def test_a_key_with_a_comma() -> None:
    """It's one header anyway."""
    destination = Destination.read(with_api_key({"HONEYCOMB_API_KEY": "a,b=c d"}))
    assert destination
    assert destination.headers == {"x-honeycomb-team": "a,b=c d"}


def test_without_a_key() -> None:
    """Nothing is made of nothing."""
    assert with_api_key({"HONEYCOMB_API_KEY": " "}) == {"HONEYCOMB_API_KEY": " "}


def test_a_key_that_is_not_sent_is_redacted(unset: pytest.MonkeyPatch) -> None:
    """It is a secret where the endpoint is another one, too, and from the first error on."""
    unset.setattr(redaction, "_keys", ())
    unset.setattr(redaction, "_keys_in_json", ())
    unset.setenv("OTEL_TRACES_CONSOLE", "perhaps")
    key = "0123456789key0123456789"
    with pytest.raises(SettingError, match="OTEL_TRACES_CONSOLE"):
        Honeycomb(api_key=key, endpoint=COLLECTOR).init_app(Flask("shop"), Telemetry())

    assert redaction.text(f"the key is {key}") == "the key is REDACTED"
