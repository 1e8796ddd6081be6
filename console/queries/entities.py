"""Extract X-Ray's segments and subsegments from their documents."""

from collections.abc import Iterable
from dataclasses import dataclass

from traces import Record


@dataclass(frozen=True)
class Entity:
    """A segment or subsegment.

    parent_id: the entity that contains it, or that it names; "" for neither
    """

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
    def has_ended(self) -> bool:
        return "end_time" in self.fields

    @property
    def service(self) -> str:
        """Return its segment's name.

        It is "" for a subsegment that was sent without its segment.
        """
        return "" if self.is_lone or self.document.get("type") == "subsegment" else str(self.document["name"])

    @property
    def is_lone(self) -> bool:
        """Return whether it is a subsegment that was sent without its segment."""
        return self.is_subsegment and self.fields is self.document


def entities(documents: Iterable[Record]) -> list[Entity]:
    """Return all entities of the documents, each before those inside it.

    An entity in progress is left out if it also arrived after its end, in any order, as X-Ray replaces it.
    """
    found = _all(documents)
    ended = {entity.id for entity in found if entity.has_ended}
    # A subsegment that ended inside a segment in progress may arrive again: in the ended segment, or on its own.
    final = {entity.id for entity in found if entity.has_ended and "end_time" in entity.document}

    def is_replaced(entity: Entity) -> bool:
        if not entity.has_ended:
            return entity.id in ended
        return "end_time" not in entity.document and entity.id in final

    return [entity for entity in found if not is_replaced(entity)]


def _all(documents: Iterable[Record]) -> list[Entity]:
    found: list[Entity] = []
    for document in documents:
        waiting = [Entity(document, str(document.get("parent_id", "")), document)]
        while waiting:
            entity = waiting.pop()
            found.append(entity)
            inside = entity.fields.get("subsegments", [])
            waiting += [Entity(fields, entity.id, document) for fields in reversed(inside)]
    return found
