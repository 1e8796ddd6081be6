"""The documents in the vendors' pages are what the API sends now."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import vendor_documents
from markdown_pages import ROOT

# The numbers that are the same at each run; all others are masked.
STEADY = {"status", "http.response.status_code", "app.result_length", "result_length", "flags"}


@pytest.fixture(scope="module")
def sent() -> vendor_documents.Documents:
    return dict(vendor_documents.anonymous(vendor_documents.documents()))


def shown() -> Iterator[tuple[str, str, Any]]:
    """Page, name and document of each mark."""
    for page in sorted((ROOT / "docs").glob("*.md")):
        for whole in vendor_documents.WRITTEN.finditer(page.read_text()):
            block = whole[0].partition("```json\n")[2].partition("```")[0]
            yield page.name, whole[2], json.loads(block)


def masked(value: Any, name: str = "") -> Any:
    """Without what differs from run to run: ids, times, versions, ports."""
    if isinstance(value, dict):
        return {key: masked(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [masked(part) for part in value]
    if isinstance(value, str):
        return re.sub(r"[0-9a-f]{8,}(-[0-9a-f]{4,})*|\d+", "#", value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if name in STEADY else type(value).__name__
    return value


def test_each_page_shows_what_is_sent(sent: vendor_documents.Documents) -> None:
    """Field by field and in the same order; `make documents` mends it."""
    found = list(shown())
    for page, name, document in found:
        assert json.dumps(masked(document), indent=1) == json.dumps(masked(sent[name]), indent=1), (page, name)
    assert {name for _, name, _ in found} == set(sent)


def test_one_request_is_shown_at_three_vendors() -> None:
    """The same, so that a reader can hold the pages beside each other."""
    documents = {name: document for _, name, document in shown()}
    trace_id = documents["the server span"]["trace_id"]

    assert documents["the service's span"]["trace_id"] == trace_id
    assert documents["the segment"]["trace_id"].replace("-", "") == f"1{trace_id}"
    assert {line["trace_id"] for line in documents["the lines"]} == {trace_id}


def test_nothing_tells_of_a_machine() -> None:
    """Neither its name nor its paths."""
    for page, name, document in shown():
        text = json.dumps(document)
        assert vendor_documents.anonymous(document) == document, (page, name)
        assert re.findall(r'"/(?!home/you/|api/|rollbar/)[\w./-]+', text) == [], (page, name)
