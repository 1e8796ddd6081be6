"""The page of all log lines, from CloudWatch Logs and OTLP, is filtered and live, and leads to a line's request."""

import re
import time

import pytest
import requests
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from console_senders import access_line, new_trace_id, post_spans, put_lines, span, wait_for_trace
from console_server import ConsoleServer
from waiting import wait_until


def page(console: ConsoleServer, path: str = "/logs", **parameters: str) -> str:
    response = requests.get(console.url + path, params=parameters, timeout=10)
    assert response.status_code == 200, response.text
    return response.text


def rows(html: str) -> list[str]:
    return re.findall(r'<tr id="line\d+".+?</tr>', html, re.DOTALL)


@pytest.fixture
def mark(console: ConsoleServer) -> str:
    """A word that only these tests' lines have: two of CloudWatch Logs in one request, and one of OTLP."""
    trace_id = new_trace_id()
    mark = f"mark-{trace_id[-8:]}"
    post_spans(console, span(trace_id), service=mark)
    stack = 'Traceback (most recent call last):\n  File "app.py", line 1, in f\n    g()\nOSError: the disk'
    put_lines(
        console,
        access_line(trace_id, mark=mark, ms=250),
        {"event": "went_wrong", "level": "ERROR", "mark": mark, "trace_id": trace_id, "exception": stack},
        f"a plain line of {mark}",
    )
    request = ExportLogsServiceRequest()
    of_resource = request.resource_logs.add()
    attribute = of_resource.resource.attributes.add(key="service.name")
    attribute.value.string_value = "over-otlp"
    record = of_resource.scope_logs.add().log_records.add(time_unix_nano=time.time_ns(), severity_number=13)
    record.body.string_value = f"over OTLP, of {mark}"
    headers = {"Content-Type": "application/x-protobuf"}
    body = request.SerializeToString()
    assert requests.post(f"{console.url}/v1/logs", data=body, headers=headers, timeout=10).status_code == 200
    wait_for_trace(console, trace_id, spans=1, lines=2)
    wait_until(lambda: len(rows(page(console, text=mark))) == 4, why="four lines")
    return mark


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["over OTLP", "request_served", "went_wrong", "a plain line"]),
        ({"level": "ERROR"}, ["went_wrong"]),
        ({"level": "WARNING"}, ["over OTLP"]),
        ({"field": "ms>=250"}, ["request_served"]),
        ({"field": "level!?"}, ["a plain line"]),
        ({"service": "{mark}"}, ["request_served", "went_wrong"]),
        ({"minutes": "5", "level": "INFO"}, ["request_served"]),
        ({"to": "2020-01-01T00:00:00Z"}, []),
    ],
)
def test_by_level_field_text_service_and_time(
    console: ConsoleServer, mark: str, filters: dict[str, str], found: list[str]
) -> None:
    """The bar's filters apply to the request. A line without a request matches only filters of time."""
    shown = rows(page(console, text=mark, **{name: of.format(mark=mark) for name, of in filters.items()}))
    assert len(shown) == len(found)
    assert all(any(text in row for row in shown) for text in found)


def test_the_contents_of_a_row(console: ConsoleServer, mark: str) -> None:
    """A row has the line's source, and the exception that it reports."""
    [failed] = rows(page(console, text=mark, level="ERROR"))
    assert "cruddur</td>" in failed
    assert "OSError: the disk" in failed
    [otlp] = rows(page(console, text=mark, level="WARNING"))
    assert "over-otlp</td>" in otlp
    assert "/logs/" not in otlp


def test_the_colours_of_a_terminal_are_left_out(console: ConsoleServer) -> None:
    """Flask's development server colours its lines."""
    mark = new_trace_id()
    put_lines(console, f'"\x1b[33mGET /{mark} HTTP/1.1\x1b[0m" 404 -')
    wait_until(lambda: len(rows(page(console, text=mark))) == 1, why="the line")
    assert f"&#34;GET /{mark} HTTP/1.1&#34; 404 -</td>" in page(console, text=mark)


def test_to_its_request_and_back(console: ConsoleServer, mark: str) -> None:
    """A line is selected in its request, whose page leads to its lines, and to all lines of these seconds."""
    [failed] = rows(page(console, text=mark, level="ERROR", minutes="15"))
    link = re.search(r'class="event"><a href="([^"]+)"', failed)
    assert link
    of_request = requests.get(console.url + link[1], timeout=10)
    assert re.search(r"/requests/[0-9a-f]{32}\?.*row=line\.\d+", of_request.url)
    assert "minutes=15" in of_request.url
    assert "went_wrong" in of_request.text.partition('id="detail"')[2]
    back = re.findall(r'<a class="to-logs" href="([^"]+)"', of_request.text)
    its_own, around = (requests.get(console.url + address.replace("&amp;", "&"), timeout=10).text for address in back)
    assert len(rows(its_own)) == 2
    assert len(rows(around)) >= 4
    assert requests.get(f"{console.url}/logs/123456789", timeout=10).status_code == 404


def test_lines_that_arrived_since(console: ConsoleServer, mark: str) -> None:
    """The live rows are those that arrived after a record, and match the filters."""
    last = re.search(r'data-last="(\d+)"', page(console, text=mark))
    assert last
    put_lines(console, {"event": "later", "mark": mark}, {"event": "of_another", "mark": "none"})
    newer = {"text": mark, "after": last[1]}
    wait_until(lambda: len(rows(page(console, "/logs/rows", **newer))) == 1, why="the line")
    response = requests.get(f"{console.url}/logs/rows", params=newer, timeout=10)
    assert int(response.headers["X-Last-Record"]) > int(last[1])
    assert requests.get(f"{console.url}/logs/rows?after=x", timeout=10).status_code == 400


def test_older_lines(console: ConsoleServer) -> None:
    """An older page has two hundred lines, and the next continues after it, even with equal times."""
    mark = new_trace_id()
    put_lines(console, *({"number": number, "mark": mark} for number in range(250)))
    wait_until(lambda: len(rows(page(console, field=f"mark={mark}"))) == 200, why="all lines")
    first = page(console, field=f"mark={mark}")
    older = re.search(r'id="older"[^>]* href="([^"]+)"', first)
    assert older
    second = requests.get(console.url + older[1].replace("&amp;", "&"), timeout=10).text
    ids = [re.findall(r'<tr id="line(\d+)"', html) for html in (first, second)]
    assert len(ids[1]) == 50
    assert not set(ids[0]) & set(ids[1])
    assert 'data-newest="no"' in second


def test_the_chart_and_its_table(console: ConsoleServer, mark: str) -> None:
    """The table beside the chart has the counts, and each bucket leads to its lines."""
    html = page(console, text=mark)
    table = html.partition("of Log lines</span>")[2].partition("</table>")[0]
    counts = [int(count) for count in re.findall(r'<td class="number">(\d+)</td>', table)]
    assert sum(counts) == len(rows(html))
    bars = re.findall(r'<tr><td><a href="([^"]+)"', table)
    narrowed = [requests.get(console.url + bar.replace("&amp;", "&"), timeout=10).text for bar in bars]
    assert sum(len(rows(html)) for html in narrowed) == sum(counts)
