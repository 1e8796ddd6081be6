"""The README's pictures: list.png and request.png, of a console that has seen a little of everything."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from browser_pages import Console, row
from console_server import ConsoleServer

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
    """`make screenshots` keeps them, where SCREENSHOTS says."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    page.set_viewport_size({"width": 1280, "height": 560})
    asked = [console.ask(path) for path in WALK]
    failed = console.see_failure()
    asked += [console.ask(path) for path in WALK]
    console.server.wait_for(lambda: arrived(console.server) >= set(asked), why="all to arrive")
    page.goto("/requests")
    expect(row(page, asked[-1]).locator(".mark").nth(2)).to_have_text("arrived")
    page.goto("/requests")
    page.screenshot(path=folder / "list.png")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"/requests/{failed}")
    # Whose machine took the picture is nobody's business.
    without = "(stacks, root) => stacks.forEach(one => one.textContent = one.textContent.replaceAll(root, ''))"
    page.locator("code.where").evaluate_all(without, f"{Path(__file__).parents[2]}/")
    page.screenshot(path=folder / "request.png")


def arrived(console: ConsoleServer) -> set[str]:
    """The requests that three vendors have; Rollbar has those alone that failed."""
    return {
        summary["trace_id"]
        for summary in console.get("/api/requests")["requests"]
        if all(summary["marks"][vendor] == "arrived" for vendor in ("honeycomb", "xray", "cloudwatch"))
    }
