"""The pages are accessible, in light and dark, and show received text without running it."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from browser_pages import Console, faults, row, serving
from console_senders import (
    access_line,
    item,
    new_trace_id,
    post_item,
    post_spans,
    put_lines,
    segment,
    send_segment,
    span,
    wait_for_trace,
)

SCHEMES = [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": {"width": 900, "height": 900}}]
PAGES = ["/", "/requests", "/errors", "/logs", "/explore", "/services", "/metrics", "/delivery"]
SCRIPT = "<script>window.ran = true</script><img src=x onerror='window.ran = true'>\"'><svg onload=window.ran=true>"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console of its own, with a request of each kind: axe takes seconds for the hundred rows of a shared one."""
    with serving(tmp_path_factory.mktemp("console")) as console:
        console.see("/api/nowhere", segments=1, lines=1)
        console.see("/rollbar/test", spans=1, lines=2, items=1)
        yield console


def wide(page: Page) -> list[str]:
    """Return the elements that are wider than the window."""
    return page.evaluate("""[...document.querySelectorAll("main *")]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
        .map(one => one.outerHTML.slice(0, 120))""")


@pytest.mark.parametrize("page", SCHEMES, indirect=True)
def test_no_serious_accessibility_fault(page: Page, console: Console) -> None:
    home, failed = console.see_home(), console.see_failure()
    put_lines(console.server, {"event": "without_an_id"})
    paths = [*PAGES, "/requests?text=nothing+has+this", f"/requests/{failed}", f"/requests/{failed}?show=rollbar"]
    for path in [*paths, f"/compare?a={home}&b={failed}", f"/requests/{'5b' * 16}"]:
        page.goto(path)
        page.evaluate("for (const folded of document.querySelectorAll('main details')) folded.open = true")
        assert faults(page) == [], path
    page.goto("/requests")
    page.keyboard.press("?")
    assert faults(page) == []


@pytest.mark.parametrize(
    "page",
    [
        {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
        for width in (1280, 390)
        for scheme in ("light", "dark")
    ],
    indirect=True,
)
def test_metrics_have_no_serious_fault(page: Page, console: Console) -> None:
    """The list of metrics, and pages of a histogram, a counter and a negative gauge, whole and split, have no serious
    fault.
    """
    paths = console.see_metrics()
    for path in ["/metrics", *paths, f"{paths[0]}&split=http.route"]:
        page.goto(path)
        page.evaluate("for (const folded of document.querySelectorAll('main details')) folded.open = true")
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, wide(page))


def test_light_and_dark(page: Page, console: Console) -> None:
    console.see_home()
    grounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/requests")
        grounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds == {"rgb(255, 255, 255)", "rgb(20, 23, 27)"}


@pytest.mark.parametrize("page", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_a_narrow_window(page: Page, console: Console) -> None:
    """In a narrow window nothing is off screen: routes can be read, marks are visible, and labels don't overlap."""
    home, failed = console.see_home(), console.see_failure()
    put_lines(console.server, {"event": "without_an_id"})
    paths = [*PAGES, "/go?id=1", "/requests?text=nothing+has+this", f"/requests/{home}", f"/requests/{failed}"]
    for path in [*paths, f"/requests/{failed}?show=xray", f"/compare?a={home}&b={failed}", f"/requests/{'5b' * 16}"]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, (path, wide(page))
        assert faults(page) == [], path
    page.goto("/requests")
    expect(row(page, home).locator(".mark").last).to_be_in_viewport()
    hidden = "link => link.scrollWidth - link.closest('td').clientWidth"
    assert row(page, home).locator(".route a").evaluate(hidden) <= 0
    page.goto(f"/requests/{failed}")
    boxes = [label.bounding_box() for label in page.locator(".scale .track span").all() if label.is_visible()]
    assert len(boxes) >= 2
    assert all(left["x"] + left["width"] <= right["x"] for left, right in pairwise(filter(None, boxes)))


@pytest.mark.parametrize("page", [{"timezone_id": "Asia/Kolkata"}, {"timezone_id": "America/New_York"}], indirect=True)
def test_times_are_in_the_readers_zone(page: Page, console: Console) -> None:
    """Times are in the reader's time zone in the list, in new rows and on a request's page.

    The heading names the zone.
    """
    page.goto("/requests")
    trace_id = console.see_home()
    started = console.document(trace_id)["summary"]["started_ns"] // 1_000_000
    clock = page.evaluate("ms => new Date(ms).toLocaleTimeString('en-GB')", started)
    expect(row(page, trace_id).locator("time")).to_contain_text(clock)
    zone = page.evaluate("new Date().toLocaleTimeString(undefined, {timeZoneName: 'short'}).split(' ').pop()")
    expect(page.locator(".requests .zone")).to_have_text(zone)
    page.goto(f"/requests/{trace_id}")
    expect(page.locator(".ids time")).to_contain_text(clock)
    expect(page.locator(".ids .zone")).to_have_text(zone)
    page.locator(".lane a").last.click()  # of several at one time, the one on top
    expect(page.locator(".panel time")).to_contain_text(clock[:5])


def test_long_names_leave_room_for_the_others(page: Page, console: Console) -> None:
    """A method or name of 300 characters is shortened in the list, and wrapped on the request's page."""
    home, odd = console.see_home(), new_trace_id()
    attributes = {"http.request.method": "M" * 300, "http.route": ""}
    post_spans(console.server, span(odd, name="n" * 300, attributes=attributes), service="s" * 300)
    wait_for_trace(console.server, odd, spans=1)
    for path in ("/requests", f"/requests/{odd}", f"/compare?a={home}&b={odd}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1440, path
    page.goto("/requests")
    expect(row(page, odd).locator("td.method")).to_have_attribute("title", "M" * 300)
    box = row(page, home).locator(".route").bounding_box()
    assert box
    assert box["width"] > 300


def test_a_title_without_a_status(page: Page, console: Console) -> None:
    """The title is as high as the duration beside it."""
    trace_id = new_trace_id()
    put_lines(console.server, access_line(trace_id, status=None))
    wait_for_trace(console.server, trace_id, lines=1)
    page.goto(f"/requests/{trace_id}")
    tops = page.locator("h1").evaluate("""title => {
        const range = document.createRange();
        range.selectNode(title.firstChild);
        return [range, title.querySelector(".facts > :last-child")].map(one => one.getBoundingClientRect().top);
    }""")
    assert abs(tops[0] - tops[1]) < 4


def test_what_arrives_is_shown_and_never_run(page: Page, console: Console) -> None:
    """Markup in names, messages, attributes, annotations and routes is shown as text."""
    trace_id = new_trace_id()
    attributes = {"http.route": f"/{SCRIPT}", SCRIPT: SCRIPT, "http.request.method": SCRIPT}
    event = {
        "name": "exception",
        "timeUnixNano": "1",
        "attributes": [
            {"key": "exception.type", "value": {"stringValue": SCRIPT}},
            {"key": "exception.stacktrace", "value": {"stringValue": SCRIPT}},
        ],
    }
    post_spans(console.server, span(trace_id, name=SCRIPT, attributes=attributes, events=[event]), service=SCRIPT)
    send_segment(console.server, segment(trace_id, annotations={"a": SCRIPT}, metadata={SCRIPT: {SCRIPT: SCRIPT}}))
    put_lines(console.server, access_line(trace_id, event=SCRIPT, level=SCRIPT, span_id=SCRIPT), SCRIPT)
    post_item(console.server, item(trace_id, uuid=SCRIPT, title=SCRIPT))
    wait_for_trace(console.server, trace_id, spans=1, segments=1, lines=1, items=1)

    page.goto("/requests")
    expect(row(page, trace_id)).to_contain_text("<script>window.ran = true</script>")
    views = ["", "?show=honeycomb", "?show=xray", "?show=cloudwatch", "?show=rollbar"]
    of_one = [f"/requests/{trace_id}{view}" for view in views]
    for path in ["/requests", "/logs", "/errors", *of_one, f"/compare?a={trace_id}&b={trace_id}"]:
        page.goto(path)
        expect(page.locator("main")).to_contain_text("<script>window.ran = true</script>")
        assert page.evaluate("window.ran") is None
        assert page.locator("main img").count() == 0
        assert page.locator("[onload], [onerror]").count() == 0
