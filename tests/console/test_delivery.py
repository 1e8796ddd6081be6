"""The page of deliveries shows marks, refusals, findings, and records without a request."""

import re
from pathlib import Path

import requests

from console_senders import access_line, item, new_trace_id, post_item, post_spans, put_lines, send_whole, span
from console_server import ConsoleServer
from waiting import wait_until


def cells(page: str, heading: str, row: str) -> list[str]:
    """Return the cells of a row in the table under a heading."""
    table = page.partition(f">{heading}")[2].partition("</table>")[0]
    found = re.search(rf'<th scope="row">{row}</th>(.+?)</tr>', table)
    assert found, (heading, row)
    return [re.sub("<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1])]


def test_marks_refusals_and_findings(tmp_path: Path) -> None:
    with ConsoleServer(tmp_path) as console:
        whole, lonely = new_trace_id(), new_trace_id()
        send_whole(console, whole)
        post_spans(console, span(lonely, attributes={"aws.xray.segment_id": "0" * 16}))
        put_lines(console, access_line(lonely), {"event": "from_a_thread"})
        post_item(console, item("", custom={"job": "nightly"}))
        assert requests.post(f"{console.url}/api/1/item/", data=b"{", timeout=10).status_code == 400

        def page() -> str:
            return requests.get(f"{console.url}/delivery", timeout=10).text

        # Arrived, expected, not sampled, not sent, missing. An expected record is missing after some seconds.
        wait_until(lambda: cells(page(), "Requests by", "X-Ray") == ["1", "0", "0", "0", "1"], "a missing segment")
        shown = page()
        assert cells(shown, "Requests by", "Honeycomb") == ["2", "0", "0", "0", "0"]
        assert cells(shown, "Requests by", "Rollbar") == ["0", "0", "0", "2", "0"]
        assert f'id="t{lonely}"' in requests.get(f"{console.url}/requests?incomplete=yes", timeout=10).text
        rollbar = cells(shown, "Records received", "Rollbar")
        assert rollbar[:3] == ["1", "0", "1"]
        assert "invalid JSON" in rollbar[4]
        assert "no trace id" in shown
        assert "nightly" in shown
        assert "from_a_thread" in requests.get(f"{console.url}/logs?field=trace_id!%3F", timeout=10).text
        assert 'href="/delivery"' in requests.get(f"{console.url}/requests", timeout=10).text.partition("findings")[2]
        assert (
            cells(requests.get(f"{console.url}/delivery?service=none", timeout=10).text, "Requests by", "X-Ray")
            == ["0"] * 5
        )
