"""Every link inside the documentation goes to something that is there."""

import pytest

from markdown_pages import ROOT, Page, pages, read

ELSEWHERE = ("https://", "http://", "mailto:")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_links(page: Page) -> None:
    """To files and folders, and to headings of pages."""
    for link in page.links:
        if not link.startswith(ELSEWHERE):
            assert broken(page, link) is None, f"{page.path} links to {link}: {broken(page, link)}"


def broken(page: Page, link: str) -> str | None:
    path, _, anchor = link.partition("#")
    target = (ROOT / page.path).parent / path if path else ROOT / page.path
    if not target.resolve().is_relative_to(ROOT):
        return "is outside of the project"
    if not target.exists():
        return "isn't there"
    if anchor and anchor not in read(str(target.resolve().relative_to(ROOT))).anchors:
        return f"has no heading #{anchor}"
    return None


def test_every_page_can_be_found() -> None:
    """From the README, by links alone."""
    known = {page.path: page for page in pages()}
    reached, following = set[str](), ["README.md"]
    while following:
        page = known[following.pop()]
        reached.add(page.path)
        for link in page.links:
            if not link.startswith(ELSEWHERE) and (target := link.partition("#")[0]):
                found = ((ROOT / page.path).parent / target).resolve()
                inside = [found] if found.is_file() else found.glob("*.md")
                names = {str(path.relative_to(ROOT)) for path in inside} & known.keys()
                following += names - reached
    assert set(known) - reached == set()


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ("docs/settings.md#the-api", None),
        ("nothing.md", "isn't there"),
        ("docs/console.md#no-such-heading", "has no heading #no-such-heading"),
        ("#no-such-heading", "has no heading #no-such-heading"),
        ("../elsewhere", "is outside of the project"),
        ("docs/console.md#json-for-scripts", None),
        ("#read-on", None),
    ],
)
def test_a_broken_link_is_told_from_a_good_one(link: str, why: str | None) -> None:
    """In the README, for example."""
    assert broken(read("README.md"), link) == why
