"""The console's pages in a real browser, with the real API sending to it."""

import os
import shutil
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from browser_pages import Console
from console_server import ConsoleServer
from gunicorn_server import GunicornServer

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or another; without one the tests are skipped, but never in CI."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        said = f"no browser: none of {', '.join(NAMES)} is installed (on Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    folder = tmp_path_factory.mktemp("console")
    with (
        ConsoleServer(folder, CONSOLE_AWS_REGION="eu-central-1", CONSOLE_ROLLBAR="yes") as server,
        GunicornServer(server.environ(), app="wire_app:create_quick_app()") as api,
        requests.Session() as session,
    ):
        yield Console(server, api, session)


@pytest.fixture
def page(browser: Browser, console: Console, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab of a fresh browser window at the console; what its pages complain of fails the test.

    @pytest.mark.parametrize("page", [{...}], indirect=True) sets the window's options.
    """
    options = {"viewport": {"width": 1440, "height": 900}} | getattr(request, "param", {})
    context = browser.new_context(base_url=console.url, **options)
    context.set_default_timeout(10_000)
    complaints: list[str] = []
    page = context.new_page()

    def note(message: ConsoleMessage) -> None:
        # That a page wasn't found (404), or a form has a mistake (4xx), Chromium shows as an error, too.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []
