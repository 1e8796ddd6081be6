"""X-Ray's segments and subsegments, out of the documents that they came in."""

from collections.abc import Iterable
from dataclasses import dataclass

from traces import Record


@dataclass(frozen=True)
class Entity:
    """A segment or subsegment. parent_id: of the entity that it is in, or names; "" for neither."""

    fields: Record
    parent_id: str
    document: Record

    @property
    def id(self) -> str:
        return str(self.fields["id"])

    @property
    def is_subsegment(self) -> bool:
        return self.fields is not self.document or self.document.get("type") == "subsegment"

    @property
    def is_lone(self) -> bool:
        """Whether it is a subsegment that was sent without its segment."""
        return self.is_subsegment and self.fields is self.document


def entities(documents: Iterable[Record]) -> list[Entity]:
    """Return what is in the documents, each before what is inside it."""
    found: list[Entity] = []
    for document in documents:
        waiting = [Entity(document, str(document.get("parent_id", "")), document)]
        while waiting:
            entity = waiting.pop()
            found.append(entity)
            inside = entity.fields.get("subsegments", [])
            waiting += [Entity(fields, entity.id, document) for fields in reversed(inside)]
    return found
