"""The record is logging's own, field by field."""

import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from telemetry import log_records

logger = logging.getLogger("tests.stock")


@pytest.fixture(autouse=True)
def as_in_the_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And as before afterwards."""
    for name in ("_srcfile", "logThreads", "logMultiprocessing"):
        monkeypatch.setattr(logging, name, getattr(logging, name))
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logging.LogRecord)
    log_records.instrument()
    yield
    logging.setLogRecordFactory(before)


def failed() -> Any:
    try:
        raise LookupError("nothing there")
    except LookupError:
        return sys.exc_info()


@pytest.mark.parametrize(
    ("message", "arguments", "named"),
    [
        ("listed", (), {"extra": {"result_length": 3}}),
        ("listed", (), {}),
        ("listed %d of %s", (3, "ten"), {}),
        ("listed %(number)d", ({"number": 3},), {}),
        ("failed", (), {"exc_info": failed()}),
        (ValueError("no text"), (), {}),
    ],
    ids=["extra", "plain", "positional", "by name", "exception", "no text"],
)
@pytest.mark.parametrize("level", [logging.INFO, logging.ERROR, 35], ids=logging.getLevelName)
def test_the_same_as_the_stock_record(
    message: object, arguments: tuple[Any, ...], named: dict[str, Any], level: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Names, values and their order; the times are those of two records made one after the other."""
    caplog.set_level(logging.INFO)
    logger.log(level, message, *arguments, **named)
    logging.setLogRecordFactory(logging.LogRecord)
    logger.log(level, message, *arguments, **named)

    lean, stock = (vars(record) for record in caplog.records)
    assert list(lean) == list(stock)
    times = [(record.pop("created"), record.pop("relativeCreated"), record.pop("msecs")) for record in (lean, stock)]
    assert lean == stock
    (created, since_start, milliseconds), (stock_created, stock_since_start, _) = times
    assert 0 <= stock_created - created < 1
    assert stock_since_start - since_start == pytest.approx((stock_created - created) * 1000, abs=1)
    assert milliseconds == pytest.approx(created % 1 * 1000, abs=1)


def test_a_record_from_elsewhere(caplog: pytest.LogCaptureFixture) -> None:
    """Such as one that was pickled, in a process that knew where it was logged."""
    made = logging.makeLogRecord({"pathname": "/there/file.py", "msg": "said"})
    assert isinstance(made, log_records.LeanRecord)
    assert (made.pathname, made.getMessage()) == ("/there/file.py", "said")


@pytest.mark.parametrize(
    ("place", "told"),
    [(("(unknown file)", 7), {}), (("(unknown file)", 0), {"sinfo": "a stack"}), (("/there/file.py", 0), {})],
    ids=["line", "stack", "file"],
)
def test_a_record_whose_place_is_known(place: tuple[str, int], told: dict[str, Any]) -> None:
    """By whoever made it."""
    lean, stock = (
        vars(kind("name", logging.INFO, *place, "said", None, None, **told))
        for kind in (log_records.LeanRecord, logging.LogRecord)
    )
    for name in ("created", "msecs", "relativeCreated"):
        del lean[name], stock[name]
    assert lean == stock


def test_somebodys_own_records_stay() -> None:
    """Such as OpenTelemetry's, that name the trace."""

    class Own(logging.LogRecord):
        pass

    logging.setLogRecordFactory(Own)
    log_records.instrument()
    assert logging.getLogRecordFactory() is Own
