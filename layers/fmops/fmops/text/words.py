"""Words, and their place in a table of fixed size."""

import re
from zlib import crc32

BUCKETS = 256
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The text's words in lower case."""
    return _WORD.findall(text.lower())


def bucket(word: str) -> int:
    """A word's place among BUCKETS, the same in every process."""
    return crc32(word.encode()) % BUCKETS
