"""Files are read piece by piece, zipped or not, however they are broken."""

import gzip
import io
import json

import pytest

from fmops.monitoring.reading.files import LONGEST, lines

CONTENT = b"".join(b'{"n": %d}\n' % n for n in range(50_000))


def read(content: bytes) -> list[bytes]:
    return [line for some in lines(io.BytesIO(content)) for line in some]


@pytest.mark.parametrize(
    "content",
    [
        CONTENT,
        CONTENT.rstrip(b"\n"),
        gzip.compress(CONTENT),
        gzip.compress(CONTENT[:101_890]) + gzip.compress(CONTENT[101_890:]),
    ],
)
def test_all_lines_are_read(content: bytes) -> None:
    assert b"\n".join(line for line in read(content) if line) == CONTENT.rstrip(b"\n")


def test_of_a_truncated_archive_what_came_before_is_used_and_the_rest_is_unreadable() -> None:
    found = read(gzip.compress(CONTENT)[:-2_000])

    assert len(found) > 1_000
    assert found[0] == b'{"n": 0}'
    with pytest.raises(json.JSONDecodeError):
        json.loads(found[-1])


def test_a_broken_archive_is_one_unreadable_line() -> None:
    content = bytearray(gzip.compress(CONTENT))
    content[12:40] = b"\xff" * 28

    assert read(bytes(content))[-1] == b"{"


def test_an_empty_file_has_no_lines() -> None:
    assert read(b"") == read(gzip.compress(b"")) == []


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()

    assert [line for some in lines(endless) for line in some] == [b"{"]
    assert endless.given < 2 * LONGEST
