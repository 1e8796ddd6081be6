"""Overview and Explore work in a browser: dragging over charts, completing conditions, and accessibility."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from browser_pages import faults
from console_requests import requests as many_requests
from console_server import ConsoleServer
from store import Store

END_NS = time.time_ns() // 10**9 * 10**9
START_NS = END_NS - 1800 * 10**9
SLOW_NS = END_NS - 600 * 10**9
WINDOWS = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"viewport": {"width": 390, "height": 844}},
]
QUERY = "/explore?of=spans&where=kind%3DSERVER&by=http.route&show=heatmap,count,p95&minutes=60&compare=before"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a console with half an hour of requests. One user's are slow in the last ten minutes."""
    folder = tmp_path_factory.mktemp("console")
    store = Store(folder)
    for request in many_requests(300, START_NS, END_NS):
        span = request["honeycomb"][0]
        if span["attributes"]["user.id"] == "user-3" and span["start_ns"] > SLOW_NS:
            span["end_ns"] = span["start_ns"] + 9 * 10**9
        for vendor, records in request.items():
            store.add(vendor, records)
    assert store.flush(30)
    store.close()
    with ConsoleServer(folder) as console:
        yield console.url


def chart(page: Page, title: str) -> Locator:
    return page.locator("figure.chart").filter(has_text=title).locator(".plot")


def drag(page: Page, plot: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over a chart between two places, as parts of its width and height."""
    plot.scroll_into_view_if_needed()
    area: Any = plot.bounding_box()
    places = [(area["x"] + x * area["width"], area["y"] + y * 100) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def test_from_the_slow_minutes_to_the_log_line(page: Page, loaded: str) -> None:
    """Two clicks lead from an area of the heatmap, with what sets it apart, to a request with its log lines."""
    page.goto(f"{loaded}/")
    drag(page, chart(page, "Latency of each request"), (0.7, 0.02), (0.995, 0.12))
    apart = page.get_by_role("region", name="What sets the selection apart")
    expect(apart.locator("table").first).to_contain_text("user.id")
    expect(apart.locator("table").first).to_contain_text("user-3")
    page.locator("td.id a").first.click()
    expect(page).to_have_url(re.compile(r"/requests/[0-9a-f]{32}"))
    expect(page.get_by_text("9.00 s").first).to_be_visible()
    expect(page.locator(".lines tr").filter(has_text="request_served")).to_be_visible()


def test_a_range_is_dragged(page: Page, loaded: str) -> None:
    """A dragged range becomes a filter in the address, and other pages keep it."""
    page.goto(f"{loaded}/?minutes=60")
    whole = page.locator(".facts-row dd").first.inner_text()
    page.goto(f"{loaded}/")
    drag(page, chart(page, "Requests by status"), (0.25, 0.5), (0.75, 0.5))
    expect(page).to_have_url(re.compile(r"from=.*&to="))
    part = int(page.locator(".facts-row dd").first.inner_text())
    assert 0.4 * int(whole) < part < 0.6 * int(whole)
    page.get_by_role("link", name="Requests", exact=True).click()
    expect(page.get_by_text(f"{part} requests match")).to_be_visible()


def test_a_range_without_a_mouse(page: Page, loaded: str) -> None:
    """Each chart has a table whose times are links, so that no mouse is needed."""
    page.goto(f"{loaded}/")
    figure = page.locator("figure.chart").filter(has_text="Requests with an error")
    figure.locator("summary").focus()
    page.keyboard.press("Enter")
    figure.locator("tbody a").nth(3).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"from=.*&to="))


def test_attributes_are_completed(page: Page, loaded: str) -> None:
    """Names are completed first, then the values of the typed name, after the earlier conditions."""
    page.goto(f"{loaded}/explore?of=spans")
    where = page.locator("input[name=where]")
    options = "[...document.getElementById(document.querySelector('[name=where]').getAttribute('list')).options]"
    offered = f"() => {options}.some(option => option.value === 'kind=SERVER user.id=')"
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/api/attributes?*name=kind*", hold)
    where.press_sequentially("kind=SERVER user")
    page.wait_for_function(offered)
    # The previous condition's values arrive late, and are not offered any more.
    with page.expect_response("**/api/attributes?*name=kind*") as response:
        late[0].continue_()
    response.value.finished()
    assert page.evaluate(offered)
    where.press_sequentially(".id=")
    page.wait_for_function(f"() => {options}.some(option => option.value === 'kind=SERVER user.id=user-3')")
    where.press_sequentially("user-3")
    by = page.locator("input[name=by]")
    by.fill("http.route,n")
    assert "http.route,name" in page.evaluate(
        "[...document.querySelector('[name=by]').list.options].map(option => option.value)"
    )
    by.fill("http.route")
    by.press("Enter")
    expect(page).to_have_url(re.compile("where=kind%3DSERVER\\+user.id%3Duser-3"))
    expect(page.locator(".matched")).to_contain_text("spans in")


# The queries of the vendors' pages in docs: what to type, and a part of the vendor's query in Explore.
TYPED = [
    ({"of": "spans", "where": "trace.parent_id!?", "by": "http.route", "show": "heatmap,p95"}, '"op": "HEATMAP"'),
    ({"of": "segments", "where": "annotation.application=cruddur fault=true"}, 'cruddur" AND fault = true'),
    ({"of": "lines", "where": "event=request_served", "by": "route,status", "show": "count,p95(ms)"}, "pct(ms, 95)"),
]


@pytest.mark.parametrize(("fields", "translated"), TYPED, ids=["Honeycomb", "X-Ray", "Logs Insights"])
def test_the_queries_of_the_docs_are_typed(page: Page, loaded: str, fields: dict[str, str], translated: str) -> None:
    page.goto(f"{loaded}/explore")
    form = page.locator("form.filters")
    of = form.locator("select[name=of]")
    with page.expect_navigation():
        of.select_option(fields["of"]) if fields["of"] != "spans" else form.get_by_role("button", name="Filter").click()
    for name, text in fields.items():
        if name != "of":
            form.locator(f"input[name={name}]").fill(text)
    form.locator("input[name=where]").press("Enter")
    expect(page.locator(".words pre").first).to_contain_text(translated)
    expect(page.locator(".figures tbody tr").first).to_be_visible()


@pytest.mark.parametrize("page", WINDOWS, indirect=True)
def test_for_everybody(page: Page, loaded: str) -> None:
    """axe finds no serious fault, and nothing is wider than the window."""
    patch = f"&patch={_iso(SLOW_NS)},{_iso(END_NS)},5000,20000"
    for path in ("/", QUERY, f"/explore?of=spans&where=kind%3DSERVER&show=heatmap{patch}", "/explore?show=median"):
        page.goto(loaded + path)
        page.evaluate("for (const folded of document.querySelectorAll('main details')) folded.open = true")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def _iso(ns: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ns // 10**9))
