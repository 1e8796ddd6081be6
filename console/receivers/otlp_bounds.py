"""Count a protobuf body's fields before it is decoded.

Two bytes of a body may take 200 bytes in memory.
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice

from google.protobuf.descriptor import Descriptor

MAX_FIELDS = 500_000  # about 8 MB of common spans; half a second to count, and 100 MB if all were messages
SMALL_BYTES = 256 * 1024  # smaller bodies are not counted


def has_too_many_fields(body: bytes, descriptor: Descriptor) -> bool:
    """Return whether the message and the messages in it have too many fields.

    Return False for a body that isn't protobuf: the parser reports that.
    """
    if len(body) <= SMALL_BYTES:
        return False
    try:
        return any(islice(_fields(body, descriptor), MAX_FIELDS, None))
    except IndexError:
        return False


def _fields(body: bytes, descriptor: Descriptor) -> Iterator[bool]:
    """Yield True for each field, without recursion.

    Raise IndexError if the body ends within a number.
    """
    pending = [(0, len(body), descriptor)]
    while pending:
        position, end, message = pending.pop()
        messages = _messages(message)
        while position < end:
            yield True
            tag, position = _varint(body, position)
            match tag & 7:
                case 0:
                    _, position = _varint(body, position)
                case 1:
                    position += 8
                case 2:
                    size, position = _varint(body, position)
                    if tag >> 3 in messages:
                        pending.append((position, min(position + size, end), messages[tag >> 3]))
                    position += size
                case 5:
                    position += 4
                case _:
                    return  # groups, which OTLP doesn't use, or an invalid wire type


@cache
def _messages(descriptor: Descriptor) -> dict[int, Descriptor]:
    """Return the message types of the fields that contain messages, by field number."""
    return {field.number: field.message_type for field in descriptor.fields if field.message_type is not None}


def _varint(body: bytes, position: int) -> tuple[int, int]:
    """Return the number at this position, and the position after it."""
    byte = body[position]
    if byte < 0x80:  # nearly all
        return byte, position + 1
    number, shift = byte & 0x7F, 7
    while byte >= 0x80:
        position += 1
        byte = body[position]
        number |= (byte & 0x7F) << shift
        shift += 7
    return number, position + 1
