"""Lines of a file that is too big to hold, with its hash."""

import hashlib
from collections.abc import Iterator
from typing import Any

_PIECE = 1024 * 1024
LONGEST_LINE = 8 * 1024 * 1024


class LineTooLong(Exception):
    """No row is so long; the file is something else."""


class HashedLines:
    """The lines of a body, read once. `sha256` and `size` hold for the whole when all lines were read."""

    def __init__(self, body: Any) -> None:
        self._body, self._sha256 = body, hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        while piece := self._body.read(_PIECE):
            self._sha256.update(piece)
            self.size += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise LineTooLong(f"a line has more than {LONGEST_LINE // 1024 // 1024} MB")
            yield from lines
        if rest:
            yield rest

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()
