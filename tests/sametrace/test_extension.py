"""The Flask extension starts and stops an app's vendors."""

import logging
import threading
from typing import Any

import pytest
from flask import Flask
from sametrace import SettingError, Telemetry
from sametrace.core.health import VendorHealth
from sametrace.core.request import Request

from forking import exit_status_of_a_child

pytestmark = pytest.mark.usefixtures("nothing_wired", "unset")


class Shelf:
    """A fifth vendor, as an app may add one. `life` has its events.

    failing: the method that raises
    """

    def __init__(self, name: str = "Shelf", on: bool = True, failing: str = "", page: str | None = "") -> None:
        self.life: list[str] = []
        self.requests: list[Request] = []
        self.let_go = threading.Event()
        self.let_go.set()
        self._name = name
        self._on = on
        self._failing = failing
        self._page = page

    def init_app(self, app: Flask, telemetry: Telemetry) -> None:
        detail = "http://localhost:4318" if self._on else "SHELF_URL"
        self.health = VendorHealth(self._name, self._on, detail, self._page)
        telemetry.on_request(self.begin)
        self._lives("init_app")

    def begin(self, request: Request) -> None:
        self.requests.append(request)

    def start(self) -> None:
        self._lives("start")

    def stop(self, seconds: float) -> None:
        self.let_go.wait(10)
        self._lives("stop")

    def _lives(self, step: str) -> None:
        self.life.append(step)
        if step == self._failing:
            raise RuntimeError("a broken shelf")


class OtherShelf(Shelf):
    pass


def app_with(telemetry: Telemetry) -> Flask:
    app = Flask("shop")
    app.add_url_rule("/", view_func=lambda: "ok")
    app.add_url_rule("/health", "health", lambda: "ok")
    telemetry.init_app(app)
    return app


def test_the_first_request_starts_what_no_server_has() -> None:
    """The first request starts the vendors once, if no server has. Before it, there are hooks only."""
    shelf = Shelf()
    telemetry = Telemetry(shelf)
    app = app_with(telemetry)
    assert shelf.life == ["init_app"]
    for _ in range(2):
        app.test_client().get("/")
    telemetry.start()
    assert shelf.life == ["init_app", "start"]
    for _ in range(2):
        telemetry.stop()

    assert shelf.life == ["init_app", "start", "stop"]
    assert len(shelf.requests) == 2


def test_vendors_that_were_not_started_are_not_stopped() -> None:
    """Vendors that were not started, as in a server's master, are not stopped."""
    shelf = Shelf()
    telemetry = Telemetry(shelf)
    app_with(telemetry)
    telemetry.stop()

    assert shelf.life == ["init_app"]


@pytest.mark.parametrize("failing", ["start", "stop"])
def test_a_vendor_that_fails_keeps_no_other_from_its_work(failing: str, caplog: pytest.LogCaptureFixture) -> None:
    """A failing vendor stops neither the others nor the process, and is logged."""
    broken, sound = Shelf(failing=failing), OtherShelf("Other shelf")
    telemetry = Telemetry(broken, sound)
    assert app_with(telemetry).test_client().get("/").status_code == 200
    telemetry.stop()

    assert sound.life == ["init_app", "start", "stop"]
    assert ("vendor_not_started" if failing == "start" else "vendor_not_stopped") in caplog.messages
    if failing == "start":
        assert telemetry.health()["Shelf"]["last_error"] == "RuntimeError: a broken shelf"


def test_a_vendor_that_hangs_is_not_waited_for_past_the_deadline(caplog: pytest.LogCaptureFixture) -> None:
    """A vendor that hangs is left at the deadline, while the others stop in parallel. The loss is logged."""
    hanging, sound = Shelf(), OtherShelf("Other shelf")
    hanging.let_go.clear()
    telemetry = Telemetry(hanging, sound)
    app_with(telemetry)
    telemetry.start()
    hanging.health.produced()
    telemetry.stop(0.1)
    assert (hanging.life, sound.life) == (["init_app", "start"], ["init_app", "start", "stop"])
    hanging.let_go.set()

    [lost] = [record for record in caplog.records if record.getMessage() == "telemetry_lost"]
    assert {name: vars(lost)[name] for name in ("vendor", "dropped", "failed", "unsent")} == {
        "vendor": "Shelf",
        "dropped": 0,
        "failed": 0,
        "unsent": 1,
    }
    assert lost.name == "sametrace.stop"


def test_a_forked_process_stops_by_itself() -> None:
    """A forked process stops its own telemetry, and its parent's continues."""
    shelf = Shelf()
    telemetry = Telemetry(shelf)
    app_with(telemetry)
    telemetry.start()

    def child() -> None:
        telemetry.stop()
        assert shelf.life == ["init_app", "start", "stop"]

    assert exit_status_of_a_child(child) == 0
    assert shelf.life == ["init_app", "start"]
    telemetry.stop()


def test_several_apps_of_one_telemetry() -> None:
    """Several apps of one Telemetry share the vendors, which are wired once."""
    shelf = Shelf()
    telemetry = Telemetry(shelf)
    apps = [app_with(telemetry) for _ in range(2)]
    for app in apps:
        app.test_client().get("/")
        assert app.extensions["sametrace"] is telemetry
    telemetry.stop()

    assert shelf.life == ["init_app", "start", "stop"]
    assert len(shelf.requests) == 2


def test_an_app_that_has_telemetry_already() -> None:
    """An app with telemetry refuses a second one, because each request would begin twice."""
    telemetry = Telemetry(Shelf())
    app = app_with(telemetry)
    with pytest.raises(SettingError, match="shop has telemetry already"):
        telemetry.init_app(app)


def test_one_vendor_in_two_instances() -> None:
    """A vendor in use is refused in a second instance, because each SDK is global. One that is off is not in use."""
    app_with(Telemetry(Shelf()))
    app_with(Telemetry(Shelf(on=False), OtherShelf("Other shelf")))
    with pytest.raises(SettingError, match="another Telemetry in this process has Shelf"):
        app_with(Telemetry(Shelf()))


def test_health_and_the_start() -> None:
    """Health and the start show each vendor: on, with its address and page; or off, with its variable."""
    on = Shelf(page="http://localhost:4318")
    shared = OtherShelf("Other shelf", page=None)
    off = type("Third", (Shelf,), {})("Third shelf", on=False)
    telemetry = Telemetry(on, shared, off)
    app_with(telemetry)
    for _ in range(3):
        on.health.produced()
    before: Any = telemetry.health()["Shelf"]
    on.health.sent(2)
    on.health.failed(1, "too old")

    after: Any = telemetry.health()["Shelf"]
    counts = {name: after[name] - before[name] for name in ("sent", "failed", "dropped", "waiting")}
    assert counts == {"sent": 2, "failed": 1, "dropped": 0, "waiting": -3}
    assert (after["on"], after["last_error"]) == (True, "too old")
    assert telemetry.summary() == [
        "Shelf: on, to http://localhost:4318, see http://localhost:4318",
        "Other shelf: on, to http://localhost:4318, see http://localhost:4318",
        "Third shelf: off, turned on by SHELF_URL",
    ]


def test_untraced_paths_and_trusted_callers() -> None:
    """A keyword sets the untraced paths and trusted callers. TRUST_TRACE_HEADERS is the default."""
    shelf = Shelf()
    telemetry = Telemetry(shelf, untraced=["/health"], trust_trace_headers=True)
    client = app_with(telemetry).test_client()
    traceparent = {"traceparent": f"00-{7:032x}-{8:016x}-01"}
    client.get("/health", headers=traceparent)
    assert shelf.requests == []
    client.get("/", headers=traceparent)
    assert shelf.requests[0].trace_id == 7
    telemetry.stop()


def test_the_frontend_may_bring_a_trace_id(unset: pytest.MonkeyPatch) -> None:
    """Pages of the keyword's or FRONTEND_URL's origins may bring a trace id."""
    shelf = Shelf()
    unset.setenv("TRUST_TRACE_HEADERS", "frontend")
    telemetry = Telemetry(shelf, frontend_url="http://Localhost:80/")
    client = app_with(telemetry).test_client()
    traceparent = f"00-{7:032x}-{8:016x}-01"
    client.get("/", headers={"traceparent": traceparent, "Origin": "http://localhost"})
    client.get("/", headers={"traceparent": traceparent, "Origin": "http://localhost:3001"})
    assert [request.caller.span_id for request in shelf.requests] == [8, None]
    assert shelf.requests[0].trace_id == 7
    telemetry.stop()


def test_every_line_is_written_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is written to stdout once as JSON, not again by Flask's handler or for each app."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    telemetry = Telemetry()
    for app in [app_with(telemetry) for _ in range(2)]:
        app.logger.warning("a_warning")
    logging.getLogger("shop").info("an_event")

    written = capsys.readouterr()
    assert [line.count('"event":"a_warning"') for line in written.out.splitlines()] == [1, 1, 0]
    assert written.err == ""
