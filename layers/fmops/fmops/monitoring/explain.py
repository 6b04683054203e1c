"""Which words and which records explain a drift: rules without I/O. Texts come masked, and only a few."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fmops.core.models import Ours
from fmops.monitoring.profile.features import BUCKETS, Side
from fmops.monitoring.profile.model import Profile
from fmops.monitoring.sampled import Sampled
from fmops.statistics.sketches import HASH_BITS, frequent
from fmops.text.pii import mask
from fmops.text.scan import scan

_LOOKED_AT = 200
_WORDS = 15
_EXAMPLES = 5
_LONGEST = 240
_SHIFT = 64 - HASH_BITS
_DIGIT = re.compile(r"\d")


class WordShare(Ours):
    """A frequent word, and which share of all words it is."""

    word: str
    window: float
    baseline: float


class Example(Ours):
    """A record that is more like the window than like the baseline; what names a person is masked."""

    id: str
    prompt: str
    answer: str


class Explanation(Ours):
    """What a window has that the baseline has not."""

    prompt_words: list[WordShare]
    answer_words: list[WordShare]
    examples: list[Example]


def explain(window: Profile, baseline: Profile, sample: Sequence[Sampled], known: Iterable[str]) -> Explanation:
    """`sample` is of the window; `known` are texts of the baseline, whose words can be named too."""
    names = _names([row.input for row in sample] + [row.answer for row in sample] + list(known))
    return Explanation(
        prompt_words=_words(window, baseline, "prompt", names),
        answer_words=_words(window, baseline, "answer", names),
        examples=_examples(window, baseline, sample),
    )


def _names(texts: Sequence[str]) -> dict[int, str]:
    """Words by the part of their hash that a sketch keeps. Numbers are no words here, nor parts of addresses."""
    found: dict[int, str] = {}
    for begin in range(0, len(texts), _LOOKED_AT):
        seen = scan([mask(text) for text in texts[begin : begin + _LOOKED_AT]])
        hashes, places = np.unique(seen.hashes >> np.uint64(_SHIFT), return_index=True)
        for value, place in zip(hashes.tolist(), places.tolist(), strict=True):
            word = seen.word(place)
            if not _DIGIT.search(word):
                found[value] = word
    return found


def _words(window: Profile, baseline: Profile, side: Side, names: Mapping[int, str]) -> list[WordShare]:
    """The words whose shares changed most."""
    ours = {one.hash: one.share for one in frequent(window.arrays[f"{side}_hitters"], _LOOKED_AT)}
    theirs = {one.hash: one.share for one in frequent(baseline.arrays[f"{side}_hitters"], _LOOKED_AT)}
    found = [
        WordShare(word=names[value], window=round(ours.get(value, 0.0), 5), baseline=round(theirs.get(value, 0.0), 5))
        for value in ours.keys() | theirs.keys()
        if value in names
    ]
    return sorted(found, key=lambda one: (-abs(one.window - one.baseline), one.word))[:_WORDS]


def _examples(window: Profile, baseline: Profile, sample: Sequence[Sampled]) -> list[Example]:
    if not sample:
        return []
    scores = np.zeros(len(sample))
    for side, texts in (("prompt", [row.input for row in sample]), ("answer", [row.answer for row in sample])):
        gain = _gain(window.counts(f"{side}_vocabulary"), baseline.counts(f"{side}_vocabulary"))
        for begin in range(0, len(texts), _LOOKED_AT):
            seen = scan(texts[begin : begin + _LOOKED_AT])
            of_word = gain[(seen.hashes & np.uint64(BUCKETS - 1)).astype(np.intp)]
            sums = np.bincount(seen.text_of, of_word, len(seen.words))
            scores[begin : begin + len(seen.words)] += sums / np.maximum(seen.words, 1)
    order = np.argsort(-scores, kind="stable")[:_EXAMPLES]
    return [
        Example(id=sample[n].id, prompt=_masked(sample[n].input), answer=_masked(sample[n].answer))
        for n in order.tolist()
    ]


def _gain(window: NDArray[np.int64], baseline: NDArray[np.int64]) -> NDArray[np.float64]:
    """By how much each place of the vocabulary is oftener in the window, as a logarithm."""
    ours, theirs = window.sum(axis=0) + 1.0, baseline.sum(axis=0) + 1.0
    return np.asarray(np.log((ours / ours.sum()) / (theirs / theirs.sum())))


def _masked(text: str) -> str:
    found = mask(text)
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"
