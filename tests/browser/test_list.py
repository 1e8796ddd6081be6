"""The list is live, can be filtered, finds ids, and works by keyboard."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser_pages import Console, listed, row
from console_senders import (
    access_line,
    item,
    new_trace_id,
    post_item,
    post_spans,
    put_lines,
    segment,
    send_segment,
    send_whole,
    span,
)
from console_server import ConsoleServer
from traces import xray_form
from waiting import wait_until


def test_a_request_appears_by_itself(page: Page, console: Console) -> None:
    """A request appears at the top, without a reload."""
    console.see_home()  # an API's first request takes longer, especially on a busy machine
    page.goto("/requests")
    expect(page.locator("#live")).to_have_text("live")
    page.evaluate("window.notReloaded = true")
    trace_id = console.request("/api/activities/home")

    expect(row(page, trace_id)).to_be_visible()
    assert listed(page)[0] == trace_id
    cells = row(page, trace_id).locator("td")
    expect(cells.nth(1)).to_have_text("200")
    expect(cells.nth(2)).to_have_text("GET")
    expect(cells.nth(3)).to_have_text("/api/activities/home")
    assert page.evaluate("window.notReloaded")


def test_a_row_changes_in_place(page: Page, console: Console) -> None:
    """An expected mark arrives, or becomes missing, and the focused row stays focused."""
    console.see_home()  # a service that has sent only spans has no expected marks
    trace_id = new_trace_id()
    document = segment(trace_id)
    page.goto("/requests")
    post_spans(console.server, span(trace_id, attributes={"aws.xray.segment_id": document["id"]}))
    marks = row(page, trace_id).locator(".mark")
    expect(marks).to_have_text(["arrived", "expected", "expected", "not sent"])
    row(page, trace_id).locator(".route a").focus()

    send_segment(console.server, document)
    expect(marks).to_have_text(["arrived", "arrived", "expected", "not sent"])
    expect(marks).to_have_text(["arrived", "arrived", "missing", "not sent"])
    expect(row(page, trace_id).locator(".route a")).to_be_focused()


def turn(page: Page, state: str) -> None:
    """Let the page believe that it is "hidden" or "visible", like a tab that another one covers."""
    say = "value => Object.defineProperty(document, 'visibilityState', {value, configurable: true})"
    page.evaluate(say, state)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_many_tabs(page: Page, console: Console) -> None:
    """Hidden tabs take none of the browser's six connections, and catch up when they become visible."""
    for _ in range(8):
        tab = page.context.new_page()
        tab.goto("/requests")
        expect(tab.locator("#live")).to_have_text("live")
        with tab.expect_event("requestfailed", lambda request: request.url.endswith("/live")):  # leave the page
            turn(tab, "hidden")
    trace_id = console.see_home()
    first = page.context.pages[1]
    first.bring_to_front()
    expect(row(first, trace_id)).to_have_count(0)
    turn(first, "visible")
    expect(row(first, trace_id)).to_be_visible()


def test_from_the_list_to_a_request_and_back_many_times(page: Page, console: Console) -> None:
    """The list is live after each return."""
    console.see_home()
    for _ in range(15):
        with page.expect_response("**/live") as live:
            page.goto("/requests")
        assert live.value.status == 200
        page.locator(".requests .route a").first.click()
        page.wait_for_url("**/requests/*")


@pytest.mark.parametrize("page", [{"viewport": {"width": 1000, "height": 300}}], indirect=True)
def test_the_list_does_not_jump_under_a_reader(page: Page, console: Console) -> None:
    """For a scrolled reader, the list shows the number of new requests, and inserts them on request."""
    for _ in range(20):
        trace_id = console.request("/api/activities/home")
    page.goto("/requests")
    expect(row(page, trace_id)).to_be_visible()
    expect(page.locator("#live")).to_have_text("live")
    page.mouse.wheel(0, 330)
    expect(row(page, trace_id)).not_to_be_in_viewport()
    before = listed(page)
    trace_id = console.see_home()

    expect(page.locator("#new")).to_have_text("1 new")
    assert listed(page) == before
    page.locator("#new").click()
    expect(row(page, trace_id)).to_be_in_viewport()
    expect(page.locator("#new")).to_be_hidden()


def test_only_rows_that_changed_are_fetched(page: Page, console: Console) -> None:
    """Only changed rows are fetched and replaced, so that a busy API doesn't reload the whole page."""
    console.see_home()
    page.goto("/requests")
    expect(page.locator("#live")).to_have_text("live")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    before = page.locator(".requests thead").bounding_box()
    trace_ids = [console.see_home() for _ in range(5)]
    for trace_id in trace_ids:
        expect(row(page, trace_id).locator(".mark").nth(2)).to_have_text("arrived")

    partial = [url for url in fetched if "/rows?" in url]
    assert partial
    assert len([url for url in fetched if "/rows?" not in url]) <= 1
    assert page.locator(".requests thead").bounding_box() == before


def test_sorting_and_filtering_by_a_click(page: Page, console: Console) -> None:
    """A column's heading sorts, a value filters, and a value in a request's details finds requests with it."""
    home = console.see_home()
    console.see_failure()
    page.goto("/requests")
    page.get_by_role("link", name="ms", exact=True).click()
    page.wait_for_url("**/requests?sort=slowest")
    expect(page.get_by_role("columnheader", name="ms")).to_have_attribute("aria-sort", "descending")
    lengths = [float(text.replace(",", "")) for text in page.locator("td.took").all_text_contents() if text]
    assert lengths == sorted(lengths, reverse=True)
    expect(page.locator("#live")).to_be_hidden()
    page.goto("/requests")
    page.locator(".status-cell a", has_text="500").first.click()
    page.wait_for_url("**/requests?status=500")
    expect(row(page, home)).to_have_count(0)
    expect(page.locator("#totals b")).to_have_text(re.compile("[0-9]+ requests? match"))
    page.goto(f"/requests/{home}")
    page.locator(".panel").get_by_role("link", name="/api/activities/home").first.click()
    page.wait_for_url("**/requests?where=**")
    expect(row(page, home)).to_be_visible()
    expect(page.get_by_label("Attributes: name=value")).to_be_visible()


def test_paused_and_live(page: Page, console: Console) -> None:
    page.goto("/requests")
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("p")
    expect(page.locator("#live")).to_have_text("paused")
    trace_id = console.see_home()

    expect(row(page, trace_id)).to_have_count(0)
    page.locator("#live").click()
    expect(row(page, trace_id)).to_be_visible()


def test_filters(page: Page, console: Console) -> None:
    """The list is filtered by route, status, error, duration, incomplete and text. The filters are in its URL."""
    home, failed = console.see_home(), console.see_failure()
    lonely = new_trace_id()
    put_lines(console.server, access_line(lonely, route="/lonely", note="rare 100% text"))
    page.goto("/requests")

    page.get_by_label("Route").select_option("/api/activities/home")
    page.wait_for_url("**/requests?route=*")
    expect(row(page, home)).to_be_visible()
    expect(row(page, failed)).to_have_count(0)

    page.goto("/requests")
    page.get_by_label("Status").fill("5xx")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests?status=5xx")
    expect(row(page, failed)).to_be_visible()
    expect(row(page, home)).to_have_count(0)

    page.goto("/requests")
    page.get_by_label("has an error").check()
    page.wait_for_url("**/requests?errors=yes")
    expect(row(page, failed)).to_be_visible()
    expect(row(page, home)).to_have_count(0)

    page.goto("/requests")
    page.get_by_label("Text in any record").fill("rare 100% text")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests?text=*")
    assert listed(page) == [lonely]
    expect(page.get_by_label("Text in any record")).to_have_value("rare 100% text")

    slow = new_trace_id()
    put_lines(console.server, access_line(slow, route="/slow", ms=61_000.5))
    page.goto("/requests")
    page.get_by_text("More filters").click()
    page.get_by_label("slower than").fill("61000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests?slower=61000")
    expect(row(page, slow)).to_be_visible()
    assert listed(page) == [slow]
    expect(page.get_by_label("slower than")).to_have_value("61000")
    page.goto("/requests?slower=much")
    expect(page.get_by_role("alert")).to_contain_text("'much' is not a number of milliseconds")

    page.goto("/requests?incomplete=yes")
    expect(row(page, lonely)).to_be_visible()
    expect(row(page, home)).to_have_count(0)
    page.goto("/requests?text=no+such+text+anywhere")
    expect(page.locator(".empty")).to_contain_text("No requests match these filters")


def test_a_filtered_list_is_live_too(page: Page, console: Console) -> None:
    page.goto("/requests?errors=yes")
    expect(page.locator("#live")).to_have_text("live")
    home, failed = console.see_home(), console.see_failure()

    expect(row(page, failed)).to_be_visible()
    expect(row(page, home)).to_have_count(0)


@pytest.mark.parametrize("form", [str, str.upper, xray_form, lambda trace_id: f"  {xray_form(trace_id)} "])
def test_either_form_of_an_id_lands_on_the_request(page: Page, console: Console, form: type[str]) -> None:
    trace_id = console.see_home()
    page.goto("/requests")
    page.get_by_label("Trace ID, in either form").fill(form(trace_id))
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/requests/{trace_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("GET /api/activities/home")


def test_an_invalid_or_unknown_id(page: Page) -> None:
    """An invalid id is reported, and the typed text is kept."""
    page.goto("/go?id=1234")
    expect(page.get_by_role("alert")).to_contain_text("'1234' is not a trace ID")
    page.goto(f"/go?id={'5b' * 16}")
    expect(page.get_by_role("heading", level=1)).to_have_text("This request isn't here")
    page.goto("/requests/what")
    expect(page.get_by_role("main")).to_contain_text("what is not a trace ID")


def test_keys_work_on_pages_without_content(page: Page, console: Console) -> None:
    """Keys work on a missing page, a missing request and an impossible comparison."""
    console.see_home()
    page.goto("/requests")
    for path in ("/nowhere", f"/requests/{'5b' * 16}", "/compare?a=1&b=2"):
        page.goto(path)
        page.get_by_role("button", name="Keyboard shortcuts").click()
        expect(page.get_by_role("dialog")).to_contain_text("up to the list")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        page.wait_for_url(f"{console.url}/requests")


def test_filters_after_a_mistake(page: Page, console: Console, tmp_path: Path) -> None:
    """The filters of a page with an error lead to the list, and it is live."""
    (tmp_path / "none.json").write_text('{"format": "another"}')
    for wrong in ("an id", "a file"):
        page.goto("/go?id=zzz" if wrong == "an id" else "/requests")
        if wrong == "a file":
            page.locator(".from-file input").set_input_files(tmp_path / "none.json")
            page.get_by_role("button", name="Open file").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#live")).to_have_text("live")
        trace_id = console.see_failure()
        expect(row(page, trace_id)).to_be_visible()
        page.get_by_label("has an error").check()
        page.wait_for_url("**/requests?errors=yes")
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(row(page, trace_id)).to_be_visible()


def test_by_keys_alone(page: Page, console: Console) -> None:
    """j, k, Enter, /, g, Escape and ? do what the dialog says."""
    older, newer = console.see_home(), console.see_home()
    page.goto("/requests")
    page.keyboard.press("j")
    expect(row(page, newer).locator(".route a")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(row(page, older).locator(".route a")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Text in any record")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    expect(page.get_by_label("Trace ID, in either form")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next, previous request")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/requests/[0-9a-f]{32}$"))


def test_lines_without_a_trace_id_are_listed(page: Page, console: Console) -> None:
    """Lines without a trace id are listed, with advice."""
    put_lines(console.server, {"event": "from_a_thread", "level": "INFO"})
    page.goto("/requests")
    page.locator("#findings a").first.click()
    page.wait_for_url("**/delivery")
    finding = page.locator(".findings details", has_text=re.compile("log lines? (has|have) no trace id"))
    expect(finding).to_be_visible()
    finding.evaluate("one => one.open = true")
    expect(finding).to_contain_text("handler.setFormatter")
    page.get_by_role("link", name="Log lines without a trace ID").click()
    expect(page.locator(".all-lines")).to_contain_text("from_a_thread")


def test_items_without_a_trace_id_are_listed(page: Page, console: Console) -> None:
    """Items without a trace id are listed with their stack and contents: exceptions, messages and chains."""
    post_item(console.server, item("", custom={"job": "nightly"}, level="critical"))
    post_item(console.server, item("", body={"message": {"body": "a message of no request"}}, custom={}))
    trace = item("")["body"]["trace"]
    post_item(console.server, item("", body={"trace_chain": [trace, trace]}, custom={}))

    def is_found() -> bool:
        page.goto("/delivery")
        return page.locator(".findings details", has_text="3 Rollbar items have no trace id").count() > 0

    wait_until(is_found, "a finding")
    items = page.locator(".items > li")
    expect(items).to_contain_text(["ValueError: no such thing", "a message of no request", "ValueError: no such thing"])
    items.nth(2).locator("summary").click()
    expect(items.nth(2).locator(".frames")).to_contain_text("app.py:1")
    expect(items.nth(2)).to_contain_text("nightly")


def test_a_downloaded_request_is_opened_again(browser: Browser, page: Page, console: Console, tmp_path: Path) -> None:
    """Another console opens a downloaded request, and refuses another file with a reason."""
    trace_id = console.see_failure()
    page.goto(f"/requests/{trace_id}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download JSON").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == f"{trace_id}.json"

    with ConsoleServer(tmp_path / "other") as other:
        page.goto(f"{other.url}/requests")
        expect(page.locator(".empty")).to_contain_text("curl -i")
        page.locator(".from-file input").set_input_files(file)
        page.get_by_role("button", name="Open file").click()
        page.wait_for_url(f"{other.url}/requests/{trace_id}")
        expect(page.locator(".errors")).to_contain_text("LookupError: failed in the service")
        (tmp_path / "none.json").write_text('{"format": "another"}')
        page.goto(f"{other.url}/requests")
        page.locator(".from-file input").set_input_files(tmp_path / "none.json")
        page.get_by_role("button", name="Open file").click()
        expect(page.get_by_role("alert")).to_contain_text("not a request that a console exported")
        page.goto(console.url)  # before the other stops


def test_older_requests(page: Page, console: Console) -> None:
    """An older page has a hundred requests, is not live, and stays the same when new ones arrive."""
    send_whole(console.server, new_trace_id())
    page.goto("/requests")
    expect(page.get_by_role("link", name="Older requests")).to_be_hidden()
    for _ in range(104):
        send_whole(console.server, trace_id := new_trace_id())
    expect(row(page, trace_id)).to_be_visible()
    assert len(listed(page)) == 100
    page.get_by_role("link", name="Older requests").click()
    page.wait_for_url("**/requests?before=*")
    expect(row(page, trace_id)).to_have_count(0)
    expect(page.locator("#live")).to_be_hidden()
