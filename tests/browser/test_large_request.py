"""In a request with thousands of spans of seven services, the failure is found at once, and only visible rows are
drawn.
"""

import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from browser_pages import Console, shown
from console_senders import new_trace_id, post_spans, span, wait_for_trace
from shop_trace import SERVICES, Shop

NARROW = {"viewport": {"width": 390, "height": 844}}
WIDE = {"viewport": {"width": 1280, "height": 800}}
BANK = "RuntimeError: card declined by the bank"


def see_shop(console: Console, spans: int) -> str:
    shop = Shop(spans)
    headers = {"Content-Type": "application/x-protobuf"}
    assert requests.post(f"{console.url}/v1/traces", data=shop.body(), headers=headers, timeout=10).status_code == 200
    wait_for_trace(console.server, shop.trace_id, spans=spans)
    return shop.trace_id


def rows(page: Page) -> Locator:
    return page.locator(".rows .row")


@pytest.mark.parametrize("page", [WIDE, NARROW, WIDE | {"color_scheme": "dark"}], indirect=True)
def test_what_failed_is_on_the_first_screen_and_a_key_away(page: Page, console: Console) -> None:
    """The first screen has the error with its line of code, and `e` selects its span. axe finds nothing."""
    page.goto(f"/requests/{see_shop(console, 3_001)}")
    expect(page.get_by_role("heading", name=BANK)).to_be_in_viewport()
    expect(page.locator(".own-frame").first).to_be_in_viewport()
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in violations] == []
    page.keyboard.press("e")
    chosen = page.locator(".rows .row.chosen")
    expect(chosen).to_contain_text("bank.authorize")
    expect(chosen).to_be_in_viewport()
    expect(shown(page)).to_contain_text("card declined by the bank")
    page.keyboard.press("e")
    expect(page.locator(".rows .row.chosen")).to_contain_text("POST /charge")
    page.keyboard.press("Shift+E")
    expect(page.locator(".rows .row.chosen")).to_contain_text("bank.authorize")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


@pytest.mark.parametrize("spans", [300, 9_990])
def test_only_what_is_seen_is_drawn(page: Page, console: Console, spans: int) -> None:
    """The page has the same number of nodes for any request, and scrolling reaches the last row."""
    page.goto(f"/requests/{see_shop(console, spans)}")
    expect(rows(page).first).to_be_visible()
    for group in page.locator(".rows .fold[aria-expanded=false]").all()[::-1]:
        group.click()
    assert page.evaluate("document.querySelectorAll('*').length") < 2_500
    page.locator(".scroller").evaluate("one => one.scrollTop = one.scrollHeight")
    expect(rows(page).last).to_contain_text("render sorry")
    rows(page).last.scroll_into_view_if_needed()
    expect(rows(page).last).to_be_in_viewport()
    assert page.evaluate("document.querySelectorAll('*').length") < 2_500


def test_repeats_are_one_row_until_opened(page: Page, console: Console) -> None:
    """Siblings with one name are one row, which → opens and ← closes."""
    page.goto(f"/requests/{see_shop(console, 300)}")
    group = rows(page).filter(has_text=re.compile("\N{MULTIPLICATION SIGN} [0-9]+")).first
    before = rows(page).count()
    group.locator(".fold").click()
    expect(group.locator(".fold")).to_have_attribute("aria-expanded", "true")
    assert rows(page).count() > before
    group.locator(".fold").click()
    expect(rows(page)).to_have_count(before)
    page.keyboard.press("e")
    page.keyboard.press("k")  # to POST /charge, above the bank's
    page.keyboard.press("ArrowLeft")
    expect(rows(page).filter(has_text="bank.authorize")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(rows(page).filter(has_text="bank.authorize")).to_have_count(1)


def test_services_have_colours_and_can_be_left_out(page: Page, console: Console) -> None:
    page.goto(f"/requests/{see_shop(console, 300)}")
    buttons = page.get_by_role("list", name="Services").get_by_role("button")
    names = buttons.all_text_contents()
    assert set(names) <= set(SERVICES)
    assert len(names) >= 6
    colours = buttons.locator(".swatch").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(colours)) == len(names)
    expect(rows(page).filter(has_text="POST /charge")).to_have_count(1)
    buttons.filter(has_text="payment").click()
    expect(rows(page).filter(has_text="POST /charge")).to_have_count(0)
    expect(rows(page).filter(has_text="POST /pay")).to_have_count(1)
    page.keyboard.press("e")  # a failure is shown anyway
    expect(rows(page).filter(has_text="bank.authorize")).to_have_count(1)


def test_a_search_leaves_the_finds_and_their_parents(page: Page, console: Console) -> None:
    page.goto(f"/requests/{see_shop(console, 3_001)}")
    page.keyboard.press("/")
    page.keyboard.type("bank.AUTHORIZE")
    expect(rows(page)).to_have_count(4)
    expect(rows(page).locator(".text")).to_contain_text(
        ["POST /checkout", "POST /pay", "POST /charge", "bank.authorize"]
    )
    page.keyboard.press("Enter")
    expect(shown(page).get_by_role("heading", level=3)).to_have_text("bank.authorize")
    page.get_by_label("Search in this request").fill("")
    expect(page.locator("#finds")).to_be_empty()
    assert rows(page).count() > 4


def test_zoom(page: Page, console: Console) -> None:
    """z zooms to the selected row, and a drag over the small map to a part. 0 and the button show everything."""
    page.goto(f"/requests/{see_shop(console, 300)}")
    page.keyboard.press("e")
    bar = page.locator(".row.chosen .bar")
    narrow = bar.bounding_box()
    page.keyboard.press("z")
    wide = bar.bounding_box()
    assert narrow
    assert wide
    assert wide["width"] > 5 * narrow["width"]
    page.get_by_role("button", name="Reset zoom").click()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_hidden()
    box = page.locator(".minimap").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 10)
    page.mouse.up()
    expect(page.get_by_role("button", name="Reset zoom")).to_be_visible()
    expect(page.locator(".scale .track span").first).not_to_have_text("0")
    page.keyboard.press("0")
    expect(page.locator(".scale .track span").first).to_have_text("0")


def test_a_link_leads_to_the_other_span(page: Page, console: Console) -> None:
    """A link leads to another span, in this trace or another. A span without duration is drawn, with its events."""
    page.goto(f"/requests/{see_shop(console, 300)}")
    page.keyboard.press("e")
    page.locator(".its-links a").click()
    page.wait_for_url("**/requests/*?row=span.*")
    expect(shown(page).get_by_role("heading", level=3)).to_have_text("POST /checkout")
    sorry = rows(page).filter(has_text="render sorry").locator(".bar").bounding_box()
    assert sorry
    assert sorry["width"] >= 2
    page.locator(".rows .fold[aria-expanded=false]").first.click()
    expect(page.locator(".rows .dot:not(.exception)").first).to_have_attribute(
        "title", re.compile("cache.miss, at .+s")
    )


@pytest.mark.parametrize("page", [WIDE, NARROW], indirect=True)
def test_however_deep_a_span_is_its_name_can_be_read(page: Page, console: Console) -> None:
    """A name can be read at two hundred levels of indentation."""
    trace_id, parent = new_trace_id(), {}
    spans = []
    for level in range(200):
        spans.append(span(trace_id, name=f"level {level}", **parent))
        parent = {"parentSpanId": spans[-1]["spanId"]}
    post_spans(console.server, *spans)
    wait_for_trace(console.server, trace_id, spans=200)
    page.goto(f"/requests/{trace_id}?row=span.{spans[-1]['spanId']}")
    last = page.locator(".rows .row.chosen .text")
    expect(last).to_be_visible()
    boxes = [page.locator(".rows .row").nth(at).locator(".text").bounding_box() for at in (0, -1)]
    track = page.locator(".rows .row.chosen .track").bounding_box()
    assert boxes[0]
    assert boxes[1]
    assert track
    assert boxes[0]["x"] < boxes[1]["x"]
    assert boxes[1]["x"] + boxes[1]["width"] <= track["x"]
    assert boxes[1]["width"] > 25


@pytest.mark.parametrize("page", [NARROW], indirect=True)
def test_details_are_a_sheet_that_closes(page: Page, console: Console) -> None:
    """In a narrow window, the details are closed at first, and the selected row stays visible above them."""
    page.goto(f"/requests/{see_shop(console, 300)}")
    expect(page.locator(".panel")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator(".panel")).to_be_visible()
    expect(shown(page)).to_contain_text("bank.authorize")
    row, sheet = page.locator(".row.chosen"), page.locator(".panel")
    expect(row).to_be_in_viewport()
    boxes = [row.bounding_box(), sheet.bounding_box()]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".panel")).to_be_hidden()
