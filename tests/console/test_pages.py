"""The navigation lists all pages, and a new page works as docs/console.md shows."""

import re
import shutil
from collections.abc import Iterator

import pytest
import requests

from console_senders import new_trace_id, post_spans, span, wait_for_trace
from console_server import CONSOLE, ConsoleServer

DOCUMENT = CONSOLE.parent / "docs" / "console.md"


@pytest.fixture(scope="module")
def with_a_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleServer]:
    """A copy of the console with the two files from the documentation."""
    copy = tmp_path_factory.mktemp("copy") / "console"
    shutil.copytree(CONSOLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    section = DOCUMENT.read_text().partition("## Add a page")[2]
    for language, file in (("python", "pages/senders.py"), ("html", "templates/senders.html")):
        text = re.search(rf"```{language}\n(.+?)```", section, re.DOTALL)
        assert text
        (copy / file).write_text(text[1])
    server = ConsoleServer(tmp_path_factory.mktemp("kept"))
    server.directory = copy
    with server:
        yield server


def test_a_page_is_a_module_and_a_template(with_a_page: ConsoleServer) -> None:
    """A new page is in the navigation, has the filter bar, and reports an invalid filter."""
    trace_id = new_trace_id()
    post_spans(with_a_page, span(trace_id), service="a-sender")
    wait_for_trace(with_a_page, trace_id, spans=1)
    page = requests.get(f"{with_a_page.url}/senders", timeout=10).text
    assert "<li>a-sender</li>" in page
    assert 'aria-current="page">Senders</a>' in page
    assert 'name="minutes"' in page
    of_one = requests.get(f"{with_a_page.url}/requests/{trace_id}?status=500", timeout=10).text
    assert 'href="/senders?status=500">Senders</a>' in of_one


def test_the_pages_in_their_order(console: ConsoleServer) -> None:
    """Each entry leads to a page with the same navigation."""
    page = requests.get(f"{console.url}/requests", timeout=10).text
    navigation = re.search(r'<nav class="rooms".+?</nav>', page, re.DOTALL)
    assert navigation
    links = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', navigation[0])
    order = ["Overview", "Requests", "Errors", "Logs", "Explore", "Services", "Metrics", "Delivery"]
    titles = [title for _, title in links]
    assert titles == [title for title in order if title in titles]
    for address, title in links:
        response = requests.get(console.url + address, timeout=10)
        assert response.status_code == 200, title
        assert f'aria-current="page">{title}</a>' in response.text
        assert 'aria-label="Filter"' in response.text


@pytest.mark.parametrize("query", ["status=abc", "minutes=soon", "where=x", "from=noon", "to=2026-13-01"])
def test_each_page_reports_an_invalid_filter(console: ConsoleServer, query: str) -> None:
    page = requests.get(f"{console.url}/requests", timeout=10).text
    for address in re.findall(r'<a href="(/[a-z]*)"[^>]*>[A-Z][a-z]+</a>', page.partition('class="rooms"')[2]):
        response = requests.get(f"{console.url}{address}?{query}", timeout=10)
        assert response.status_code == 400, address
        assert 'role="alert"' in response.text
        assert query.partition("=")[2] in response.text
