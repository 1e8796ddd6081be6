"""Everything that can be pressed is large enough for a finger:

WCAG 2.2's criterion 2.5.8, without its spacing exception.
"""

import pytest
from playwright.sync_api import Page

from browser_pages import Console
from console_senders import item, post_item, put_lines

PAGES = ["/", "/requests", "/errors", "/logs", "/explore", "/services", "/metrics", "/delivery"]

# The criterion's exception "inline": a link within a sentence has the line's height.
TOO_SMALL = """() => {
    const pressed = "a[href]:not(.tick), button, select, summary, label, input:not([type=hidden], label input)";
    const isInSentence = (one) => getComputedStyle(one).display === "inline" &&
        [...one.parentElement.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /\\w/.test(node.data));
    const isHit = (one, x, y) => one.contains(document.elementFromPoint(x, y));
    const small = [];  // A tick on the axis of time has the place of its line, whose row in the table is as good.
    for (const one of document.querySelectorAll(pressed)) {
        if (!one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) || isInSentence(one)) continue;
        let box = one.getBoundingClientRect();
        if (box.width >= 24 && box.height >= 24) continue;
        if (box.right < 0) continue;  // The link that skips the navigation is off the page, until it has the focus.
        // What is around a text may belong to it, too.
        one.scrollIntoView({ block: "center", inline: "center" });
        box = one.getBoundingClientRect();
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const corners = [[-11, -11], [11, -11], [-11, 11], [11, 11]];
        if (corners.every(([right, down]) => isHit(one, x + right, y + down))) continue;
        small.push(`${box.width.toFixed()}x${box.height.toFixed()} ${one.outerHTML.slice(0, 120)}`);
    }
    return small;
}"""


@pytest.mark.parametrize(
    "page", [{"viewport": {"width": width, "height": 844}} for width in (1280, 390)], indirect=True
)
def test_targets_are_24_pixels_wide_and_high(page: Page, console: Console) -> None:
    home, failed = console.see_home(), console.see_failure()
    put_lines(console.server, *({"event": "without_an_id"} for _ in range(250)))  # more than a page of them
    post_item(console.server, item("", custom={}))
    metric = console.see_metrics()[0]
    heatmap = "/explore?of=spans&by=name&show=count,heatmap(duration_ms)&compare=&where=kind%3DSERVER"
    found = {}
    for path in [
        *PAGES,
        metric,
        heatmap,
        "/requests?status=abc",
        f"/requests/{home}",
        f"/requests/{failed}",
        f"/requests/{failed}?show=xray",
        f"/compare?a={home}&b={failed}",
        f"/requests/{'5b' * 16}",
    ]:
        page.goto(path)
        page.evaluate("for (const folded of document.querySelectorAll('main details')) folded.open = true")
        if small := page.evaluate(TOO_SMALL):
            found[path] = small
    assert found == {}, "\n".join(f"{path}: {one}" for path, small in found.items() for one in small)
