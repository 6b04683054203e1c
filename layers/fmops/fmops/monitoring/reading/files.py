"""The lines of capture files and logs, piece by piece, zipped or not."""

from collections.abc import Iterator
from typing import Any, Protocol, cast

from isal import igzip_lib, isal_zlib

_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"
LONGEST = 16 * 1024 * 1024
"""A line that is longer than any record ends the file's reading; the rest counts as one unreadable record."""


# Its stub takes the class for an instance.
_BROKEN = (cast("type[Exception]", igzip_lib.IsalError), EOFError)


class Readable(Protocol):
    """What S3 gives, or a file."""

    def read(self, size: int, /) -> bytes: ...


def lines(body: Readable) -> Iterator[list[bytes]]:
    """The lines of a file, some hundred at a time, without their ends.

    A broken archive gives what came before, and then b"{", which nobody can read.
    """
    rest = b""
    try:
        for piece in _unzipped(body):
            found = (rest + piece).split(b"\n")
            rest = found.pop()
            if found:
                yield found
            if len(rest) > LONGEST:
                rest = b"{"
                break
    except _BROKEN:
        # What is cut off counts as one record that can't be read.
        rest = rest or b"{"
    if rest:
        yield [rest]


def _unzipped(body: Readable) -> Iterator[bytes]:
    piece = body.read(_PIECE)
    if piece[:2] != _GZIP:
        while piece:
            yield piece
            piece = body.read(_PIECE)
        return
    unzip: Any = isal_zlib.decompressobj(wbits=31)
    while piece:
        yield from _inflated(unzip, piece)
        # An archive may have several members.
        while unzip.eof and unzip.unused_data:
            left = unzip.unused_data
            unzip = isal_zlib.decompressobj(wbits=31)
            yield from _inflated(unzip, left)
        piece = body.read(_PIECE)
    if not unzip.eof:
        raise EOFError("the archive ends in the middle")


def _inflated(unzip: Any, piece: bytes) -> Iterator[bytes]:
    """What a piece holds, in pieces of bounded size: an archive may hold a thousand times its own."""
    made = unzip.decompress(piece, _PIECE)
    while made:
        yield made
        made = unzip.decompress(unzip.unconsumed_tail, _PIECE)
