"""The browser tests' requests to the API and the console, and the elements that they find on its pages."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from console_senders import instruments, post_metrics, wait_for_trace
from console_server import ConsoleServer
from gunicorn_server import GunicornServer
from waiting import wait_until


@dataclass
class Console:
    """The console, and the API that sends to it."""

    server: ConsoleServer
    api: GunicornServer
    session: requests.Session

    @property
    def url(self) -> str:
        return self.server.url

    def request(self, path: str) -> str:
        """Send the API a request, and return the trace id."""
        return self.session.get(self.api.url + path, timeout=10).headers["X-Request-Id"]

    def see(self, path: str, **counts: int) -> str:
        """Send the API a request, wait until this many records have arrived, and return the trace id."""
        trace_id = self.request(path)
        wait_for_trace(self.server, trace_id, **counts)
        return trace_id

    def see_home(self) -> str:
        return self.see("/api/activities/home", spans=2, segments=1, lines=2)

    def see_failure(self) -> str:
        return self.see("/api/wire/failing-service", spans=2, segments=1, lines=1, items=1)

    def see_metrics(self) -> list[str]:
        """Return the addresses of three instruments' pages, which have an example in a request."""
        assert post_metrics(self.server, *instruments(self.see_home()), service="metrics-of-a-test").json() == {}

        def found() -> list[str]:
            page = self.session.get(f"{self.url}/metrics?service=metrics-of-a-test", timeout=10).text
            return re.findall(r'<td class="name"><a href="([^"]+)"', page)

        wait_until(lambda: len(found()) == 3, why="three instruments")
        return [html.unescape(address) for address in found()]

    def document(self, trace_id: str) -> dict[str, Any]:
        document: dict[str, Any] = self.server.get(f"/api/requests/{trace_id}")
        return document


@contextmanager
def serving(folder: Path) -> Iterator[Console]:
    """Run both. folder: where the console stores what it receives"""
    with (
        ConsoleServer(folder, CONSOLE_AWS_REGION="eu-central-1", CONSOLE_ROLLBAR="yes") as server,
        GunicornServer(server.environ(), app="wire_app:create_quick_app()") as api,
        requests.Session() as session,
    ):
        yield Console(server, api, session)


def row(page: Page, trace_id: str) -> Locator:
    """Return a request's row in the list."""
    return page.locator(f"tr#t{trace_id}")


def listed(page: Page) -> list[str]:
    """Return the trace ids in the list, from the top."""
    return [
        identifier.removeprefix("t")
        for identifier in page.locator(".requests tbody tr").evaluate_all("all => all.map(row => row.id)")
    ]


def shown(page: Page) -> Locator:
    """Return the text of the side panel."""
    return page.locator(".panel .detail")


def faults(page: Page) -> list[tuple[str, Any]]:
    """Return the serious faults that axe finds."""
    page.evaluate(Axe().axe_script)
    # The results also describe each element without a fault, and sending them here takes longer than finding them.
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(results => results.violations)")
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave]
