"""For everybody, in light and dark; and what is received is shown, never run."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser_pages import Console, row
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
SCRIPT = "<script>window.ran = true</script><img src=x onerror='window.ran = true'>\"'><svg onload=window.ran=true>"


def faults(page: Page) -> list[tuple[str, Any]]:
    """What axe finds that keeps people out."""
    violations = Axe().run(page).response["violations"]
    grave = [found for found in violations if found["impact"] in ("serious", "critical")]
    return [(found["id"], [node["html"] for node in found["nodes"]]) for found in grave]


@pytest.mark.parametrize("page", SCHEMES, indirect=True)
def test_no_serious_accessibility_fault(page: Page, console: Console) -> None:
    home, failed = console.see_home(), console.see_failure()
    put_lines(console.server, {"event": "without_an_id"})
    paths = ["/", "/?text=nothing+has+this", f"/requests/{failed}", f"/requests/{failed}?show=rollbar"]
    for path in [*paths, f"/compare?a={home}&b={failed}", f"/requests/{'5b' * 16}"]:
        page.goto(path)
        page.evaluate("for (const folded of document.querySelectorAll('main details')) folded.open = true")
        assert faults(page) == [], path
    page.goto("/")
    page.keyboard.press("?")
    assert faults(page) == []


def test_light_and_dark(page: Page, console: Console) -> None:
    console.see_home()
    grounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto("/")
        grounds.add(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds == {"rgb(255, 255, 255)", "rgb(20, 23, 27)"}


def test_what_arrives_is_shown_and_never_run(page: Page, console: Console) -> None:
    """Markup in names, messages, attributes, annotations and routes is text."""
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

    page.goto("/")
    expect(row(page, trace_id)).to_contain_text("<script>window.ran = true</script>")
    page.locator("footer summary").click()
    views = ["", "?show=honeycomb", "?show=xray", "?show=cloudwatch", "?show=rollbar"]
    for path in ["/", *(f"/requests/{trace_id}{view}" for view in views), f"/compare?a={trace_id}&b={trace_id}"]:
        page.goto(path)
        expect(page.locator("main")).to_contain_text("<script>window.ran = true</script>")
        assert page.evaluate("window.ran") is None
        assert page.locator("main img").count() == 0
        assert page.locator("[onload], [onerror]").count() == 0
