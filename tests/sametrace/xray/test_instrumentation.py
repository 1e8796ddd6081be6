"""Each request has a segment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from aws_xray_sdk.core.models.segment import Segment
from flask import Flask, Response
from sametrace import Telemetry
from sametrace.core.health import VendorHealth
from sametrace.core.wsgi import RequestLayer
from sametrace.xray.instrumentation import MAX_NAME_CHARS, Segments

NOTHING: dict[str, Any] = {"version": 2, "rules": [], "default": {"fixed_target": 0, "rate": 0}}


class Shop:
    """An app with segments, whose recorder keeps them."""

    def __init__(self, recording: Any, **named: Any) -> None:
        self.recording = recording
        self.recorder = recording.recorder
        self.recorder.configure(sampling=True, **named)
        self.recorder.sampler._started = True  # request no rules from a daemon
        self.health = VendorHealth("X-Ray", on=True, detail="")
        self.waiting: list[Segment] = []
        recording.wait_for = self.waiting.append
        self.telemetry = Telemetry()
        segments = Segments(self.recorder, recording, self.health, self.telemetry, {"application": "shop"})
        self.app = Flask("shop")
        RequestLayer(self.app, [segments.begin], frozenset(), True, lambda: None)

    def view(self, work: Callable[[], object]) -> None:
        def respond() -> str:
            work()
            return "ok"

        self.app.add_url_rule("/", view_func=respond)

    def get(self, **headers: str) -> Response:
        return self.app.test_client().get("/", headers=headers, buffered=True)

    @property
    def sent(self) -> list[Segment]:
        return [entity for entity in self.recording.sent if isinstance(entity, Segment)]


@pytest.fixture
def shop(recorded: Callable[..., Any]) -> Shop:
    return Shop(recorded())


def test_what_is_left_open_is_ended_with_the_request(shop: Shop) -> None:
    """Open subsegments end with the request, nested ones too, and a view's open segment is forgotten."""

    def work() -> None:
        shop.recorder.begin_subsegment("outer")
        shop.recorder.begin_subsegment("inner")
        shop.recorder.begin_segment("left open")
        shop.recorder.begin_subsegment("in that")

    shop.view(work)
    assert shop.get().status_code == 200

    [segment] = shop.sent
    assert segment.name == "shop"
    assert segment.http["response"]["status"] == 200
    assert shop.health.lost() == {}


def test_subsegments_that_are_left_open_are_in_the_segment(shop: Shop) -> None:
    """They end at the request's end."""
    kept: list[Any] = []

    def send(entity: Segment) -> None:
        kept.append(entity.to_dict())

    shop.recording.send_entity = send
    shop.view(lambda: [shop.recorder.begin_subsegment(name) for name in ("outer", "inner")])
    shop.get()

    [document] = kept
    [outer] = document["subsegments"]
    assert (outer["name"], [one["name"] for one in outer["subsegments"]]) == ("outer", ["inner"])
    assert not outer.get("in_progress")


def test_a_view_that_ends_the_segment_itself(shop: Shop) -> None:
    """A segment that the view ends is sent once, by the view."""
    shop.view(shop.recorder.end_segment)
    assert shop.get().status_code == 200
    assert len(shop.sent) == 1
    assert shop.health.lost() == {}


def test_an_exception_is_the_segments_cause(shop: Shop) -> None:
    """An exception is the segment's cause with its own stack, also when it is raised again in another request."""
    error = LookupError("nothing there")

    def fail() -> None:
        raise error

    shop.view(fail)
    for _ in range(2):
        assert shop.get().status_code == 500

    assert len(shop.sent) == 2
    for segment in shop.sent:
        [exception] = segment.cause["exceptions"]
        assert (exception.type, exception.message) == ("LookupError", "nothing there")
        assert exception.stack[-1]["label"] == "fail"
        assert (segment.fault, segment.http["response"]["status"]) == (True, 500)


def test_an_exception_that_takes_no_mark(shop: Shop) -> None:
    """If X-Ray's SDK can't mark an exception, the segment is lost and counted, and the request is unaffected."""

    class Frozen(Exception):
        def __setattr__(self, name: str, value: object) -> None:
            if name == "_recorded":
                raise AttributeError(name)
            super().__setattr__(name, value)

    def fail() -> None:
        raise Frozen

    shop.view(fail)
    assert shop.get().status_code == 500
    assert shop.sent == []
    assert shop.health.lost() == {"dropped": 1, "failed": 0, "unsent": 0}
    assert shop.health.report()["last_error"] == "X-Ray's SDK raised AttributeError"


@pytest.mark.parametrize("sampled", ["0", "1", "?"])
@pytest.mark.parametrize("rate", [0, 1])
def test_a_callers_sampling_is_not_obeyed(recorded: Callable[..., Any], sampled: str, rate: int) -> None:
    """The rules decide on sampling. The trace id is passed on in any case."""
    rules = {**NOTHING, "default": {"fixed_target": 0, "rate": rate}}
    shop = Shop(recorded(), sampling_rules=rules)
    seen: list[str] = []
    shop.view(lambda: seen.append(shop.recorder.get_trace_entity().trace_id))
    root = "1-5759e988-bd862e3fe1be46a994272793"
    response = shop.get(**{"X-Amzn-Trace-Id": f"Root={root};Parent=53995c3f42cd8ad8;Sampled={sampled}"})

    assert seen == [root]
    assert response.headers["X-Amzn-Trace-Id"] == f"Root={root}"
    assert [(segment.trace_id, segment.parent_id) for segment in shop.sent] == [(root, "53995c3f42cd8ad8")] * rate


def test_the_segments_annotations_and_log_group(shop: Shop) -> None:
    """The segment has the wiring's annotations, and the log group whose lines X-Ray's console shows."""
    shop.telemetry.log_group = "shop-lines"
    shop.view(lambda: None)
    shop.get(**{"X-Forwarded-For": "203.0.113.7", "User-Agent": "curl/8"})

    [segment] = shop.sent
    assert segment.annotations == {"application": "shop"}
    assert segment.aws["cloudwatch_logs"] == [{"log_group": "shop-lines"}]
    assert segment.http["request"] == {
        "url": "http://localhost/",
        "method": "GET",
        "user_agent": "curl/8",
        "client_ip": "203.0.113.7",
        "x_forwarded_for": True,
    }
    assert segment.http["response"] == {"status": 200, "content_length": 2}


def test_a_subsegment_that_another_thread_has_open(shop: Shop) -> None:
    """The segment waits for another thread's subsegment, counts as waiting, and is sent by that thread."""
    begun, let_go = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        segment = shop.recorder.get_trace_entity()

        def in_thread() -> None:
            shop.recorder.set_trace_entity(segment)
            shop.recorder.begin_subsegment("slow")
            begun.set()
            let_go.wait(10)
            shop.recorder.end_subsegment()

        threads.append(threading.Thread(target=in_thread))
        threads[0].start()
        assert begun.wait(10)

    shop.view(work)
    shop.get()
    assert (shop.sent, len(shop.waiting)) == ([], 1)
    let_go.set()
    threads[0].join()

    assert shop.sent == shop.waiting
    assert [one.name for one in shop.sent[0].subsegments] == ["slow"]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("shop.example", "shop.example"),
        ("other.example", "shop"),
        ("shop.<b>*?example", "shop.bexample"),
        ("shop." + "x" * 300, ("shop." + "x" * 300)[:MAX_NAME_CHARS]),
    ],
)
def test_a_name_by_the_requests_host(recorded: Callable[..., Any], host: str, name: str) -> None:
    """AWS_XRAY_URL's pattern names the segment by the host, without characters that X-Ray refuses."""
    shop = Shop(recorded(), dynamic_naming="shop.*")
    segments = Segments(shop.recorder, shop.recording, shop.health, shop.telemetry, {})
    assert segments._name(host) == name
