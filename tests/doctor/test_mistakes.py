"""The doctor reports values that are probably mistakes, and never prints one."""

from collections.abc import Mapping

import pytest
from sametrace.cloudwatch import doctor as cloudwatch
from sametrace.doctor import Mistake, in_values
from sametrace.doctor.report import VARIABLES
from sametrace.honeycomb import doctor as honeycomb
from sametrace.rollbar import doctor as rollbar
from sametrace.xray import doctor as xray

import doctor

KEY = "hcaik_01hqk4k20cjeh63wca8vva5stw"  # pragma: allowlist secret
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io"}
KEYED = {"OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team={KEY}"}
AWS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": KEY, "AWS_REGION": "us-east-1"}


def mistakes(environ: Mapping[str, str]) -> list[Mistake]:
    """Return the mistakes in the report, of all vendors and of the API itself."""
    found = [*in_values(environ, VARIABLES), *doctor.in_origins(environ)]
    for vendor in (honeycomb, xray, cloudwatch, rollbar):
        found += vendor.mistakes(environ)
    return found


@pytest.mark.parametrize(
    ("environ", "advice"),
    [
        ({"ROLLBAR_ACCESS_TOKEN": f"{KEY} "}, "ROLLBAR_ACCESS_TOKEN begins or ends with a space or a line feed"),
        ({"ROLLBAR_ACCESS_TOKEN": f"{KEY}\n"}, "ROLLBAR_ACCESS_TOKEN begins or ends with a space or a line feed"),
        ({"ROLLBAR_ACCESS_TOKEN": f'"{KEY}"'}, "ROLLBAR_ACCESS_TOKEN has quotes in its value: write it without them."),
        ({"ROLLBAR_ACCESS_TOKEN": f"\u201c{KEY}\u201d"}, "ROLLBAR_ACCESS_TOKEN has quotes"),
        ({"ROLLBAR_ACCESS_TOKEN": f"{KEY} {KEY}"}, "ROLLBAR_ACCESS_TOKEN has a space in it, which no key has"),
        (AWS | {"AWS_REGION": "us-east-1 "}, "AWS_REGION begins or ends with a space"),
        (
            ENDPOINT | {"OTEL_EXPORTER_OTLP_HEADERS": f'x-honeycomb-team="{KEY}"'},
            "x-honeycomb-team has spaces or quotes",
        ),
        (
            ENDPOINT | {"OTEL_EXPORTER_OTLP_HEADERS": f"x-honeycomb-team= {KEY}"},
            "x-honeycomb-team has spaces or quotes",
        ),
        (ENDPOINT | {"OTEL_EXPORTER_OTLP_HEADERS": f"{KEY}= {KEY}"}, "a header has spaces or quotes in its value"),
        (
            ENDPOINT,
            "OTEL_EXPORTER_OTLP_HEADERS has no key for Honeycomb: set HONEYCOMB_API_KEY, or use x-honeycomb-team=",
        ),
        (
            ENDPOINT | {"OTEL_EXPORTER_OTLP_HEADERS": "x-honeycomb-team="},
            "OTEL_EXPORTER_OTLP_HEADERS has no key for Honeycomb",
        ),
        ({"HONEYCOMB_API_KEY": f"'{KEY}'"}, "HONEYCOMB_API_KEY has quotes in its value"),
        ({"HONEYCOMB_API_KEY": f"{KEY} {KEY}"}, "HONEYCOMB_API_KEY has a space in it, which no key has"),
        (KEYED, "has a key for Honeycomb, but OTEL_EXPORTER_OTLP_ENDPOINT isn't set: use https://api.honeycomb.io"),
        (
            KEYED | {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io/v1/traces"},
            "OTEL_EXPORTER_OTLP_ENDPOINT ends with /v1/traces, which the app adds itself: leave it out.",
        ),
        (AWS | {"AWS_REGION": ""}, "AWS_ACCESS_KEY_ID is set, but no region: set AWS_REGION, such as us-east-1"),
        ({"AWS_PROFILE": "me"}, "AWS_PROFILE is set, but no region: set AWS_REGION"),
        (AWS | {"AWS_SECRET_ACCESS_KEY": ""}, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY isn't: set both"),
    ],
)
def test_a_harmful_value(environ: dict[str, str], advice: str) -> None:
    """A harmful value is reported in one line with its variable and the solution, and without the value."""
    found = mistakes(environ)

    assert any(advice in mistake.advice and mistake.harmful for mistake in found), found
    assert KEY[:6] not in str(found)
    assert all(mistake.advice.endswith(".") and "\n" not in mistake.advice for mistake in found)


@pytest.mark.parametrize("headers", [f'"x-honeycomb-team={KEY}"', f'x-honeycomb-team="{KEY}"'])
def test_quotes_around_honeycombs_headers_are_reported_once(headers: str) -> None:
    [mistake] = mistakes(ENDPOINT | {"OTEL_EXPORTER_OTLP_HEADERS": headers})

    assert "quotes in its value" in mistake.advice


def test_a_slash_after_an_origin_is_reported() -> None:
    """A slash after an origin is reported. The API removes it, but the React client and Gitpod's tasks may not."""
    [mistake] = mistakes({"FRONTEND_URL": "https://3000-me.example.com/"})

    assert not mistake.harmful
    assert mistake.advice.startswith("FRONTEND_URL ends with a slash, which a browser's Origin never does.")


@pytest.mark.parametrize(
    ("name", "value", "vendor"),
    [("OTEL_SDK_DISABLED", "true", "Honeycomb"), ("AWS_XRAY_SDK_ENABLED", "False", "X-Ray")],
)
def test_an_sdk_that_is_turned_off_by_its_own_variable(name: str, value: str, vendor: str) -> None:
    """If an SDK's own variable turns it off, the doctor reports that, and sends its test anyway."""
    [mistake] = mistakes({name: value})

    assert mistake.advice == f"{name} is {value.lower()}, so the app sends {vendor} nothing: unset it."


@pytest.mark.parametrize(
    "environ",
    [
        {},
        AWS,
        ENDPOINT | KEYED,
        {
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20x,",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318",
        },
        {"AWS_XRAY_DAEMON_ADDRESS": "tcp:a:2000 udp:b:2001", "OTEL_RESOURCE_ATTRIBUTES": "a=b c,d=e"},
        {"FRONTEND_URL": "https://example.com"},
    ],
)
def test_valid_values_are_not_reported(environ: dict[str, str]) -> None:
    assert mistakes(environ) == []
