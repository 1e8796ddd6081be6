"""Take the documentation's pictures of the console: list.png, request.png, and one for each vendor."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from browser_pages import Console, row
from console_server import ConsoleServer

VENDORS = ("honeycomb", "xray", "cloudwatch", "rollbar")
WALK = (
    "/api/activities/home",
    "/api/activities/@andrewbrown",
    "/api/message_groups",
    "/api/messages/@worf",
    "/api/activities/search?term=cloud",
    "/api/activities/search?term=",
    "/api/activities/notifications",
    "/rollbar/test",
    "/api/nowhere",
)


def test_screenshots(page: Page, console: Console, tmp_path: Path) -> None:
    """`make screenshots` writes the pictures to the folder SCREENSHOTS."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    page.set_viewport_size({"width": 1280, "height": 560})
    requested = [console.request(path) for path in WALK]
    failed = console.see_failure()
    requested += [console.request(path) for path in WALK]
    console.server.wait_for(lambda: arrived(console.server) >= set(requested), why="all to arrive")
    page.goto("/requests")
    expect(row(page, requested[-1]).locator(".mark").nth(2)).to_have_text("arrived")
    page.goto("/requests")
    page.screenshot(path=folder / "list.png")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"/requests/{failed}")
    hide_paths(page, "code.where")
    page.screenshot(path=folder / "request.png")
    for vendor in VENDORS:
        page.goto(f"/requests/{failed}?show={vendor}")
        hide_paths(page, ".record dd, .record pre, .record code")
        page.screenshot(path=folder / f"still-{vendor}.png")


def hide_paths(page: Page, places: str) -> None:
    """Remove this machine's paths from the page."""
    script = """(found, root) => found.forEach(one => {
        const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(root, '');
    })"""
    page.locator(places).evaluate_all(script, f"{Path(__file__).parents[2]}/")


def arrived(console: ConsoleServer) -> set[str]:
    """Return the requests that three vendors have. Rollbar has only failed ones."""
    return {
        summary["trace_id"]
        for summary in console.get("/api/requests")["requests"]
        if all(summary["marks"][vendor] == "arrived" for vendor in ("honeycomb", "xray", "cloudwatch"))
    }
