"""Every link within the documentation has an existing target."""

import pytest

from markdown_pages import ROOT, Page, pages, read

ELSEWHERE = ("https://", "http://", "mailto:")


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path)
def test_links(page: Page) -> None:
    """Links to files, folders and headings work."""
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
    """Links from the README lead to every page."""
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
def test_a_broken_link_is_found(link: str, why: str | None) -> None:
    """The check distinguishes broken links in the README from good ones."""
    assert broken(read("README.md"), link) == why
