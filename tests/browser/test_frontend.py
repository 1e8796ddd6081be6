"""A trace goes from a click to the service: a page of another origin with frontend-tracing.js, in a real browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from console_server import ConsoleServer
from gunicorn_server import GunicornServer
from page_server import served
from pages_built import PAGE, bundle

SERVICE = "frontend-react-js"
PROTOBUF = "--alias:@opentelemetry/exporter-trace-otlp-http=@opentelemetry/exporter-trace-otlp-proto"


@dataclass
class Frontend:
    """origins: the page's. The first is FRONTEND_URL of the API and the console, the second is unknown to them."""

    origins: list[str]
    console: ConsoleServer
    api: GunicornServer

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.console.get("/api/requests", **filters)["requests"]
        return listed

    def trace(self, trace_id: str, **counts: int) -> dict[str, Any]:
        """Return the request with this id, when this many records of it have arrived."""
        found: dict[str, Any] = {}

        def is_there() -> bool:
            if trace_id in self.console.listed():
                found.update(self.console.get(f"/api/requests/{trace_id}"))
            return bool(found) and all(len(found[kind]) >= count for kind, count in counts.items())

        self.console.wait_for(is_there, why=f"{counts} of {trace_id}; there is {found.get('summary')}")
        return found

    def document_load(self) -> dict[str, Any]:
        """Return the trace of a page's load, when its three spans have arrived."""
        self.console.wait_for(lambda: bool(self.requests(route="documentLoad")), why="a document's load")
        return self.trace(self.requests(route="documentLoad")[0]["trace_id"], spans=3)


@pytest.fixture(scope="module")
def frontend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frontend]:
    folder = tmp_path_factory.mktemp("page")
    with served(folder) as first, served(folder) as second:
        allowed = {"CONSOLE_ALLOWED_ORIGINS": first}
        with ConsoleServer(tmp_path_factory.mktemp("console"), **allowed) as console:
            environ = {**console.environ(), "FRONTEND_URL": first, "TRUST_TRACE_HEADERS": "frontend"}
            with GunicornServer(environ, app="wire_app:create_quick_app()") as api:
                build(folder, "json", console, api)
                build(folder, "protobuf", console, api, PROTOBUF)
                yield Frontend([first, second], console, api)


def build(folder: Path, name: str, console: ConsoleServer, api: GunicornServer, *options: str) -> None:
    """Build the page under a name, with the settings of docs/browser.md."""
    settings = {
        "REACT_APP_BACKEND_URL": api.url,
        "REACT_APP_OTLP_ENDPOINT": console.url,
        "REACT_APP_ROLLBAR_ENDPOINT": f"{console.url}/api/1/item/",
        "REACT_APP_ROLLBAR_ACCESS_TOKEN": "console",
    }
    bundle(PAGE / "index.js", folder / f"{name}.js", settings, *options)
    (folder / f"{name}.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>Cruddur</title><link rel="icon" href="data:,">'
        f'<body><script src="{name}.js"></script>'
    )


@dataclass
class Tab:
    page: Page
    messages: list[str]

    def current_messages(self) -> list[str]:
        """Return the console's messages so far. Playwright receives them while it waits for the page."""
        self.page.evaluate("0")
        return self.messages

    def click(self, button: str, title: str = "200 3") -> str:
        """Click, wait until the page shows the response, and return the trace id in it."""
        self.page.evaluate("document.title = ''")
        with self.page.expect_response(lambda response: "/api/activities/" in response.url) as response:
            self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page).to_have_title(title)
        return response.value.headers["x-request-id"]


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """Open a tab that collects the browser console's messages."""
    context = browser.new_context()
    tab = Tab(context.new_page(), [])
    tab.page.on("console", lambda message: tab.messages.append(message.text))
    tab.page.on("pageerror", lambda error: tab.messages.append(f"uncaught: {error}"))
    yield tab
    context.close()


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
def test_one_trace_from_the_click_to_the_service(frontend: Frontend, tab: Tab, encoding: str) -> None:
    """The browser's span, the server span and the service's span are nested, at all four vendors, and nothing is
    logged.
    """
    tab.page.goto(f"{frontend.origins[0]}/{encoding}.html?token=typed")
    trace_id = tab.click("home")
    trace = frontend.trace(trace_id, spans=3, documents=1, lines=2)

    by_name = {span["name"]: span for span in trace["spans"]}
    server, service = by_name["GET /api/activities/home"], by_name["home-activities-mock-data"]
    [browser] = [span for span in trace["spans"] if span["resource"]["service.name"] == SERVICE]
    assert (browser["kind"], browser["parent_span_id"]) == ("CLIENT", "")
    assert (server["parent_span_id"], service["parent_span_id"]) == (browser["span_id"], server["span_id"])
    assert trace["documents"][0]["trace_id"] == f"1-{trace_id[:8]}-{trace_id[8:]}"
    assert abs(int(trace_id[:8], 16) - browser["start_ns"] / 1e9) < 60
    assert {line["fields"]["trace_id"] for line in trace["lines"]} == {trace_id}
    assert (trace["summary"]["service"], trace["summary"]["route"]) == ("backend-flask", "/api/activities/home")
    assert tab.current_messages() == []


def test_the_requests_page_shows_both_services(frontend: Frontend, tab: Tab, page: Page) -> None:
    """The page shows the browser's span and the API's on one axis, each row with its service."""
    tab.page.goto(f"{frontend.origins[0]}/json.html")
    trace = frontend.trace(tab.click("inSpan"), spans=4, documents=1, lines=2)
    own = next(span for span in trace["spans"] if span["name"] == "open the feed")
    call = next(span for span in trace["spans"] if span["kind"] == "CLIENT")
    assert (own["parent_span_id"], call["parent_span_id"]) == ("", own["span_id"])

    page.goto(f"{frontend.console.url}/requests/{trace['summary']['trace_id']}")
    rows = page.locator(".rows .row")
    expect(rows).to_have_count(6)
    for name, service in [
        ("open the feed", SERVICE),
        (call["name"], SERVICE),
        ("GET /api/activities/home", "backend-flask"),
    ]:
        expect(rows.get_by_text(f"{service} {name}", exact=False).first.locator(".service")).to_have_text(service)


def test_an_error_of_the_page(frontend: Frontend, tab: Tab) -> None:
    """rollbar.js's item is in the trace of the preceding call."""
    tab.page.goto(f"{frontend.origins[0]}/json.html?token=typed")
    with tab.page.expect_event("pageerror"):
        trace_id = tab.click("fail")
    trace = frontend.trace(trace_id, spans=3, items=1)

    [item] = trace["items"]
    assert item["body"]["trace"]["exception"]["message"] == "the feed has no names"
    assert (item["language"], item["environment"]) == ("javascript", "development")
    assert [field for field, value in item.items() if "typed" in json.dumps(value)] == []
    assert trace["summary"]["has_error"]
    assert tab.current_messages() == ["uncaught: the feed has no names"]


def test_what_a_user_types_stays_in_the_browser(frontend: Frontend, tab: Tab) -> None:
    """No span contains the page's query string, a search term or a handle. The routes stand for them."""
    tab.page.goto(f"{frontend.origins[0]}/json.html?token=typed")
    traces = [
        frontend.trace(tab.click("search", "200 1"), spans=3),
        frontend.trace(tab.click("user", "200 1"), spans=3),
        frontend.document_load(),
    ]

    assert "typed" not in json.dumps(traces)
    urls = {span["attributes"].get("url.full") for trace in traces for span in trace["spans"]}
    assert {f"{frontend.api.url}/api/activities/search", f"{frontend.api.url}/api/activities/@"} <= urls


def test_a_stranger_is_refused(frontend: Frontend, tab: Tab, page: Page) -> None:
    """Nothing arrives from a page of another origin. The browser logs the reason, and the list names the setting."""
    before = frontend.requests(service=SERVICE)
    tab.page.goto(f"{frontend.origins[1]}/json.html")
    with tab.page.expect_event("requestfailed", lambda request: request.url.endswith("/v1/traces")):
        tab.page.get_by_role("button", name="home", exact=True).click()
    beacon = "url => navigator.sendBeacon(url, new Blob(['{}'], {type: 'text/plain'}))"
    tab.page.evaluate(beacon, f"{frontend.console.url}/v1/traces")

    page.goto(f"{frontend.console.url}/requests")
    finding = page.get_by_text(f"A page of {frontend.origins[1]} tried")
    finding.click()
    expect(page.get_by_text(f"CONSOLE_ALLOWED_ORIGINS={frontend.origins[1]}")).to_be_visible()
    assert frontend.requests(service=SERVICE) == before
    assert any(
        message.startswith(f"Access to fetch at '{frontend.console.url}/v1/traces' from origin")
        and "No 'Access-Control-Allow-Origin' header is present" in message
        for message in tab.current_messages()
    )


def test_a_beacon(frontend: Frontend, tab: Tab) -> None:
    """A beacon, which older exporters send when a page closes, arrives although it has credentials."""
    tab.page.goto(f"{frontend.origins[0]}/json.html")
    sent = """url => navigator.sendBeacon(url, new Blob([JSON.stringify({resourceSpans: [{scopeSpans: [{spans: [
        {traceId: "6b04a7c926a00196eb0b0570f04d4808", spanId: "00f067aa0ba902b7", name: "left the page"}]}]}]})],
        {type: "application/json"}))"""
    assert tab.page.evaluate(sent, f"{frontend.console.url}/v1/traces")
    assert frontend.trace("6b04a7c926a00196eb0b0570f04d4808", spans=1)["spans"][0]["name"] == "left the page"
    assert tab.current_messages() == []


def test_the_trace_id_goes_to_the_api_alone(frontend: Frontend, tab: Tab) -> None:
    """The trace headers are sent to the API only, and not to another host."""
    tab.page.goto(f"{frontend.origins[0]}/json.html")
    requested = tab.page.context
    headers: dict[str, dict[str, str]] = {}
    requested.on("request", lambda request: headers.update({request.url: request.headers}))
    requested.route("**/else/**", lambda route: route.fulfill(body="", headers={"Access-Control-Allow-Origin": "*"}))
    for url in (f"{frontend.api.url}/else/", f"{frontend.origins[1]}/else/"):
        tab.page.evaluate("url => fetch(url).catch(() => null)", url)
    assert {url.removeprefix(frontend.api.url): "traceparent" in sent for url, sent in headers.items()} == {
        "/else/": True,
        f"{frontend.origins[1]}/else/": False,
    }
