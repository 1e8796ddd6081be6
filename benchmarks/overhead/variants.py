"""The measured variants.

A variant is an app, its environment, how it is set up, and what must arrive from each request.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
BACKEND = ROOT / "backend-flask"
TESTS = ROOT / "tests"
ENVIRONMENTS = ROOT / ".venv-bench"
HOME = "/api/activities/home"
FAILING = "/api/failing"


@dataclass(frozen=True)
class Variant:
    """An app, and how it is started.

    arrives: how many records a request sends, by kind; a kind that isn't named must not arrive

    environ: {port} stands for the receiver's port
    """

    name: str
    title: str
    app: str
    arrives: Mapping[str, float] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    venv: str = "api"  # its environment's folder; the API's has only the packages that it's deployed with
    under: tuple[str, ...] = ()  # the command that runs the app
    path: str = HOME
    backend: Path = BACKEND

    @property
    def failing(self) -> bool:
        return self.path == FAILING

    @property
    def of_api(self) -> bool:
        return self.app in {OURS, SWITCHED, API_ALONE, API_ZERO_CODE}

    @property
    def base(self) -> str:
        """Return the name of the same app without telemetry."""
        if self.failing:
            return "bare-failing"
        return "api-alone" if self.of_api else "bare"

    @property
    def peer(self) -> str:
        """Return the name of the same app under opentelemetry-instrument."""
        return "api-zero-code" if self.of_api else "zero-code"

    def command(self) -> list[str]:
        python = ENVIRONMENTS / self.venv / "bin" / "python"
        program = [str(python.with_name(name)) for name in self.under[:1]]
        return [*program, *self.under[1:], str(python)]

    def environment(self, port: int, rules: Path) -> dict[str, str]:
        """Return the environment of the variant's process.

        rules: a folder with X-Ray's sampling rules
        """
        given = {name: value.format(port=port, rules=rules) for name, value in self.environ.items()}
        path = [self.backend, ROOT / "benchmarks", TESTS / "faults", TESTS / "wire", TESTS]
        if self.venv != "api" and (self.of_api or self.app == PLAIN):
            # It needs the API's packages, too. Both have the same versions, see `make lock`.
            [packages] = (ENVIRONMENTS / "api" / "lib").glob("python*/site-packages")
            path += [ROOT / "sametrace" / "src", packages]
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(str(folder) for folder in path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            **given,
        }


HONEYCOMB = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{port}"}
XRAY = {"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:{port}", "XRAY_SAMPLING_RULE": "{rules}/every_request.json"}
UNSAMPLED = {"XRAY_SAMPLING_RULE": "{rules}/no_request.json"}
CLOUDWATCH = {
    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://127.0.0.1:{port}",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "dummy",
    "AWS_SECRET_ACCESS_KEY": "dummy",
    "AWS_EC2_METADATA_DISABLED": "true",
}
ROLLBAR = {"ROLLBAR_ACCESS_TOKEN": "dummy", "ROLLBAR_ENDPOINT": "http://127.0.0.1:{port}/api/1/"}
ALL_FOUR = {**HONEYCOMB, **XRAY, **CLOUDWATCH, **ROLLBAR}
SERVED = {"spans": 2, "segments": 1, "lines": 2}
ONE_OF_EACH = {"spans": 1, "segments": 1, "lines": 1}  # the app makes none itself
FAILED = {"spans": 1, "segments": 1, "lines": 1, "items": 1}
DATADOG = {
    "DD_TRACE_AGENT_URL": "http://127.0.0.1:{port}",
    # Datadog's own telemetry is off: only the traces are measured.
    "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
    "DD_REMOTE_CONFIGURATION_ENABLED": "false",
}

# Otherwise X-Ray's SDK logs a warning for each subsegment that has no segment.
NO_SEGMENTS = {"AWS_XRAY_SDK_ENABLED": "false"}
ZERO_CODE = {**HONEYCOMB, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_METRICS_EXPORTER": "none"}

BARE, PLAIN = "overhead.apps.bare", "overhead.apps.plain"
OURS, SWITCHED = "overhead.apps.ours", "overhead.apps.switched"
API_ALONE, API_ZERO_CODE = "overhead.apps.api_alone", "overhead.apps.api_zero_code"
VARIANTS = (
    Variant("bare", "bare Flask app", BARE),
    Variant("bare-again", "the same once more (A/A)", BARE),
    Variant("sametrace", "sametrace, all four vendors", "overhead.apps.with_sametrace", ONE_OF_EACH, ALL_FOUR),
    Variant(
        "zero-code",
        "opentelemetry-instrument",
        "overhead.apps.zero_code",
        {"spans": 1},
        ZERO_CODE,
        "opentelemetry",
        ("opentelemetry-instrument",),
    ),
    Variant("logfire", "logfire", "overhead.apps.with_logfire", {"spans": 1}, HONEYCOMB, "logfire"),
    Variant("ddtrace", "ddtrace", "overhead.apps.with_ddtrace", {"traces": 1}, DATADOG, "ddtrace", ("ddtrace-run",)),
    Variant(
        "sentry",
        "sentry-sdk",
        "overhead.apps.with_sentry",
        {"transactions": 1},
        {"SENTRY_DSN": "http://dummy@127.0.0.1:{port}/1"},
        "sentry",
    ),
    Variant("plain", "the four SDKs' plain wiring", PLAIN, SERVED, ALL_FOUR, "opentelemetry"),
    Variant("api-alone", "Cruddur without telemetry", API_ALONE, environ=NO_SEGMENTS),
    Variant("ours", "Cruddur, all four vendors", OURS, SERVED, ALL_FOUR),
    Variant("ours-honeycomb", "Cruddur, Honeycomb alone", OURS, {"spans": 2}, HONEYCOMB),
    Variant("ours-xray", "Cruddur, X-Ray alone", OURS, {"segments": 1}, XRAY),
    Variant("ours-cloudwatch", "Cruddur, CloudWatch Logs alone", OURS, {"lines": 2}, CLOUDWATCH),
    Variant("ours-rollbar", "Cruddur, Rollbar alone", OURS, {}, ROLLBAR),
    Variant("ours-none", "Cruddur, no vendor", OURS),
    Variant(
        "ours-unsampled",
        "Cruddur, all four, unsampled by X-Ray",
        OURS,
        {**SERVED, "segments": 0},
        {**ALL_FOUR, **UNSAMPLED},
    ),
    Variant(
        "api-zero-code",
        "Cruddur, opentelemetry-instrument",
        API_ZERO_CODE,
        {"spans": 2},
        {**ZERO_CODE, **NO_SEGMENTS},
        "opentelemetry",
        ("opentelemetry-instrument",),
    ),
    Variant("bare-failing", "bare Flask app, failing", BARE, path=FAILING),
    Variant("ours-failing", "Cruddur, all four, failing", OURS, FAILED, ALL_FOUR, path=FAILING),
    Variant("plain-failing", "the plain wiring, failing", PLAIN, FAILED, ALL_FOUR, "opentelemetry", path=FAILING),
)

# The SDKs' own objects of one API request, made without sending them.
FLOOR = (
    ("spans", "two spans of OpenTelemetry's SDK"),
    ("segment", "a segment with a subsegment of X-Ray's SDK"),
    ("lines", "two lines of Python's logging"),
    ("spans,segment,lines", "all of these"),
)
FLOORS = tuple(Variant(f"floor-{made}", title, "overhead.apps.floor", environ={"FLOOR": made}) for made, title in FLOOR)


def write_rules(folder: Path) -> None:
    """Write two of X-Ray's sampling rules.

    One samples every request, and the other none.
    """
    every = json.loads((TESTS / "wire" / "every_request.json").read_text())
    for name, rate in (("every_request", 1), ("no_request", 0)):
        rule = {"SamplingRule": {**every["SamplingRule"], "FixedRate": rate}}
        (folder / f"{name}.json").write_text(json.dumps(rule))
