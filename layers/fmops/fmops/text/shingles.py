"""The n-grams of many texts as arrays of hashes, so that a hundred thousand texts can be compared."""

from array import array
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORDS = 3
"""Words in an n-gram."""
KEPT = 256
"""How many n-grams of a text are kept: all of a short text's, of a long one those with the smallest hashes."""
_CHUNK = 400_000
_REMEMBERED = 50_000
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)

Hashes = NDArray[np.uint64]


class Shingles(NamedTuple):
    """The n-grams of texts, one text after the other, each text's sorted and each once."""

    hashes: Hashes
    starts: NDArray[np.int64]
    """Where each text begins; one more at the end."""

    @property
    def texts(self) -> int:
        return len(self.starts) - 1

    def of(self, text: int) -> Hashes:
        return self.hashes[self.starts[text] : self.starts[text + 1]]

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.diff(self.starts)


class _WordHashes(dict[str, int]):
    """Hashes of words; remembers those that came first, which are the common ones."""

    def __missing__(self, word: str) -> int:
        made = crc32(word.encode("utf-8", "surrogatepass"))
        if len(self) < _REMEMBERED:
            self[word] = made
        return made


class Shingler:
    """Collects texts and hashes their n-grams as they come; holds no text."""

    def __init__(self) -> None:
        self._hash_of = _WordHashes()
        self._tokens, self._lengths = array("I"), array("I")
        self._parts: list[tuple[Hashes, NDArray[np.int64]]] = []

    def add(self, words: list[str]) -> None:
        """The next text, by its tokens."""
        hash_of = self._hash_of
        self._tokens.extend([hash_of[word] for word in words])
        # A text shorter than an n-gram is one n-gram; an empty one has none.
        missing = WORDS - len(words) if 0 < len(words) < WORDS else 0
        self._tokens.extend([0] * missing)
        self._lengths.append(len(words) + missing)
        if len(self._tokens) >= _CHUNK:
            self._flush()

    def finish(self) -> Shingles:
        self._flush()
        sizes = np.concatenate([part[1] for part in self._parts] or [np.zeros(0, np.int64)])
        hashes = np.concatenate([part[0] for part in self._parts] or [np.zeros(0, np.uint64)])
        self._parts.clear()
        return Shingles(hashes, _starts(sizes))

    def _flush(self) -> None:
        if not self._lengths:
            return
        tokens = np.frombuffer(self._tokens, dtype=np.uint32).astype(np.uint64)
        lengths = np.frombuffer(self._lengths, dtype=np.uint32).astype(np.int64)
        self._parts.append(_hashed(tokens, lengths))
        self._tokens, self._lengths = array("I"), array("I")


def common(*parts: Shingles, more_than: int) -> Hashes:
    """The n-grams that more texts than this have, in order: they are of a template, and say nothing of the content."""
    ordered = np.sort(np.concatenate([part.hashes for part in parts]))
    if len(ordered) <= more_than:
        return ordered[:0]
    # Each text has an n-gram once, so equal neighbours are of as many texts.
    return np.unique(ordered[more_than:][ordered[more_than:] == ordered[:-more_than]])


def without(shingles: Shingles, dropped: Hashes) -> Shingles:
    """Without these n-grams, which are in order."""
    if not len(dropped):
        return shingles
    places = np.minimum(np.searchsorted(dropped, shingles.hashes), len(dropped) - 1)
    kept = dropped[places] != shingles.hashes
    before = _starts(kept.astype(np.int64))
    return Shingles(shingles.hashes[kept], before[shingles.starts])


def similarity(first: Hashes, second: Hashes) -> float:
    """Jaccard's: shared n-grams among all n-grams, from 0 to 1.

    Exact while both texts have fewer than KEPT n-grams. Else from the KEPT smallest hashes of both together, which are
    a random sample of all n-grams (Broder 1997); the standard error is then at most 0.03.
    """
    if not len(first) or not len(second):
        return 0.0
    together = np.union1d(first, second)
    if len(first) >= KEPT or len(second) >= KEPT:
        together = together[:KEPT]
    shared = np.intersect1d(first, second, assume_unique=True)
    return float(np.isin(together, shared, assume_unique=True).sum() / len(together))


def _hashed(tokens: Hashes, lengths: NDArray[np.int64]) -> tuple[Hashes, NDArray[np.int64]]:
    """The hashes of texts, and how many each has."""
    text_of = np.repeat(np.arange(len(lengths)), lengths)
    if not len(tokens):
        return np.zeros(0, np.uint64), np.zeros(len(lengths), np.int64)
    last = len(tokens) - WORDS + 1
    begins = text_of[:last] == text_of[WORDS - 1 :]
    hashes = np.zeros(last, np.uint64)
    for place, factor in enumerate(_FACTORS):
        hashes += (tokens[place : place + last] + np.uint64(1)) * factor
    hashes, text_of = mixed(hashes[begins]), text_of[:last][begins]
    order = np.lexsort((hashes, text_of))
    hashes, text_of = hashes[order], text_of[order]
    first = np.ones(len(hashes), bool)
    first[1:] = (hashes[1:] != hashes[:-1]) | (text_of[1:] != text_of[:-1])
    hashes, text_of = hashes[first], text_of[first]
    sizes = np.bincount(text_of, minlength=len(lengths))
    rank = np.arange(len(hashes)) - np.repeat(_starts(sizes)[:-1], sizes)
    return hashes[rank < KEPT], np.minimum(sizes, KEPT).astype(np.int64)


def mixed(values: Hashes) -> Hashes:
    """Every bit depends on every bit (the finish of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]).astype(np.int64)
