"""A page of another origin calls the API in a real browser, as the React client does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from gunicorn_server import GunicornServer
from page_server import served

READABLE = {"x-request-id", "server-timing", "content-type", "content-length", "cache-control"}


@pytest.fixture(scope="module")
def origins() -> Iterator[list[str]]:
    """Two origins that serve the client's page."""
    folder = Path(__file__).parent
    with served(folder) as first, served(folder) as second:
        yield [first, second]


@pytest.fixture(scope="module")
def api(origins: list[str]) -> Iterator[GunicornServer]:
    """An API that allows the first origin."""
    with GunicornServer({"FRONTEND_URL": origins[0]}, app="app:create_app()") as server:
        yield server


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_the_client_s_origin_may_do_all_that_the_client_does(
    tab: Page, origins: list[str], api: GunicornServer
) -> None:
    """The client's origin reads each response, also a refusal, and the headers that name the new trace."""
    tab.goto(f"{origins[0]}/client.html")
    responses = tab.evaluate("callAll", api.url)

    refused = {"refused": 422, "nowhere": 404}
    assert {name: response.get("status") for name, response in responses.items()} == {
        name: refused.get(name, 200) for name in responses
    }
    assert len(responses) == 18
    for response in responses.values():
        trace_id = response["headers"]["x-request-id"]
        assert trace_id != "6b04a7c926a00196eb0b0570f04d4808"
        assert response["headers"]["server-timing"].startswith(f'traceparent;desc="00-{trace_id}-')
        assert set(response["headers"]) == READABLE
    assert responses["refused"]["body"]["errors"] == ["message_blank", "ttl_blank"]
    assert responses["refused"]["body"]["trace_id"] == responses["refused"]["headers"]["x-request-id"]
    assert responses["home"]["body"][0]["replies"][0]["handle"] == "Worf"
    assert responses["post 7-days"]["body"]["handle"] == "andrewbrown"
    assert responses["reply"]["body"]["reply_to_activity_uuid"] == responses["show"]["body"][0]["uuid"]


def test_another_origin_gets_nothing(tab: Page, origins: list[str], api: GunicornServer) -> None:
    """Another origin reads nothing: by no call, with or without a preflight, and not as a script or picture."""
    tab.goto(f"{origins[1]}/client.html")
    responses = tab.evaluate("callAll", api.url)

    assert responses == {name: {"error": "TypeError"} for name in responses}
    assert len(responses) == 18
    simple = "url => fetch(url).then(response => response.status, error => error.name)"
    assert tab.evaluate(simple, f"{api.url}/api/activities/home") == "TypeError"
    included = """url => new Promise(done => {
        const element = document.createElement("script");
        element.onload = () => done("loaded");
        element.onerror = () => done("refused");
        element.src = url;
        document.head.append(element);
    })"""
    assert tab.evaluate(included, f"{api.url}/api/docs/swagger-ui-bundle.js") == "refused"


def test_the_document_is_there_to_read_and_to_try(tab: Page, api: GunicornServer) -> None:
    """The viewer shows every operation and sends a request. All its files are the API's own, and none is blocked."""
    messages: list[str] = []
    requested: list[str] = []
    tab.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: messages.append(str(error)))
    tab.on("request", lambda request: requested.append(request.url))
    tab.goto(f"{api.url}/api/docs")
    tab.locator(".opblock").first.wait_for()

    assert tab.locator(".opblock").count() == 15
    home = tab.locator("#operations-activities-home_activities")
    home.locator(".opblock-summary-control").click()
    home.get_by_role("button", name="Execute").click()
    home.locator(".live-responses-table", has_text="Cloud is very fun!").wait_for()
    assert [url for url in requested if not url.startswith((api.url, "data:", "blob:"))] == []
    assert messages == []
