"""Count marks for the page of deliveries."""

import time
from collections import Counter

from facts import VENDORS
from store.filters import ALL_EXPECTED, NONE, Filters, condition
from store.reader import Reader
from store.tables import FACTS, facts_of_row
from traces import YOUNG_NS, Mark, summarize

# Requests that are equal in these have the same marks.
_ALIKE = "spans + logs > 0, segments > 0, lines > 0, items > 0, lacking, all_expected, young"


class MarkReader(Reader):
    """Counts marks. Safe for concurrent use."""

    def marks(self, filters: Filters = NONE) -> dict[str, Counter[Mark]]:
        """Return how many of the matching traces have each mark, by vendor."""
        where, values = condition(filters, set(VENDORS) - self._elsewhere)
        facts = ", ".join(f"traces.{name}" for name in FACTS)
        query = (
            f"SELECT count(*), {ALL_EXPECTED} AS all_expected, first_received_ns >= :young_ns AS young, {facts}"
            f" FROM traces WHERE {where} GROUP BY {_ALIKE}"
        )
        with self._reader() as reader:
            rows = reader.execute(query, values | {"young_ns": time.time_ns() - YOUNG_NS}).fetchall()
        marks = {vendor: Counter[Mark]() for vendor in VENDORS}
        for count, all_expected, young, *columns in rows:
            facts_of_one = facts_of_row(columns)
            one = summarize(
                "", facts_of_one, young=bool(young), all_expected=bool(all_expected), elsewhere=self._elsewhere
            )
            for vendor, mark in one.marks.items():
                marks[vendor][mark] += count
        return marks
