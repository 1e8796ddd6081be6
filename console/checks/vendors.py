"""Check for records that are missing, and for records that arrived twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from checks.findings import Finding
from facts import VENDORS
from store.totals import VendorTotals
from traces import Mark, Record, Summary, Trace, time_of_line

NAMES = {"honeycomb": "Honeycomb", "xray": "X-Ray", "cloudwatch": "CloudWatch Logs", "rollbar": "Rollbar"}
SIGNAL_NAMES = {"logs": "OTLP logs", "metrics": "OTLP metrics"}
_BY_NAME = {name: vendor for vendor, name in NAMES.items()}  # The API's lines have the names.

# The settings that turn a vendor on in the API, and that set the destination.
SETTINGS = {
    "honeycomb": "OTEL_EXPORTER_OTLP_ENDPOINT",
    "xray": "AWS_XRAY_DAEMON_ADDRESS: host and UDP port, such as 127.0.0.1:2000",
    "cloudwatch": "AWS_REGION, which turns it on, and AWS_ENDPOINT_URL_CLOUDWATCH_LOGS, which is the destination",
    "rollbar": "ROLLBAR_ACCESS_TOKEN, which turns it on, and ROLLBAR_ENDPOINT, which is the destination",
}
LOST = {
    "honeycomb": "The span hasn't ended, or the program stopped before it sent its last batch.",
    "xray": "A datagram was lost, or was larger than 64 KB, or the segment never ended.",
    "cloudwatch": "The queue was full, or the program stopped before it sent its last batch.",
    "rollbar": "An error handler handled the exception, or it was one of many of its kind, which are sent as one item.",
}


def silent(summaries: Iterable[Summary], totals: dict[str, VendorTotals]) -> Iterator[Finding]:
    """Report a vendor that has received nothing since the start.

    Others have received something.
    """
    marks = [summary.marks for summary in summaries]
    for vendor in VENDORS:
        # X-Ray may sample none of a few requests. If it has none of many, the recorder is off, or sends elsewhere.
        lacking = {Mark.MISSING, Mark.NOT_SAMPLED} & {of_trace[vendor] for of_trace in marks}
        if lacking and not totals[vendor].received and any(total.received for total in totals.values()):
            yield Finding(
                f"{NAMES[vendor]} has received nothing since the console's start, but other vendors have.",
                "It isn't turned on, or its records go elsewhere."
                + (" Or the sampling rule chooses no request." if Mark.NOT_SAMPLED in lacking else ""),
                f"{SETTINGS[vendor]}. The API's first log lines name each vendor; GET /api/health says more.",
            )


def refused(totals: dict[str, VendorTotals]) -> Iterator[Finding]:
    """Report what arrived and was refused."""
    for source, total in totals.items():
        name = (NAMES | SIGNAL_NAMES)[source]
        if total.refused:
            yield Finding(
                f"{name}: {total.refused:,} refused since the console's start, as the vendor would refuse them.",
                f"The last: {total.last_refusal}",
                "What the program sends. Its SDK's log has the response.",
            )
        if total.dropped:
            yield Finding(
                f"{name}: {total.dropped:,} records dropped since the console's start.",
                "More arrived than the console can write, or a trace had more records than it keeps.",
                "The disk under CONSOLE_FOLDER; how much the program sends.",
            )


# By the kind of data: what is wrong, why, and where to look.
_STRAYS = {
    "grpc": (
        "A program sends gRPC to the console's HTTP port, so the console receives nothing from it",
        "4317 is the port for gRPC; 4318 is the port for OTLP over HTTP.",
        "The program's OTEL_EXPORTER_OTLP_ENDPOINT: end it with :4317; or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.",
    ),
    "http": (
        "A program sends HTTP to the console's gRPC port, so the console receives nothing from it",
        "4318 is the port for OTLP over HTTP; 4317 is the port for gRPC.",
        "The program's OTEL_EXPORTER_OTLP_ENDPOINT: end it with :4318; or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc.",
    ),
    "tls": (
        "A program sends TLS to one of the console's ports, so the console receives nothing from it",
        "Its endpoint begins with https://, and the console has no certificate.",
        "The program's OTEL_EXPORTER_OTLP_ENDPOINT, AWS_ENDPOINT_URL_... or ROLLBAR_ENDPOINT: begin it with http://.",
    ),
}


def wrong_protocol(strays: Mapping[str, int]) -> Iterator[Finding]:
    """Report data in another protocol than the port accepts.

    strays: how often, by kind
    """
    for kind, (wrong, why, look_at) in _STRAYS.items():
        if count := strays.get(kind, 0):
            times = "once" if count == 1 else f"{count:,} times"
            yield Finding(f"{wrong}: {times} since the console's start.", why, look_at)


def pages_refused(origins: Mapping[str, int]) -> Iterator[Finding]:
    """Report web pages that sent telemetry without permission.

    origins: how often, by origin
    """
    for origin, count in origins.items():
        times = "once" if count == 1 else f"{count:,} times"
        yield Finding(
            f"A page of {origin} tried {times} to send telemetry here, and was refused.",
            "The console accepts telemetry from browsers only from the origins in CONSOLE_ALLOWED_ORIGINS.",
            f"If the page is yours: CONSOLE_ALLOWED_ORIGINS={origin}, or FRONTEND_URL={origin}, which is its default"
            " under `make run` and docker compose. Then start the console again.",
        )


def in_trouble(lines: Iterable[Record]) -> Iterator[Finding]:
    """Report that the API can't send to a vendor, by its own log lines.

    lines: those without a trace id, the newest first
    """
    reported = set()
    for line in lines:
        fields = line["fields"] or {}
        name, event = fields.get("vendor"), fields.get("event")
        vendor = _BY_NAME.get(name) if isinstance(name, str) else None
        if vendor and event in ("vendor_in_trouble", "vendor_recovered") and vendor not in reported:
            reported.add(vendor)
            if event == "vendor_in_trouble":
                yield Finding(
                    f"The API reported at {fields.get('time')!s:.30} that it can't send to {NAMES[vendor]}, and has not"
                    " reported a recovery.",
                    f"{fields.get('why')!s:.300}",
                    f"{SETTINGS[vendor]}. GET /api/health of the API says what was dropped.",
                )


def missing(summary: Summary, totals: dict[str, VendorTotals]) -> Iterator[Finding]:
    """Report a vendor that lacks this request, but should have it."""
    for vendor in VENDORS:
        if summary.marks[vendor] is Mark.MISSING:
            ever = totals[vendor].received
            yield Finding(
                f"{NAMES[vendor]} has no record of this request"
                + (", but has records of others." if ever else ", nor of any other since the console's start."),
                LOST[vendor] if ever else "It isn't turned on, or its records go elsewhere.",
                "GET /api/health of the API says what was dropped, and why." if ever else f"{SETTINGS[vendor]}.",
            )


def duplicates(trace: Trace) -> Iterator[Finding]:
    """Report a line or an item that arrived more than once."""
    lines = Counter((line["log_stream"], time_of_line(line), line["message"]) for line in trace.lines)
    for (_, _, message), count in lines.items():
        if count > 1:
            yield Finding(
                f"A log line arrived {count} times: {message:.120}",
                "The logger has two handlers that send, or its parent has one, too. Or a batch was sent again.",
                "logging.getLogger().addHandler(): call it once. If both loggers have one, logger.propagate = False.",
            )
    for uuid, count in Counter(item["uuid"] for item in trace.items).items():
        if count > 1:
            yield Finding(
                f"The Rollbar item {uuid} arrived {count} times.",
                "It was sent again after a response was lost, or two places report one exception.",
                "got_request_exception.connect(report, app): call it once.",
                uuid,
            )
