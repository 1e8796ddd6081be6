"""Every page has the navigation and the filter bar."""

import pytest
from playwright.sync_api import Page, expect

from browser_pages import Console, row


def test_the_filters_go_along(page: Page, console: Console) -> None:
    """The filters go along from a page of the navigation to a request, and from there to each page."""
    home, failed = console.see_home(), console.see_failure()
    page.goto("/requests")
    page.get_by_label("Time").select_option("15")
    page.wait_for_url("**/requests?minutes=15")
    page.get_by_label("Status").fill("500")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests?minutes=15&status=500")
    expect(row(page, home)).to_have_count(0)
    row(page, failed).locator(".route a").click()
    page.wait_for_url(f"**/requests/{failed}?*")
    for link in page.get_by_role("navigation", name="Console").get_by_role("link").all():
        address = link.get_attribute("href") or ""
        assert "minutes=15" in address
        assert "status=500" in address


def test_a_range_of_time(page: Page, console: Console) -> None:
    """A range of time is in the address. A number of minutes, or any time, replaces it."""
    home = console.see_home()
    page.goto("/requests?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")
    expect(page.locator(".empty")).to_contain_text("No requests match")
    page.get_by_label("Status").fill("200")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests?from=2020-01-01*&to=2020-01-02*&status=200")
    page.get_by_label("Time").select_option("any time")
    page.wait_for_url("**/requests?status=200")
    expect(row(page, home)).to_be_visible()
    page.goto("/requests?from=2020-01-01")
    expect(row(page, home)).to_be_visible()


@pytest.mark.parametrize("page", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_filters_are_folded_in_a_narrow_window(page: Page, console: Console) -> None:
    console.see_home()
    page.goto("/requests")
    expect(page.get_by_label("Status")).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    expect(page.get_by_label("Status")).to_be_visible()
    page.goto("/requests?status=404")
    expect(page.get_by_label("Status")).to_be_visible()
    expect(page.get_by_text("Filters (1)")).to_be_visible()
