"""The store deletes, drops and counts records."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console_senders import item, new_trace_id, span
from receivers import otlp, rollbar
from store import FILE, Full, Store, tables, writer
from store.tables import MAX_INSTANCES
from traces import Record


def line(trace_id: str | None, text: str = "") -> Record:
    return {
        "log_group": "cruddur",
        "log_stream": "a-worker",
        "timestamp_ms": 1_700_000_000_000,
        "message": text,
        "fields": {"trace_id": trace_id},
    }


def ids(number: int) -> list[str]:
    return [f"{one:032x}" for one in range(1, number + 1)]


def rows(folder: Path, query: str) -> list[Any]:
    with sqlite3.connect(folder / FILE) as kept:
        found = kept.execute(query).fetchall()
    kept.close()
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = Store(tmp_path, max_traces=5)
    yield kept
    kept.close()


def dropped(store: Store) -> int:
    count: int = store.totals.as_json()["cloudwatch"]["dropped"]
    return count


def test_a_trace_that_is_too_old_goes_with_its_records(store: Store, tmp_path: Path) -> None:
    """An old trace is deleted with its records, so that the file doesn't grow for ever."""
    trace_ids = ids(8)
    for trace_id in trace_ids:
        store.add("cloudwatch", [line(trace_id), line(trace_id)])
        assert store.flush()

    assert sorted(summary.trace_id for summary in store.traces()) == trace_ids[3:]
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT trace) FROM records") == [(10, 5)]


def test_the_newest_records_without_a_trace_are_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest records without a trace are kept, the same number for each vendor, and traces are unaffected."""
    monkeypatch.setattr(tables, "MAX_UNJOINED", 10)
    store.add("cloudwatch", [line(ids(1)[0])])
    for batch in range(3):
        store.add("cloudwatch", [line(None, f"{batch} {number}") for number in range(6)])
        assert store.flush()

    kept = [f"2 {number}" for number in reversed(range(6))] + [f"1 {number}" for number in (5, 4, 3, 2)]
    assert [record["message"] for record in store.unjoined("cloudwatch", 50)] == kept
    assert rows(tmp_path, "SELECT count(*), count(trace) FROM records") == [(11, 1)]


def test_the_file_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's size is limited whatever the records' size is: the oldest traces are deleted, and not all of them."""
    monkeypatch.setattr(tables, "MAX_FILE_BYTES", 1_000_000)
    monkeypatch.setattr(writer, "GATHER_SECONDS", 0)
    store = Store(tmp_path)
    trace_ids = ids(100)
    for trace_id in trace_ids:
        store.add("cloudwatch", [line(trace_id, "x" * 50_000)])
        store.flush()
    kept = sorted(summary.trace_id for summary in store.traces(limit=200))
    store.close()

    assert kept == trace_ids[-len(kept) :]
    assert 10 <= len(kept) <= 25
    assert (tmp_path / FILE).stat().st_size < 2_000_000


def test_records_that_the_disk_cannot_take_are_counted(store: Store, tmp_path: Path) -> None:
    """Records that the disk can't take are counted, and later ones are kept when it has room."""
    full, later = ids(2)
    rows(tmp_path, "CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    store.add("cloudwatch", [line(full)])
    assert store.flush()
    assert (store.traces(), dropped(store)) == ([], 1)

    rows(tmp_path, "DROP TRIGGER full")
    store.add("cloudwatch", [line(later)])
    assert store.flush()
    assert [summary.trace_id for summary in store.traces()] == [later]
    assert dropped(store) == 1


def test_a_request_that_the_disk_cannot_take_is_not_opened(store: Store, tmp_path: Path) -> None:
    """A request that can't be written is not opened, because its page would be missing."""
    [trace_id] = ids(1)
    store.add("cloudwatch", [line(trace_id)])
    assert store.flush()
    document = store.export(trace_id)
    rows(tmp_path, "DELETE FROM records")
    rows(tmp_path, "DELETE FROM traces")
    rows(tmp_path, "CREATE TRIGGER full BEFORE INSERT ON records BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(Full, match="could not be written"):
        store.import_(document)

    rows(tmp_path, "DROP TRIGGER full")
    assert store.import_(document) == trace_id


def test_records_above_the_queues_limit_are_dropped_and_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records above the queue's limit are dropped and counted, their sender can retry, and the queue is kept."""
    monkeypatch.setattr(writer, "MAX_WAITING_BYTES", 1_000)
    monkeypatch.setattr(writer, "GATHER_SECONDS", 60)
    first, second = ids(2)
    store.add("cloudwatch", [line(first, "x" * 900)])
    with pytest.raises(Full):
        store.add("cloudwatch", [line(second, "x" * 900)], seconds=0)
    assert dropped(store) == 1

    store.close()
    again = Store(store._file.parent)
    assert [summary.trace_id for summary in again.traces()] == [first]
    again.close()


def test_the_processes_that_are_known_are_bounded(tmp_path: Path) -> None:
    """The known processes are limited, because a program may name a process for each span."""
    store = Store(tmp_path)
    resources = [
        {
            "resource": {"attributes": [{"key": "service.instance.id", "value": {"stringValue": str(at)}}]},
            "scopeSpans": [{"spans": [span(new_trace_id())]}],
        }
        for at in range(2 * MAX_INSTANCES)
    ]
    records, _ = otlp.receive(json.dumps({"resourceSpans": resources}).encode(), otlp.JSON)
    store.add("honeycomb", records)
    assert store.flush(30)

    with store._reader() as reader:
        [count] = reader.execute("SELECT count(*) FROM instances").fetchone()
    store.close()
    assert count == MAX_INSTANCES


def test_names_of_attributes_are_bounded(tmp_path: Path) -> None:
    """The names of attributes are limited, because a page lists them, and users can't type long ones."""
    store = Store(tmp_path)
    store.add("rollbar", [rollbar.item_of(item(new_trace_id(), custom={"x" * 300: 1, "y" * 100: 1}))])
    assert store.flush(30)
    names = store.attribute_names("items")
    store.close()

    assert "custom." + "y" * 100 in names
    assert max(map(len, names)) <= 200
