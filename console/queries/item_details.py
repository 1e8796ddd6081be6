"""The details of a Rollbar item."""

from typing import Any

from frames import chain_of_item
from queries.sections import Section, flat, object_of, rest
from traces import Record

_SHOWN_ELSEWHERE = {"received_ns", "body", "custom", "request", "attributes"}


def item_details(item: Record) -> list[Section]:
    """Return the sections of an item without a request."""
    return [section for section in of_item(item) if section.values or section.chain]


def of_item(item: Record) -> list[Section]:
    return [
        *_item_body(item["body"]),
        Section("custom", object_of(item["custom"])),
        Section("request", flat(item.get("request"))),
        Section("attributes of the item", _item_attributes(item.get("attributes"))),
        Section("item", rest(item, _SHOWN_ELSEWHERE)),
    ]


def _item_attributes(attributes: Any) -> Record:
    """Return the attributes that rollbar.js sends.

    It sends a list of objects with a key and a value.
    """
    if isinstance(attributes, list) and all(isinstance(one, dict) and "key" in one for one in attributes):
        return {str(one["key"]): one.get("value") for one in attributes}
    return {"attributes": attributes} if attributes else {}


def _item_body(body: Record) -> list[Section]:
    chain = chain_of_item(body)
    if chain:
        title = f"exception: {chain[0].type}"
        return [Section(title, {"class": chain[0].type, "message": chain[0].message}, chain)]
    return [Section(name, content) for name, content in body.items() if isinstance(content, dict)]
