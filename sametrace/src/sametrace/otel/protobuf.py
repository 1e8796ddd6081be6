"""Fields of a protobuf message, as bytes.

A message is a sequence of fields, each with a tag, usually a length, and the value.

Source: "Encoding" in protobuf's documentation.
"""

ONE_BYTE = [bytes((value,)) for value in range(256)]
TAGS = [bytes((number << 3 | 2,)) for number in range(16)]  # of fields with a length


def text(number: int, value: str) -> bytes:
    return field(number, value.encode())


def field(number: int, value: bytes) -> bytes:
    """Encode a field that has a length.

    number: below 16
    """
    length = len(value)
    return TAGS[number] + (ONE_BYTE[length] if length < 0x80 else varint(length)) + value


def varint(value: int) -> bytes:
    """Encode a number in seven bits per byte, lowest first.

    Each byte but the last has its highest bit set.
    """
    if value < 0x80:
        return ONE_BYTE[value]
    return ONE_BYTE[value & 0x7F | 0x80] + varint(value >> 7)
