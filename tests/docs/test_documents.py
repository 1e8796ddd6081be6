"""The documents in the vendors' pages are those that the API sends now."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import vendor_documents
from markdown_pages import ROOT

# Words of the vendors' query languages.
WORDS = {"filter", "sort", "desc", "asc", "fields", "limit", "stats", "by", "true", "exists"}
# Numbers that are the same in each run; all others are masked.
STEADY = {"status", "http.response.status_code", "app.result_length", "result_length", "flags"}


@pytest.fixture(scope="module")
def sent() -> vendor_documents.Documents:
    return dict(vendor_documents.anonymous(vendor_documents.documents()))


def shown() -> Iterator[tuple[str, str, Any]]:
    """Return the page, name and document of each mark."""
    for page in sorted((ROOT / "docs").glob("*.md")):
        for whole in vendor_documents.WRITTEN.finditer(page.read_text()):
            block = whole[0].partition("```json\n")[2].partition("```")[0]
            yield page.name, whole[2], json.loads(block)


def masked(value: Any, name: str = "") -> Any:
    """Mask values that differ between runs: ids, times, versions, ports."""
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
    """Each document matches field by field, in order. `make documents` updates it."""
    found = list(shown())
    for page, name, document in found:
        assert json.dumps(masked(document), indent=1) == json.dumps(masked(sent[name]), indent=1), (page, name)
    assert {name for _, name, _ in found} == set(sent)


def test_one_request_is_shown_at_three_vendors() -> None:
    """Three vendors' pages show the same request, so that readers can compare them."""
    documents = {name: document for _, name, document in shown()}
    trace_id = documents["the server span"]["trace_id"]

    assert documents["the service's span"]["trace_id"] == trace_id
    assert documents["the segment"]["trace_id"].replace("-", "") == f"1{trace_id}"
    assert {line["trace_id"] for line in documents["the lines"]} == {trace_id}


def paths(value: Any, before: str = "") -> Iterator[str]:
    """Return each field's name with the names around it, separated by dots."""
    for name, part in value.items() if isinstance(value, dict) else ():
        yield before + name
        yield from paths(part, f"{before}{name}.")


@pytest.mark.parametrize(
    ("page", "documents", "of_the_vendor"),
    [
        ("honeycomb.md", ["the server span", "the service's span"], {"duration_ms", "trace.parent_id", "name"}),
        ("x-ray.md", ["the segment"], {"responsetime", "fault", "http.url", "annotation.application"}),
        ("cloudwatch.md", ["the lines"], {"@timestamp", "@message"}),
        ("rollbar.md", ["a message item", "the body of an exception's item"], {"item_occurrence"}),
    ],
)
def test_the_queries_name_fields_that_are_sent(page: str, documents: list[str], of_the_vendor: set[str]) -> None:
    """A query's fields are sent, or the vendor makes them."""
    named = {name: document for _, name, document in shown()}
    known = set(of_the_vendor)
    for name in documents:
        for document in named[name] if isinstance(named[name], list) else [named[name]]:
            known |= set(paths(document)) | set(document.get("attributes", {}))
            known |= {f"body.{path}" for path in paths(document) if name.startswith("the body")}
            for subsegment in document.get("subsegments", []):
                known |= {f"annotation.{key}" for key in subsegment["annotations"]}
    queries = (ROOT / "docs" / page).read_text().partition("## Three queries to try")[2].partition("\n## ")[0]
    code = " ".join("".join(found) for found in re.findall(r"```text\n(.*?)```|`([^`\n]+)`", queries, re.DOTALL))
    code = re.sub(r'"[^"]*"|make load|[0-9a-f]{32}', "", code)
    requested = set(re.findall(r"(?<![\w.@-])[a-z@][a-z_]*(?:[._][a-z_]+)*(?![\w(.-])", code)) - WORDS
    assert requested - known == set()
    assert len(requested) >= 3


def test_no_document_names_a_machine() -> None:
    """No document contains a machine's name or paths."""
    for page, name, document in shown():
        text = json.dumps(document)
        assert vendor_documents.anonymous(document) == document, (page, name)
        assert re.findall(r'"/(?!home/you/|api/|rollbar/)[\w./-]+', text) == [], (page, name)
