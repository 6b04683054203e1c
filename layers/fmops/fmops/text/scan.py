"""Looks at many texts at once, as one array of bytes: words, their hashes, and what is counted of characters.

A word here is a run of letters, digits and underscores, as in `words.words`, but in bytes of UTF-8; its hash depends
on nothing but its letters in lower case, so that it is the same in every process.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]
Kinds = NDArray[np.uint8]

MOST_BYTES = 1 << 22
"""A batch has at most so many bytes of text; longer texts are cut before."""

_WORD, _VOWEL, _STOP, _DIGIT, _AT, _MARK, _PLUS = 1, 2, 4, 8, 16, 32, 64
_SELDOM = _STOP | _DIGIT | _AT | _MARK | _PLUS
_SEPARATOR = "\0"
# Nine digits with at most two signs between two of them.
_NUMBER = 9
_NUMBER_SPAN = _NUMBER + 2 * (_NUMBER - 1)
# Scripts without spaces between words: there each character is a word. The same ranges as in `normal`.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
_FAR = re.compile(f"[\u00a0-\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f\ufe30-\ufe6f\uff00-\uff20{_UNSPACED}]")
_STOPS = frozenset("。！？｡…")


class Scan(NamedTuple):
    """What was seen. Arrays of words run over all texts, in their order; the others have one entry a text."""

    hashes: Hashes
    """Of each word, 64 bits."""
    starts: Places
    """Where each word begins and ends in `raw`."""
    ends: Places
    words: Places
    """How many words each text has."""
    sizes: Places
    """Bytes of each text, as it was scanned."""
    sentences: Places
    """Runs of full stops, question and exclamation marks."""
    syllables: Places
    """Runs of vowels: what stands for syllables in English."""
    numbered: NDArray[np.bool_]
    """Whether a text has nine digits close together, a + before a digit, or an @: only then it may hold a number or an
    address that `pii.find` finds."""
    marks: Places
    """Characters that are neither letters, digits nor spaces."""
    far: Places
    """Bytes beyond ASCII."""
    raw: bytes

    @property
    def text_of(self) -> Places:
        """Each word's text."""
        return np.repeat(np.arange(len(self.words)), self.words)

    def of_texts(self) -> Hashes:
        """A hash of each whole text, by its words in their order."""
        made = np.zeros(len(self.words), np.uint64)
        some = np.flatnonzero(self.words)
        place = np.arange(len(self.hashes)) - np.repeat(self.first[some], self.words[some])
        made[some] = np.add.reduceat(self.hashes * (2 * place.astype(np.uint64) + np.uint64(1)), self.first[some])
        return mixed(made)

    @property
    def first(self) -> Places:
        """The place of each text's first word among all words."""
        return np.concatenate(([0], np.cumsum(self.words)[:-1])).astype(np.int64)

    def word(self, place: int) -> str:
        """A word as it was written, in lower case."""
        return self.raw[self.starts[place] : self.ends[place]].decode("utf-8", "replace").lower()


def scan(texts: Sequence[str]) -> Scan:
    """Scan these texts, together at most about MOST_BYTES. Their order is kept."""
    joined = _SEPARATOR.join(texts)
    if joined.count(_SEPARATOR) > len(texts) - 1:
        texts = [text.replace(_SEPARATOR, " ") for text in texts]
        joined = _SEPARATOR.join(texts)
    if not joined.isascii():
        # Only texts that need it pay for it.
        joined = _SEPARATOR.join(text if text.isascii() else plain(text) for text in texts)
    raw = f"{_SEPARATOR}{joined}{_SEPARATOR}".encode("utf-8", "replace")
    seen = np.frombuffer(raw, np.uint8)
    borders = np.flatnonzero(seen == 0)
    if len(texts) == 0:
        borders = borders[:1]
    kinds = _KINDS.take(seen)
    inside = (kinds & _WORD).view(np.bool_)
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    # What few bytes are is found among few.
    seldom = np.flatnonzero((kinds & _SELDOM) != 0)
    which = kinds[seldom]
    stops = seldom[((which & _STOP) != 0) & ((kinds[seldom - 1] & _STOP) == 0)]
    return Scan(
        hashes=_hashes(seen, starts, ends),
        starts=starts,
        ends=ends,
        words=_per_text(starts, borders),
        sizes=np.diff(borders) - 1,
        sentences=_per_text(stops, borders),
        syllables=_per_text(_begins(kinds, _VOWEL), borders),
        numbered=_numbered(kinds, seldom, which, borders),
        marks=_per_text(seldom[(which & _MARK) != 0], borders),
        far=_per_text(_NONE if joined.isascii() else np.flatnonzero(seen >= 0x80), borders),
        raw=raw,
    )


def hash_of(word: str) -> int:
    """A word's hash, as a scan has it."""
    found = scan([word])
    if len(found.hashes) != 1:
        raise ValueError(f"{word!r} is not one word")
    return int(found.hashes[0])


def hashes_of(texts: Sequence[str]) -> Hashes:
    """The hash of each whole text, 64 bits; for identifiers, which may hold any character."""
    raw = f"{_SEPARATOR}{_SEPARATOR.join(texts)}{_SEPARATOR}".encode("utf-8", "replace")
    seen = np.frombuffer(raw, np.uint8)
    borders = np.flatnonzero(seen == 0)
    if len(borders) != len(texts) + 1:
        return hashes_of([text.replace(_SEPARATOR, " ") for text in texts]) if texts else np.empty(0, np.uint64)
    return _hashes(seen, borders[:-1] + 1, borders[1:])


def mixed(hashes: Hashes) -> Hashes:
    """SplitMix64's last step (Steele, Lea and Flood 2014): every bit of the result depends on every bit."""
    made = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    made = (made ^ (made >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return made ^ (made >> np.uint64(31))


def plain(text: str) -> str:
    """A text beyond ASCII as it is scanned: lower case, marks as ASCII, unspaced scripts one character a word."""
    return _FAR.sub(_near, text.lower())


def _near(match: re.Match[str]) -> str:
    character = match.group()
    if character in _STOPS:
        return ". "
    if character in "\u2018\u2019":
        return "'"
    if character in "\u00aa\u00b2\u00b3\u00b5\u00b9\u00ba":
        return character
    return f" {character} " if _IS_UNSPACED(character) else " "


_IS_UNSPACED = re.compile(f"[{_UNSPACED}]").match


def _numbered(kinds: Kinds, seldom: Places, which: Kinds, borders: Places) -> NDArray[np.bool_]:
    digits = seldom[(which & _DIGIT) != 0]
    first, last = digits[: -_NUMBER + 1], digits[_NUMBER - 1 :]
    near = last - first < _NUMBER_SPAN
    first, last = first[near], last[near]
    close = first[np.searchsorted(borders, first) == np.searchsorted(borders, last)]
    plus = seldom[(which & _PLUS) != 0]
    dialled = plus[(kinds[plus + 1] & _DIGIT) != 0]
    found = np.sort(np.concatenate((close, dialled, seldom[(which & _AT) != 0])))
    return _per_text(found, borders) > 0


def _begins(kinds: Kinds, kind: int) -> Places:
    """Where runs of a kind begin."""
    of_kind = (kinds & kind) != 0
    return np.flatnonzero(of_kind[1:] & ~of_kind[:-1])


def _per_text(places: Places, borders: Places) -> Places:
    return np.diff(np.searchsorted(places, borders))


def _hashes(seen: NDArray[np.uint8], starts: Places, ends: Places) -> Hashes:
    """A polynomial over the bytes modulo 2⁶⁴, by differences of one running sum, then mixed."""
    size = len(seen)
    powers, inverses, running = _powers(size)
    # In place: fresh memory for each batch would cost more than the sums.
    values = running[1 : size + 1]
    np.take(_VALUES, seen, out=values, mode="clip")
    np.multiply(values, powers[:size], out=values)
    np.cumsum(values, out=values)
    return mixed((running[ends] - running[starts]) * inverses[starts])


def _powers(size: int) -> tuple[Hashes, Hashes, Hashes]:
    """At least so many of the base's powers and its inverse's, and room for a running sum, whose first entry stays 0.

    Of the largest size that was needed: it serves the smaller ones.
    """
    if not _LARGEST or len(_LARGEST[0][0]) < size:
        _LARGEST[:] = [_made_powers(1 << max(12, (size - 1).bit_length()))]
    return _LARGEST[0]


_LARGEST: list[tuple[Hashes, Hashes, Hashes]] = []


def _made_powers(size: int) -> tuple[Hashes, Hashes, Hashes]:
    base = 0x9E3779B97F4A7C15
    made = []
    for factor in (base, pow(base, -1, 1 << 64)):
        powers = np.full(size, factor, np.uint64)
        powers[0] = 1
        made.append(np.cumprod(powers))
    return made[0], made[1], np.zeros(size + 1, np.uint64)


def _kinds() -> Kinds:
    kinds = np.zeros(256, np.uint8)
    for code in range(128):
        character = chr(code)
        if character.isalnum() or character == "_":
            kinds[code] |= _WORD
        elif not character.isspace() and code > 32:
            kinds[code] |= _MARK
        if character in "aeiouyAEIOUY":
            kinds[code] |= _VOWEL
        if character in ".!?":
            kinds[code] |= _STOP
        if character.isdigit():
            kinds[code] |= _DIGIT
    kinds[ord("@")] |= _AT
    kinds[ord("+")] |= _PLUS
    kinds[128:] = _WORD
    return kinds


def _values() -> Hashes:
    """A number for each byte; capitals have those of their small letters."""
    made = np.random.default_rng(20_261_124).integers(1, 2**63, 256, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    made[ord("A") : ord("Z") + 1] = made[ord("a") : ord("z") + 1]
    return made


_KINDS, _VALUES = _kinds(), _values()
_NONE = np.empty(0, np.int64)
