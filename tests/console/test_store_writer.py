"""The writer thread survives faults in the console's own code."""

from dataclasses import replace
from pathlib import Path

import pytest

import console_traces as made
from store import Store, tables
from store.tables import Entry


def test_a_batch_that_sqlite_cannot_store_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that SQLite can't store is dropped and counted, and later ones are written."""
    store = Store(tmp_path)
    write = tables.write

    def mistaken(connection: object, batch: list[Entry], totals: object) -> set[str]:
        return write(connection, [replace(entry, received_ns=2**63) for entry in batch], totals)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("store.writer.write", mistaken)
        store.add("honeycomb", [made.span("lost", 0, 1)])
        assert store.flush()
    store.add("honeycomb", [made.span("kept", 0, 1)])
    assert store.flush()

    assert store.totals.as_json()["honeycomb"]["dropped"] == 1
    trace = store.trace(made.TRACE_ID)
    assert trace is not None
    assert [span["name"] for span in trace.spans] == ["kept"]
    store.close()
