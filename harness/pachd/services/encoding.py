"""Protobuf's wire format, for the few messages that come and go by the hundred thousand.

A message is its fields one after another: a tag, then a number, or a length and so many bytes.
"""

from __future__ import annotations

NUMBER, BYTES = 0, 2  # protobuf's wire types
_SMALL = [bytes([number]) for number in range(0x80)]


def tag(message: type, field: str, wire_type: int = BYTES) -> bytes:
    """What stands before a field's value, for fields with numbers below 16."""
    number = message.DESCRIPTOR.fields_by_name[field].number  # type: ignore[attr-defined]  # a message class
    return bytes([number << 3 | wire_type])


def field(tag_: bytes, value: bytes) -> bytes:
    """A field of bytes; nothing where it is empty, as protobuf has it."""
    length = len(value)
    return tag_ + (_SMALL[length] if length < 0x80 else varint(length)) + value if value else b""


def varint(number: int) -> bytes:
    """A number as protobuf writes it: seven bits a byte, the lowest first, all but the last byte marked."""
    if number < 0x80:
        return _SMALL[number]
    septets = bytearray()
    while number >= 0x80:
        septets.append(number & 0x7F | 0x80)
        number >>= 7
    septets.append(number)
    return bytes(septets)


def fields(data: bytes, start: int, end: int) -> dict[int, slice]:
    """Where the values lie of a message at ``data[start:end]``, by tag, if each has bytes as its value and stands once.

    Raises ValueError or IndexError for all others, be they wrong or only unusual.
    """
    found: dict[int, slice] = {}
    while start < end:
        tag_, length, start = data[start], data[start + 1], start + 2
        if length >= 0x80:
            length, start = _long(data, start - 1)
        if tag_ & 7 != BYTES or tag_ >= 0x80 or tag_ in found:
            raise ValueError("a field of another kind")
        found[tag_] = slice(start, start + length)
        start += length
    if start > end:
        raise ValueError("a field longer than its message")
    return found


def _long(data: bytes, start: int) -> tuple[int, int]:
    """The number that :func:`varint` wrote at ``start``, and where it ends."""
    number = 0
    for shift in range(0, 35, 7):  # no message is longer than 32 bits tell
        number |= (data[start] & 0x7F) << shift
        start += 1
        if data[start - 1] < 0x80:
            return number, start
    raise ValueError("a number longer than lengths are")
