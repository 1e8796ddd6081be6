"""Values that don't keep the API from starting, and are hardly what was meant: `flask doctor` reports them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import setting_values

HONEYCOMB = "honeycomb.io"
HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"
QUOTES = "\"'`\u2018\u2019\u201c\u201d"


@dataclass(frozen=True)
class Mistake:
    """One line that names the variable and the cure, and never its value.

    harmful: whether something that is set doesn't work by it.
    """

    advice: str
    harmful: bool = True


def in_values(environ: Mapping[str, str], variables: tuple[str, ...]) -> list[Mistake]:
    return [*_shapes(environ, variables), *_headers(environ), *_halves(environ), *_urls(environ), *_off(environ)]


def _shapes(environ: Mapping[str, str], variables: tuple[str, ...]) -> Iterator[Mistake]:
    for name in variables:
        value = environ.get(name, "")
        if value != value.strip():
            yield Mistake(f"{name} begins or ends with a space or a line feed: take it out.")
        elif value and (value[0] in QUOTES or (value[-1] in QUOTES and name != HEADERS)):
            yield Mistake(f"{name} has quotes in its value: write it without them.")
        elif name in setting_values.KEYS and len(value.split()) > 1:
            yield Mistake(f"{name} has a space in it, which no key has: copy it anew.")


def _headers(environ: Mapping[str, str]) -> Iterator[Mistake]:
    name, given = HEADERS, environ.get(HEADERS, "")
    if given and given[0] in QUOTES:
        return  # said already, of the whole of it
    headers = [header.partition("=") for header in given.split(",") if header.strip()]
    if any(not equals for _, equals, _ in headers):
        yield Mistake(f"{name} has a part without a = in it: use x-honeycomb-team=<key>.")
    for header, _, value in headers:
        if value.strip() != value or " " in value or any(quote in value for quote in QUOTES):
            # Only the names that such a header may have are repeated: what stands before the = may be a key, too.
            shown = header.strip() if header.strip().lower() == "x-honeycomb-team" else "a header"
            yield Mistake(f"{name}: {shown} has spaces or quotes in its value: write the key alone after the =.")
    keyed = any(header.strip().lower() == "x-honeycomb-team" and value.strip() for header, _, value in headers)
    endpoint = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    if HONEYCOMB in endpoint and not keyed:
        yield Mistake(f"{name} has no key for Honeycomb: use x-honeycomb-team=<your ingest key>.")
    if keyed and not endpoint:
        yield Mistake(
            f"{name} has a key for Honeycomb, but OTEL_EXPORTER_OTLP_ENDPOINT isn't set: "
            "use https://api.honeycomb.io, or https://api.eu1.honeycomb.io for a team in the EU."
        )


def _halves(environ: Mapping[str, str]) -> Iterator[Mistake]:
    given = [name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE") if environ.get(name)]
    if given and not (environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")):
        yield Mistake(f"{given[0]} is set, but no region: set AWS_REGION, such as us-east-1, to your account's.")
    pair = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    if len(pair & set(given)) == 1:
        [there], [missing] = pair & set(given), pair - set(given)
        yield Mistake(f"{there} is set, but {missing} isn't: set both, or neither.")


def _urls(environ: Mapping[str, str]) -> Iterator[Mistake]:
    if environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").rstrip("/").endswith("/v1/traces"):
        yield Mistake("OTEL_EXPORTER_OTLP_ENDPOINT ends with /v1/traces, which is added to it: leave that out.")
    for name in ("FRONTEND_URL", "BACKEND_URL"):
        if environ.get(name, "").endswith("/"):
            yield Mistake(
                f"{name} ends with a slash, which a browser's Origin never does. The API goes by the rest, but "
                "others that read it may not: leave the slash out.",
                harmful=False,
            )


def _off(environ: Mapping[str, str]) -> Iterator[Mistake]:
    # By the SDKs' own variables, whatever the vendor's say.
    for name, value, vendor in (
        ("OTEL_SDK_DISABLED", "true", "Honeycomb"),
        ("AWS_XRAY_SDK_ENABLED", "false", "X-Ray"),
    ):
        if environ.get(name, "").strip().lower() == value:
            yield Mistake(f"{name} is {value}, by which the API sends {vendor} nothing: unset it.", harmful=False)
