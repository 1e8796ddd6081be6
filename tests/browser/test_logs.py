"""The log lines are live and work by keyboard, and a kind of error leads to its line."""

from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

from browser_pages import Console
from console_senders import new_trace_id, put_lines


def test_lines_come_in_by_themselves(page: Page, console: Console) -> None:
    """New lines that match the filters appear without a reload; while paused, they wait."""
    mark = new_trace_id()
    page.goto(f"/logs?text={mark}")
    expect(page.locator("#live")).to_have_text("live")
    put_lines(console.server, {"event": "first", "level": "INFO", "mark": mark})
    expect(page.locator(".all-lines")).to_contain_text("first")
    page.evaluate("window.notReloaded = true")
    put_lines(console.server, {"event": "second", "mark": mark}, {"event": "of_another"})
    expect(page.locator(".all-lines .event")).to_contain_text(["second", "first"])
    assert page.evaluate("window.notReloaded")
    expect(page.locator(".all-lines")).not_to_contain_text("of_another")
    page.keyboard.press("p")
    expect(page.locator("#live")).to_have_text("paused")
    put_lines(console.server, {"event": "third", "mark": mark})
    expect(page.locator(".all-lines")).not_to_contain_text("third")
    page.keyboard.press("p")
    expect(page.locator(".all-lines")).to_contain_text("third")


def test_to_a_request_and_back_by_keys(page: Page, console: Console) -> None:
    """The line is selected in its request, and u leads back to the filtered lines."""
    trace_id = console.see_failure()
    page.goto(f"/logs?level=ERROR&field=trace_id%3D{trace_id}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/requests/{trace_id}?**row=line**")
    expect(page.locator(".panel .kind")).to_have_text("log line")
    page.keyboard.press("u")
    page.wait_for_url("**/logs?level=ERROR&field=**")


def test_from_a_kind_of_error_to_its_line_in_four_clicks(page: Page, console: Console) -> None:
    trace_id = console.see_failure()
    page.goto("/")
    page.get_by_role("navigation", name="Console").get_by_role("link", name="Errors").click()
    page.locator(".kind-of > a", has_text="LookupError: failed in the service").first.click()
    page.locator(f"tr#t{trace_id} .route a").click()
    page.locator("table.lines a").first.click()
    expect(page.locator(".panel .kind")).to_have_text("log line")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("text", ["short", "a text as long as a server's access log has them, of many words"])
def test_each_part_of_a_line_has_room(page: Page, console: Console, width: int, text: str) -> None:
    """No part lies on another, and a short field is on one line, whatever stands beside it."""
    mark = new_trace_id()
    put_lines(console.server, {"event": text, "level": "WARNING", "mark": mark, "order": 13}, {"event": mark})
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"/logs?text={mark}")
    expect(page.locator(".all-lines tbody tr")).to_have_count(2)
    cells = page.locator(".all-lines tbody tr", has_text=text).locator("td:visible")
    boxes = [box for box in (cell.bounding_box() for cell in cells.all()) if box and box["width"]]
    assert len(boxes) >= 4
    for one, other in combinations(boxes, 2):
        beside = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
        assert beside or one["y"] + one["height"] <= other["y"] + 1 or other["y"] + other["height"] <= one["y"] + 1
    beyond = "cells => Math.max(...cells.map(cell => cell.scrollWidth - cell.clientWidth))"
    assert cells.evaluate_all(beyond) <= 0
