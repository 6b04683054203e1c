"""What the texts of one side say, before it is counted."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.text.markers import Marked, mark
from fmops.text.pii import find
from fmops.text.scan import Places, Scan, scan

_PIECE = 5
"""A word of more letters than this is about two tokens."""


class Words(NamedTuple):
    """One side of a batch."""

    texts: Sequence[str]
    records: Places
    """Which record each text is of."""
    scan: Scan
    marked: Marked
    tokens: Places
    """About how many tokens each text has."""


def lexical(texts: Sequence[str], records: Places) -> Words:
    """Scan the texts of these records."""
    seen = scan(texts)
    return Words(texts, records, seen, mark(seen), tokens(seen))


def pii(found: Words) -> tuple[Places, list[str]]:
    """The texts that seem to hold what names or reaches a person, and the kind of each place."""
    likely = np.flatnonzero(found.scan.numbered)
    holding, kinds = [], []
    for text in likely.tolist():
        places = find(found.texts[text])
        if places:
            holding.append(text)
            kinds += [place.kind.value for place in places]
    return np.array(holding, np.intp), kinds


def repetition(seen: Scan) -> NDArray[np.float64]:
    """Of each text the share of its runs of three words that it has said before."""
    shares = np.zeros(len(seen.words))
    if len(seen.hashes) < 3:
        return shares
    hashes, text_of = seen.hashes, seen.text_of
    with np.errstate(over="ignore"):
        runs = hashes[:-2] + hashes[1:-1] * np.uint64(3) + hashes[2:] * np.uint64(5)
    inside = text_of[2:] == text_of[:-2]
    # A text's number above, below it as much of the run's hash as 32 bits hold: half as wide sorts in half the time.
    below = np.uint32(32 - len(shares).bit_length())
    keys = text_of[2:][inside].astype(np.uint32) << below
    keys |= (runs[inside] >> (np.uint64(64) - below)).astype(np.uint32)
    keys.sort()
    again = keys[1:][keys[1:] == keys[:-1]]
    said = np.bincount(again >> below, minlength=len(shares))
    return np.asarray(said / np.maximum(seen.words - 2, 1))


def tokens(seen: Scan) -> Places:
    """A word is a token, a long one two; so is each mark. Of English within 17 % in sum (`benchmarks.tokens`)."""
    longer = (seen.ends - seen.starts - 1) // _PIECE
    text_of = seen.text_of
    extra = np.bincount(text_of, longer, len(seen.words)).astype(np.int64)
    return seen.words + extra + seen.marks
