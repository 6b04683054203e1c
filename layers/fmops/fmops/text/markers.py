"""Words that say something about a text, found by hash among very many: languages, refusals, injections."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.text.language import LANGUAGES_OF, OF_SCRIPTS, UNKNOWN, guess
from fmops.text.scan import Places, Scan, hash_of

LATIN = tuple(sorted({language for languages in LANGUAGES_OF.values() for language in languages}))
LANGUAGES = (UNKNOWN, *LATIN, *sorted(set(OF_SCRIPTS) - set(LATIN)))
"""What `languages` can say, by number."""
_OPENING = 40
"""A refusal stands among an answer's first words."""
_LOOKED_AT = 60
_SHORT = 4
_FAR = 0.3

# A text is searched only where one of these words is among its own; the `t` is that of can't and won't.
_REFUSING = "sorry cannot unable afraid apologize apologise decline refuse ai guidelines policies comfortable t"
_INJECTING = (
    "ignore disregard forget override bypass jailbreak jailbroken dan developer unrestricted restrictions filters "
    "reveal instructions prompt"
)
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am)?(?: very| so)? (?:sorry|unable|afraid|not (?:able|comfortable|allowed|going) )"
    r"|(?:i|we) (?:can(?:no|')t|can not|won't|must (?:decline|refuse)|have to (?:decline|refuse)|refuse|decline)\b"
    r"|as an? (?:ai|artificial|language model)|i (?:sincerely )?apologi[sz]e"
    r"|sorry, (?:but )?i\b|(?:against|violates?) (?:my|our|the) (?:\w+ )?(?:guidelines|policy|policies))"
)
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}?\b(?:instructions?|prompts?|rules|guidelines|directions"
    r"|restrictions|filters|everything|above|previous)\b"
    r"|\b(?:reveal|print|show|repeat|output|tell me|what (?:is|are|was|were))\b.{0,40}?"
    r"\b(?:(?:system|hidden|initial|original) (?:prompt|instructions?)|your (?:prompt|instructions))\b"
    r"|\b(?:do anything now|jailbr(?:eak|oken)|developer mode|dan mode|you are (?:now )?dan\b)"
    r"|\b(?:without|no) (?:any |ethical |content )*(?:restrictions|filters)\b|\bunrestricted (?:ai|mode|assistant)\b"
)


class _Table(NamedTuple):
    slots: NDArray[np.int16]
    """By the lowest 16 bits of a hash: the number of a word, or 0."""
    hashes: NDArray[np.uint64]
    languages: NDArray[np.bool_]
    """Words by LATIN."""
    refusing: NDArray[np.bool_]
    injecting: NDArray[np.bool_]


class Marked(NamedTuple):
    """The words of a scan that are in the table."""

    places: Places
    numbers: Places
    texts: Places


def mark(scan: Scan) -> Marked:
    """Find them."""
    table = _table()
    numbers = table.slots.take((scan.hashes & np.uint64(0xFFFF)).view(np.int64))
    places = np.flatnonzero(numbers != 0)
    numbers = numbers[places].astype(np.int64)
    same = table.hashes[numbers] == scan.hashes[places]
    places, numbers = places[same], numbers[same]
    return Marked(places, numbers, scan.text_of[places])


def languages(scan: Scan, marked: Marked, texts: Sequence[str]) -> Places:
    """Of each text the number of its language in LANGUAGES, guessed as `language.guess` does."""
    table = _table()
    early = marked.places - scan.first[marked.texts] < _LOOKED_AT
    of_text = marked.texts[early]
    hits = np.zeros((len(texts), len(LATIN)), np.int64)
    if len(of_text):
        spoken = table.languages[marked.numbers[early]]
        firsts = np.flatnonzero(np.concatenate(([True], of_text[1:] != of_text[:-1])))
        hits[of_text[firsts]] = np.add.reduceat(spoken, firsts, axis=0, dtype=np.int64)
    ranked = np.sort(hits, axis=1)
    best, second = ranked[:, -1], ranked[:, -2]
    # One word in a long text may be a name.
    known = (best > second) & ((best > 1) | (scan.words <= _SHORT))
    found = np.where(known, hits.argmax(axis=1) + 1, 0)
    for text in np.flatnonzero(scan.far > _FAR * scan.sizes).tolist():
        found[text] = _NUMBERS.get(guess(texts[text]), 0)
    return found


def refusals(scan: Scan, marked: Marked, texts: Sequence[str]) -> Places:
    """The texts that decline to answer."""
    opening = marked.places - scan.first[marked.texts] < _OPENING
    likely = np.unique(marked.texts[opening & _table().refusing[marked.numbers]])
    return _those(likely, texts, _REFUSAL, 400)


def injections(marked: Marked, texts: Sequence[str]) -> Places:
    """The texts that try to talk a model out of its instructions: a cheap look by pattern, not a promise."""
    likely = np.unique(marked.texts[_table().injecting[marked.numbers]])
    return _those(likely, texts, _INJECTION, 20_000)


def _those(likely: Places, texts: Sequence[str], pattern: re.Pattern[str], length: int) -> Places:
    found = [t for t in likely.tolist() if pattern.search(texts[t][:length].lower().replace("\u2019", "'"))]
    return np.array(found, np.int64)


_NUMBERS = {language: number for number, language in enumerate(LANGUAGES)}


@cache
def _table() -> _Table:
    words = sorted({*LANGUAGES_OF, *_REFUSING.split(), *_INJECTING.split()})
    hashes = np.array([0, *map(hash_of, words)], np.uint64)
    slots = np.zeros(1 << 16, np.int16)
    for number, value in list(enumerate(hashes))[1:]:
        slots[int(value) & 0xFFFF] = number
    spoken = [[False] * len(LATIN), *([language in LANGUAGES_OF.get(word, ()) for language in LATIN] for word in words)]

    def among(those: str) -> NDArray[np.bool_]:
        return np.array([False, *_among(words, frozenset(those.split()))])

    return _Table(slots, hashes, np.array(spoken), among(_REFUSING), among(_INJECTING))


def _among(words: Sequence[str], those: frozenset[str]) -> Iterator[bool]:
    return (word in those for word in words)
