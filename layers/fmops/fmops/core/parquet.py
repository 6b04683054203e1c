"""Writes small Parquet files by hand: a function that writes one need not carry Arrow's 100 MB.

Apache Parquet format 2, https://parquet.apache.org/docs/file-format/: one row group, one uncompressed PLAIN page for
each column, footer in Thrift's compact protocol.
"""

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

_MAGIC = b"PAR1"
_DOUBLE, _BYTE_ARRAY = 5, 6
_PLAIN, _RLE = 0, 3
_REQUIRED, _OPTIONAL = 0, 1
_UTF8 = 0
# Types of Thrift's compact protocol.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12


class Column(NamedTuple):
    """A column of texts or of numbers, one for each row. None is NULL."""

    name: str
    values: Sequence[str | float | None]
    optional: bool = True
    is_number: bool = False


def parquet(columns: Sequence[Column]) -> bytes:
    """The file of these columns, all of one length. ValueError where they differ, or a required one has a NULL."""
    lengths = {len(column.values) for column in columns}
    if len(lengths) != 1:
        raise ValueError(f"columns of different lengths: {sorted(lengths)}")
    [rows] = lengths
    body = bytearray(_MAGIC)
    chunks = []
    for column in columns:
        if not column.optional and None in column.values:
            raise ValueError(f"{column.name} lacks a value")
        page = _page(column)
        chunks.append(_chunk(column, offset=len(body), size=len(page), rows=rows))
        body += page
    total = len(body) - len(_MAGIC)
    root = _struct((4, _BINARY, _text("schema")), (5, _I32, _int(len(columns))))
    group = _struct((1, _LIST, _list(_STRUCT, chunks)), (2, _I64, _int(total)), (3, _I64, _int(rows)))
    footer = _struct(
        (1, _I32, _int(1)),
        (2, _LIST, _list(_STRUCT, [root, *(_schema(column) for column in columns)])),
        (3, _I64, _int(rows)),
        (4, _LIST, _list(_STRUCT, [group])),
        (6, _BINARY, _text("fmops")),
    )
    return bytes(body) + footer + struct.pack("<I", len(footer)) + _MAGIC


def _page(column: Column) -> bytes:
    present = [value for value in column.values if value is not None]
    if column.is_number:
        data = b"".join(struct.pack("<d", value) for value in present)
    else:
        data = b"".join(struct.pack("<I", len(text)) + text for text in (str(value).encode() for value in present))
    if column.optional:
        levels = _levels([value is not None for value in column.values])
        data = struct.pack("<I", len(levels)) + levels + data
    header = _struct(
        (1, _I32, _int(0)),
        (2, _I32, _int(len(data))),
        (3, _I32, _int(len(data))),
        (
            5,
            _STRUCT,
            _struct(
                (1, _I32, _int(len(column.values))),
                (2, _I32, _int(_PLAIN)),
                (3, _I32, _int(_RLE)),
                (4, _I32, _int(_RLE)),
            ),
        ),
    )
    return header + data


def _levels(present: Sequence[bool]) -> bytes:
    """Definition levels as runs of equal ones (the RLE half of the hybrid encoding, one bit wide)."""
    runs = bytearray()
    start = 0
    for end in range(1, len(present) + 1):
        if end == len(present) or present[end] != present[start]:
            runs += _varint((end - start) << 1) + bytes([present[start]])
            start = end
    return bytes(runs)


def _schema(column: Column) -> bytes:
    kind = _DOUBLE if column.is_number else _BYTE_ARRAY
    repetition = _OPTIONAL if column.optional else _REQUIRED
    members = [(1, _I32, _int(kind)), (3, _I32, _int(repetition)), (4, _BINARY, _text(column.name))]
    return _struct(*members, *([] if column.is_number else [(6, _I32, _int(_UTF8))]))


def _chunk(column: Column, *, offset: int, size: int, rows: int) -> bytes:
    kind = _DOUBLE if column.is_number else _BYTE_ARRAY
    meta = _struct(
        (1, _I32, _int(kind)),
        (2, _LIST, _list(_I32, [_int(_PLAIN), _int(_RLE)])),
        (3, _LIST, _list(_BINARY, [_text(column.name)])),
        (4, _I32, _int(0)),
        (5, _I64, _int(rows)),
        (6, _I64, _int(size)),
        (7, _I64, _int(size)),
        (9, _I64, _int(offset)),
    )
    return _struct((2, _I64, _int(offset)), (3, _STRUCT, meta))


def _struct(*members: tuple[int, int, Any]) -> bytes:
    """Fields in the order of their ids; each is told by its distance from the one before."""
    found, last = bytearray(), 0
    for number, kind, content in members:
        found += bytes([(number - last) << 4 | kind]) + content
        last = number
    return bytes(found) + b"\0"


def _list(kind: int, members: Sequence[bytes]) -> bytes:
    size = len(members)
    head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + _varint(size)
    return head + b"".join(members)


def _text(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


def _int(value: int) -> bytes:
    return _varint(value << 1 ^ value >> 63)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(found) + bytes([value])
