"""The benchmark counts what arrived, fails if telemetry is missing, and attributes each sample to its owner."""

import gzip
import json
from email.message import Message

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

import bench
from loopback import DATAGRAM, Request
from overhead import flame, in_process, picture, report, samples
from overhead.counting import count
from overhead.parts import PARTS, Part, Switch
from overhead.starts import Start
from overhead.switching import Saving
from overhead.variants import VARIANTS, Variant

OURS = next(variant for variant in VARIANTS if variant.name == "ours")


def request(path: str, body: bytes, **headers: str) -> Request:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return Request(path, body, message)


def test_counts_what_each_vendor_is_sent() -> None:
    """Records are counted by path. A request without telemetry counts nothing."""
    export = ExportTraceServiceRequest()
    export.resource_spans.add().scope_spans.add().spans.add()
    export.resource_spans[0].scope_spans.add().spans.add()
    compressed = gzip.compress(export.SerializeToString())
    events = json.dumps({"logEvents": [{}, {}, {}]}).encode()
    envelope = b'{}\n{"type":"transaction","length":4}\n{\n}\n\n{"type":"session"}\n{}\n{"type":"transaction"}\n{}'
    assert count(request("/v1/traces", compressed, Content_Encoding="gzip")) == {"spans": 2}
    assert count(request(DATAGRAM, b"{}")) == {"segments": 1}
    assert count(request("/", events, X_Amz_Target="Logs_20140328.PutLogEvents")) == {"lines": 3}
    assert count(request("/", b"{}", X_Amz_Target="Logs_20140328.CreateLogStream")) == {}
    assert count(request("/api/1/item/", b"{}")) == {"items": 1}
    assert count(request("/v0.5/traces", b"", X_Datadog_Trace_Count="5")) == {"traces": 5}
    assert count(request("/api/1/envelope/", envelope)) == {"transactions": 2}
    assert count(request("/GetSamplingRules", b"{}")) == {}


@pytest.mark.parametrize(
    "arrived",
    [
        {"spans": 2_000, "segments": 989, "lines": 2_000},
        {"spans": 2_000, "lines": 2_000},
        {"spans": 2_000, "segments": 1_000, "lines": 2_000, "items": 1},
    ],
)
def test_fails_where_the_telemetry_was_not_received(arrived: dict[str, int]) -> None:
    """Missing telemetry and unexpected telemetry fail the benchmark."""
    in_process.check(OURS, {"spans": 2_000, "segments": 995, "lines": 2_010}, 1_000)
    with pytest.raises(in_process.NotReceived, match="ours"):
        in_process.check(OURS, arrived, 1_000)


def test_whose_a_sample_is() -> None:
    """A sample belongs to the innermost frame with an owner. logging and json own themselves; the rest of the library
    has none. A thread that starts has no frame.
    """
    stacks = (
        "thread (0x1): MainThread;serve (/x/benchmarks/overhead/worker.py:5);"
        "to_dict (/v/site-packages/aws_xray_sdk/a.py:1);copy (/usr/lib/python3.11/copy.py:3) 2\n"
        "thread (0x2): sender;run (/x/sametrace/src/sametrace/core/sender.py:9);"
        "dumps (/usr/lib/python3.11/json/__init__.py:1) 1\n"
        "thread (0x3) 1\n"
    )
    found = list(samples.read(stacks))
    assert [(sample.thread, sample.owner, sample.function, sample.number) for sample in found] == [
        ("MainThread", "X-Ray's SDK", "copy.py copy", 2),
        ("sender", "json", "json/__init__.py dumps", 1),
        ("", "Python itself", "no function", 1),
    ]
    assert [owner for _, owner in found[0].frames] == ["the benchmark", "X-Ray's SDK", "X-Ray's SDK"]
    assert samples.shares(found, "thread") == [("MainThread", 1 / 2), ("sender", 1 / 4), ("", 1 / 4)]


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/home/me/cruddur/sametrace/src/sametrace/core/wsgi.py", "sametrace/core/wsgi.py"),
        ("/home/me/cruddur/.venv/lib/python3.11/site-packages/flask/app.py", "flask/app.py"),
        ("/usr/lib/python3.11/logging/__init__.py", "logging/__init__.py"),
        ("/home/me/cruddur/backend-flask/services/search.py", "backend-flask/services/search.py"),
    ],
)
def test_a_file_is_shown_without_this_machines_folders(file: str, shown: str) -> None:
    """A file is shown by its path in its package or in the repository."""
    assert samples.shortened(file) == shown


def test_a_flame_graph_shows_each_function_with_what_it_calls() -> None:
    """A box is as wide as its samples, below its caller, in its owner's colour. Narrow boxes are not drawn."""
    outer, inner = ("app.py serve", "sametrace"), ("trace.py start_span", "OpenTelemetry")
    drawn = flame.svg(flame.tree([([outer, inner], 500), ([outer], 499), ([("rare.py never", "")], 1)]), 700.0, "All")

    assert "app.py serve, 699 µs of CPU, 99.9%" in drawn
    assert "trace.py start_span, 350 µs of CPU, 50.0%" in drawn
    assert f'fill="{flame.COLOURS["OpenTelemetry"]}" stroke="#ffffff"' in drawn
    assert "never" not in drawn


def measured(name: str, microseconds: float) -> in_process.Cost:
    variant = next((variant for variant in VARIANTS if variant.name == name), Variant(name, name, ""))
    return in_process.Cost(variant, 1_000, microseconds, [microseconds], [50.0], {})


def test_ratios() -> None:
    """Each variant is compared with the same app without telemetry, and with that app under zero-code."""
    costs = [measured("bare", 100), measured("bare-again", 101), measured("sametrace", 200), measured("zero-code", 300)]
    costs += [measured("api-alone", 150), measured("ours", 400), measured("api-zero-code", 650)]
    costs += [measured("bare-failing", 300), measured("ours-failing", 1_300)]
    of_bare, of_api = (list(report.request_table(costs, base)) for base in ("bare", "api-alone"))
    assert "| sametrace, all four vendors | 200 µs | 2.00 | 100 µs | 0.50 |" in of_bare
    assert "| Cruddur, all four vendors | 400 µs | 2.67 | 250 µs | 0.50 |" in of_api
    assert not {*of_bare} & {*of_api[2:]}
    assert "| Cruddur, all four, failing | 1.30 ms | 1.00 ms |" in list(report.failing_table(costs))
    assert report.noise(costs) == "1.0%"
    assert "250 µs" in picture.svg(costs)


def test_the_page_has_a_place_for_the_tables() -> None:
    """The page has exactly one place for the tables, so that the command writes them once."""
    page = bench.PAGE.read_text(encoding="utf-8")
    assert len(bench.WRITTEN.findall(page)) == 1


def test_what_a_part_saves() -> None:
    """A part's saving is relative to what telemetry adds on its path, and to its lines."""
    parts = [part for part in PARTS if part.name in {"quick-json", "tracebacks"}]
    costs = [
        measured("api-alone", 100),
        measured("ours", 300),
        measured("bare-failing", 500),
        measured("ours-failing", 900),
    ]
    found = [Saving(parts[0], 10, 2), Saving(parts[1], 400, 3)]
    first, second = list(report.parts_table(costs, found))[2:]

    assert first.endswith(f"| {parts[0].lines} | 10 ± 2 µs | 5.0% | {5 / parts[0].lines * 100:.1f}% |")
    assert second.endswith(f"| {parts[1].lines} | 400 ± 3 µs | 100.0% | {100 / parts[1].lines * 100:.1f}% |")


def test_what_a_start_takes() -> None:
    """A start is compared with that of the same app without telemetry."""
    variants = {variant.name: variant for variant in VARIANTS}
    made = [Start(variants["api-alone"], 0.6, 0.5), Start(variants["ours"], 0.8, 0.75)]
    first, second = list(report.start_table(made))[2:]

    assert first == "| Cruddur without telemetry | 0.60 | 0.50 |  |"
    assert second == "| Cruddur, all four vendors | 0.80 | 0.75 | 0.25 |"


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_is_there_to_be_measured(part: Part) -> None:
    """A part's code exists, and has lines that are not needed without it."""
    assert part.lines > 0


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_is_put_back(part: Part) -> None:
    """The SDK's own replaces a part, and the part is there again afterwards."""
    before = [vars(owner)[name] for owner, name, _ in part.stock]
    switch = Switch(part)
    switch.use(stock=True)
    assert [vars(owner)[name] for owner, name, _ in part.stock] == [stock for *_, stock in part.stock]
    switch.use(stock=False)
    assert [vars(owner)[name] for owner, name, _ in part.stock] == before
