"""The page of one request, and the comparison of two."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser_pages import Console, row, shown
from console_senders import new_trace_id, post_spans, span, wait_for_trace
from traces import xray_form


def test_a_log_line_unfolds_to_its_fields(page: Page, console: Console) -> None:
    page.goto(f"/requests/{console.see_home()}")
    line = page.locator("table.lines tr").filter(has_text="request_served")
    level = line.get_by_text("logger", exact=True)
    expect(level).to_be_hidden()
    line.locator("summary").press("Enter")
    expect(level).to_be_visible()


@pytest.mark.parametrize("page", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_the_error_begins_in_the_upper_half_of_a_phone(page: Page, console: Console) -> None:
    page.goto(f"/requests/{console.see_failure()}")
    box = page.locator(".errors").bounding_box()
    assert box
    assert box["y"] < 300
    expect(page.get_by_role("link", name="Download JSON")).to_be_hidden()
    page.get_by_text("IDs, links, comparisons").click()
    expect(page.get_by_role("link", name="Download JSON")).to_be_visible()


def test_each_panel(page: Page, console: Console) -> None:
    """The timeline and the four vendors' records each have an address."""
    trace_id = console.see_failure()
    page.goto(f"/requests/{trace_id}")
    tabs = page.get_by_role("navigation", name="Views").get_by_role("link")
    expect(tabs).to_contain_text(["Timeline", "Honeycomb", "X-Ray", "CloudWatch Logs", "Rollbar"])
    document = console.document(trace_id)
    for vendor, kept, shown_text in [
        ("Honeycomb", "spans", document["spans"][0]["span_id"]),
        ("X-Ray", "documents", document["documents"][0]["id"]),
        ("CloudWatch Logs", "lines", "@logStream"),
        ("Rollbar", "items", document["items"][0]["uuid"]),
    ]:
        page.get_by_role("navigation", name="Views").get_by_role("link", name=vendor).click()
        page.wait_for_url(f"**/requests/{trace_id}?show=*")
        expect(page.locator(".record")).to_have_count(len(document[kept]))
        expect(page.locator(".record").first).to_contain_text(shown_text)
        expect(page.locator(".record").first).not_to_contain_text("received_ns")


def test_the_axis(page: Page, console: Console) -> None:
    """Spans and segments are nested in two colours on one axis, and log lines are ticks."""
    page.goto(f"/requests/{console.see_home()}")
    rows = page.locator(".rows .row")
    expect(rows).to_have_count(4)
    assert [title.get_attribute("title") for title in rows.locator(".text").all()] == [
        "GET /api/activities/home",
        "home-activities-mock-data",
        "backend-flask",
        "home-activities-mock-data",
    ]
    expect(page.locator(".lane a")).to_have_count(2)
    bars = page.locator(".rows .bar")
    colours = bars.evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert colours[0] == colours[1] != colours[2] == colours[3]
    outer, inner = bars.nth(0).bounding_box(), bars.nth(1).bounding_box()
    assert outer
    assert inner
    assert outer["x"] <= inner["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    names = [rows.nth(number).locator(".text").bounding_box() for number in (0, 1)]
    assert names[0]
    assert names[1]
    assert names[0]["x"] < names[1]["x"]


def test_selecting_shows_the_details(page: Page, console: Console) -> None:
    """Selecting by mouse or keys shows a span's attributes, a subsegment's annotations or a line's fields.

    The URL keeps it.
    """
    page.goto(f"/requests/{console.see_home()}")
    expect(shown(page)).to_contain_text("http.request.method")
    page.locator(".rows .row").nth(1).click()
    expect(shown(page)).to_contain_text("app.result_length")
    page.keyboard.press("j")
    expect(shown(page)).to_contain_text("client_ip")
    page.keyboard.press("j")
    expect(shown(page)).to_contain_text("annotations")
    expect(shown(page)).to_contain_text("result_length")
    page.locator(".lane a").first.click()
    expect(shown(page).get_by_role("heading", level=3)).to_have_text("home_activities_listed")
    expect(shown(page)).to_contain_text("log_stream")
    url = page.url
    page.goto("/requests")
    page.goto(url)
    expect(shown(page).get_by_role("heading", level=3)).to_have_text("home_activities_listed")


def test_from_a_span_to_its_lines_and_back(page: Page, console: Console) -> None:
    page.goto(f"/requests/{console.see_home()}")
    page.locator(".rows .row").nth(1).click()
    expect(page.locator("tr.of-span")).to_contain_text(["home_activities_listed"])
    shown(page).get_by_role("link", name="home_activities_listed").click()
    expect(shown(page)).to_contain_text("in the span home-activities-mock-data")
    shown(page).get_by_role("link", name="home-activities-mock-data").click()
    expect(shown(page).get_by_role("heading", level=3)).to_have_text("home-activities-mock-data")


def test_search_in_the_request(page: Page, console: Console) -> None:
    """A search finds names and record contents, and Enter selects the next find."""
    page.goto(f"/requests/{console.see_home()}")
    page.keyboard.press("/")
    page.keyboard.type("RESULT_length")
    expect(page.locator("#finds")).to_have_text("3 of 6")
    page.keyboard.press("Enter")
    expect(shown(page)).to_contain_text("app.result_length")
    page.keyboard.press("Enter")
    expect(shown(page)).to_contain_text("annotations")


def test_an_exception(page: Page, console: Console) -> None:
    """An exception is shown first, and once for all four vendors.

    The program's own frame is open, the framework's folded.
    """
    page.goto(f"/requests/{console.see_failure()}")
    error = page.locator(".errors .error")
    expect(error).to_have_count(1)
    expect(error.get_by_role("heading")).to_contain_text("LookupError: failed in the service")
    expect(error.locator(".own-frame")).to_contain_text('raise LookupError("failed in the service")')
    error.locator(".stack-of > summary").click()
    expect(error.locator(".frames summary").last).to_have_text(re.compile(r"\d frames? of .*flask"))
    expect(page.locator(".key")).not_to_contain_text("messages")
    expect(page.locator(".rows .row", has_text="Rollbar: ").locator(".unseen")).to_have_text(["exception "])
    expect(page.locator(".rows .dot.exception")).to_have_count(3)  # on the span, on the subsegment, and the item's
    for teller, shown_text in [
        ("the span GET", "exception.type"),
        ("the subsegment", "document"),
        ("the log line", "exception"),
        ("the Rollbar item", "custom"),
    ]:
        error.get_by_role("link", name=teller).click()
        expect(shown(page)).to_contain_text(shown_text)


def test_a_callers_error_is_no_failure(page: Page, console: Console) -> None:
    """A 404 has its own symbol and word, in the list and on its page, and no exception."""
    home, missing, failed = console.see_home(), console.see("/api/nowhere", segments=1, lines=1), console.see_failure()
    page.goto("/requests")
    words = [row(page, trace_id).locator(".status .unseen") for trace_id in (missing, failed)]
    expect(words[0]).to_have_text("client error, ")
    expect(words[1]).to_have_text("has an error, ")
    expect(row(page, home).locator(".status .unseen")).to_have_count(0)
    colours = [
        row(page, one).locator(".status").evaluate("cell => getComputedStyle(cell).color")
        for one in (home, missing, failed)
    ]
    assert len(set(colours)) == 3

    page.goto(f"/requests/{missing}")
    expect(page.locator(".head .facts .unseen")).to_have_text("client error, ")
    expect(page.locator(".rows .row", has_text="backend-flask").locator(".unseen")).to_have_text(["segment error "])
    expect(page.locator(".key")).to_contain_text("errors (4xx)")
    expect(page.locator(".key")).not_to_contain_text("exceptions")
    page.goto(f"/requests/{failed}")
    expect(page.locator(".rows .row", has_text="backend-flask").locator(".unseen")).to_have_text(["segment fault "])
    expect(page.locator(".key")).to_contain_text("exceptions")


def test_a_message_is_no_exception(page: Page, console: Console) -> None:
    """An item that is a message has its own symbol, and stands at the time that was reported."""
    page.goto(f"/requests/{console.see('/rollbar/test', spans=1, lines=2, items=1)}")
    expect(page.locator(".dot.exception")).to_have_count(0)
    expect(page.locator(".track .message")).to_have_count(1)
    expect(page.locator(".track .sometime")).to_have_count(1)
    expect(page.locator(".key")).not_to_contain_text("exceptions")
    expect(page.locator(".key")).to_contain_text("Rollbar messages")
    expect(page.locator(".rows .row", has_text="Rollbar: ").locator(".unseen")).to_have_text(["message "])
    dot = page.locator(".dot.message").evaluate("one => getComputedStyle(one).borderColor")
    key = page.locator(".key .message circle").evaluate("one => getComputedStyle(one).stroke")
    assert dot == key == "rgb(89, 99, 110)", "not that of an error (4xx), which the key explains"


def test_from_error_to_error(page: Page, console: Console) -> None:
    """Links and [ and ] lead from error to error, and skip successful requests."""
    older = console.see_failure()
    console.see_home()
    newer = console.see_failure()
    page.goto(f"/requests/{newer}")
    page.keyboard.press("[")
    page.wait_for_url(f"**/requests/{older}")
    page.get_by_role("link", name="Next failed request").click()
    page.wait_for_url(f"**/requests/{newer}")


def test_up_to_the_list_as_it_was(page: Page, console: Console) -> None:
    """u leads to the list with its filters: from the opened request, the one before it, and a comparison."""
    older, failed = console.see_failure(), console.see_failure()
    page.goto(f"/requests/{older}")
    page.keyboard.press("u")
    page.wait_for_url(f"{console.url}/requests")
    page.goto("/requests?errors=yes&route=%2Fapi%2Fwire%2Ffailing-service")
    row(page, failed).locator(".route a").click()
    page.wait_for_url(f"**/requests/{failed}?**")
    for key, address in [
        ("[", f"requests/{older}?**"),
        ("]", f"requests/{failed}?**"),
        ("c", "compare?**"),
        ("u", "requests?errors**"),
    ]:
        page.keyboard.press(key)
        page.wait_for_url(f"{console.url}/{address}")


def test_up_to_the_list_that_the_browser_kept(page: Page, console: Console) -> None:
    """u leads to the list that the browser kept for its Back button, at its latest address."""
    page.goto("/requests?errors=yes")
    page.evaluate("sessionStorage.setItem('list', '/requests?another')")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.goto(f"/requests/{console.see_failure()}")
    page.keyboard.press("u")
    page.wait_for_url(f"{console.url}/requests?errors=yes")


def test_compare(page: Page, console: Console) -> None:
    """A request is compared with the one before on its route, or another: durations and differences."""
    console.see_home()
    console.see_failure()
    first, second = console.see_home(), console.see_home()
    page.goto(f"/requests/{second}")
    page.keyboard.press("c")
    page.wait_for_url(f"**/compare?a={first}&b={second}")
    expect(page.locator(".timings tbody tr")).to_have_count(4)
    expect(page.locator(".timings tbody tr").first).to_contain_text("GET /api/activities/home")
    expect(page.locator(".fields:visible")).to_have_count(0)
    page.get_by_text("attributes that always differ").click()
    expect(page.locator("details[open] .fields")).to_contain_text("span_id")
    page.get_by_label("Compare B with").select_option(index=2)
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url(lambda url: first not in url)


def test_compare_offers_what_is_compared_and_what_is_near(page: Page, console: Console) -> None:
    """Even old requests can be compared: the form selects A, and offers those before and after B."""
    trace_ids = [new_trace_id() for _ in range(80)]
    route = f"/{trace_ids[0]}"
    post_spans(console.server, *(span(trace_id, attributes={"http.route": route}) for trace_id in trace_ids))
    wait_for_trace(console.server, trace_ids[-1], spans=1)
    offered = page.get_by_label("Compare B with").locator("option")
    for a, b in [(0, 40), (40, 0), (39, 40), (79, 40)]:
        page.goto(f"/compare?a={trace_ids[a]}&b={trace_ids[b]}")
        expect(page.get_by_label("Compare B with")).to_have_value(trace_ids[a])
        values = offered.evaluate_all("all => all.map(option => option.value)")
        assert set(values) >= {trace_ids[number] for number in (b - 1, b + 1) if number >= 0}
        assert trace_ids[b] not in values
        assert len(values) == len(set(values)) <= 32


def test_what_differs(page: Page, console: Console) -> None:
    """The differences are described first, and a value that only one request has is marked as missing."""
    good, bad = console.see_home(), console.see_failure()
    page.goto(f"/compare?a={good}&b={xray_form(bad)}")
    sentences = page.get_by_role("list", name="What differs").get_by_role("listitem")
    expect(sentences.first).to_have_text("A has the status 200, and B has the status 500.")
    expect(sentences.filter(has_text="Only B failed with")).to_have_text(
        "Only B failed with LookupError: failed in the service."
    )
    expect(sentences.filter(has_text="Only B has the span")).to_contain_text("failing-service-mock-data")
    expect(page.get_by_role("main")).not_to_contain_text("there")


def test_compare_with_the_median(page: Page, console: Console) -> None:
    """The median is of the nearest requests of the route."""
    for _ in range(3):
        trace_id = console.see_home()
    page.goto(f"/requests/{trace_id}")
    page.get_by_role("link", name="Compare with the median").click()
    page.wait_for_url(f"**/compare?a=median&b={trace_id}")
    expect(page.get_by_label("Compare B with")).to_have_value("median")
    expect(page.locator(".timings thead")).to_contain_text(re.compile("Median of [0-9]+"))
    expect(page.locator(".timings tbody tr")).to_have_count(4)


def test_links_to_the_accounts(page: Page, console: Console) -> None:
    """Configured accounts have links: X-Ray, Logs Insights and Rollbar here, but not Honeycomb."""
    trace_id = console.see_failure()
    page.goto(f"/requests/{trace_id}")
    uuid = console.document(trace_id)["items"][0]["uuid"]
    base = "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
    expect(page.get_by_role("link", name="Open in X-Ray")).to_have_attribute(
        "href", f"{base}#xray:traces/{xray_form(trace_id)}"
    )
    expect(page.get_by_role("link", name="Open in Rollbar")).to_have_attribute(
        "href", f"https://rollbar.com/item/uuid/?uuid={uuid}"
    )
    logs = page.get_by_role("link", name="Open in CloudWatch Logs").get_attribute("href")
    assert logs
    assert logs.startswith(f"{base}#logsV2:logs-insights$3FqueryDetail$3D~(")
    assert f"filter*20trace_id*20*3D*20*22{trace_id}*22" in logs
    assert logs.endswith("~source~(~'cruddur))")
    expect(page.get_by_role("link", name="Open in Honeycomb")).to_have_count(0)


def test_copying(page: Page, console: Console) -> None:
    """Both forms of the id, and a record, can be copied."""
    trace_id = console.see_home()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/requests/{trace_id}")
    for label, text in [("the trace ID", trace_id), ("the X-Ray trace ID", xray_form(trace_id))]:
        page.get_by_role("button", name=f"Copy {label}", exact=True).click()
        expect(page.get_by_role("button", name=f"Copy {label}", exact=True)).to_have_text("copied")
        assert page.evaluate("navigator.clipboard.readText()") == text
    page.goto(f"/requests/{trace_id}?show=xray")
    page.get_by_role("link", name="As sent").click()
    page.get_by_role("button", name="Copy record 1").click()
    expect(page.get_by_role("button", name="Copy record 1")).to_have_text("copied")
    assert '"annotations"' in page.evaluate("navigator.clipboard.readText()")


def test_a_page_opened_early_brings_itself_up_to_date(page: Page, console: Console) -> None:
    trace_id = console.see("/api/activities/home")
    page.goto(f"/requests/{trace_id}")
    expect(page.locator(".rows .row")).to_have_count(4)
    expect(page.locator(".lane a")).to_have_count(2)


@pytest.mark.parametrize("page", [{"java_script_enabled": False}], indirect=True)
def test_reading_needs_no_javascript(page: Page, console: Console) -> None:
    """Without JavaScript, the list, the axis, the rows' contents and the records can be read."""
    trace_id = console.see_home()
    page.goto("/requests")
    page.locator(f"#t{trace_id} .route a").click()
    page.locator(".rows .row a").nth(1).click()
    expect(page.locator(".detail:visible")).to_have_count(1)
    expect(page.locator(".detail:visible")).to_contain_text("app.result_length")
