"""Which groups of people a text speaks of, by identity terms, and one dialect: a cheap look by words, not a promise.

The terms are those usual in measuring unintended bias of toxicity models (Dixon et al. 2018; Borkan et al. 2019), the
marks of African American English those of Green (2002) and Blodgett et al. (2016).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.text.scan import Scan, hash_of

_TERMS: dict[str, str] = {
    "women": "woman women female females girl girls lady ladies mother mothers wife wives",
    "men": "man men male males boy boys gentleman gentlemen father fathers husband husbands",
    "asian": "asian asians chinese japanese korean koreans indian indians pakistani vietnamese",
    "latino": "latino latinos latina latinas hispanic hispanics mexican mexicans",
    "muslim": "muslim muslims islam islamic arab arabs",
    "jewish": "jew jews jewish judaism",
    "christian": "christian christians catholic catholics protestant protestants",
    "lgbt": "gay gays lesbian lesbians bisexual homosexual homosexuals transgender queer lgbt lgbtq",
    "disabled": "disabled disability disabilities blind deaf autistic wheelchair",
    "older": "elderly elder elders senior seniors pensioner pensioners retiree retirees",
    "younger": "teenager teenagers teen teens millennial millennials youth youths",
}
# A colour is a group only where people follow; and these words say so by themselves.
_COLOURS = {"black": "black african", "white": "white caucasian"}
_PEOPLE = (
    "people person man men woman women guy guys folks community communities americans american kids kid male female"
)
_DIALECT = "finna tryna gon imma ima ain aint y dat dis dem wit nah bruh tryin gotta lil cuz wassup"
_MARKS = 2
"""So many different marks of the dialect must be there: one is a quotation, or a typing error."""
DIALECT = "aae"
GROUPS = (*_TERMS, *_COLOURS, DIALECT)
"""What `groups` can say, by number."""
_SLOTS = 1 << 16


class _Table(NamedTuple):
    slots: NDArray[np.int16]
    """By the lowest 16 bits of a hash: the number of a word, or 0."""
    hashes: NDArray[np.uint64]
    groups: NDArray[np.int16]
    """The group that a word names; -1 of none."""
    people: NDArray[np.bool_]
    marks: NDArray[np.bool_]


def groups(scan: Scan) -> NDArray[np.bool_]:
    """Of each text which of GROUPS it speaks of, or is written in: (texts, groups)."""
    table = _table()
    found = np.zeros((len(scan.words), len(GROUPS)), np.bool_)
    numbers = table.slots.take((scan.hashes & np.uint64(_SLOTS - 1)).view(np.int64))
    places = np.flatnonzero(numbers)
    places = places[table.hashes[numbers[places]] == scan.hashes[places]]
    numbers, texts = numbers[places], scan.text_of[places]
    group = table.groups[numbers]
    sure = (group >= 0) & (group < len(_TERMS))
    found[texts[sure], group[sure]] = True
    coloured = np.flatnonzero((group[:-1] >= len(_TERMS)) & table.people[numbers[1:]])
    coloured = coloured[(places[coloured + 1] == places[coloured] + 1) & (texts[coloured + 1] == texts[coloured])]
    found[texts[coloured], group[coloured]] = True
    marked = table.marks[numbers]
    different = np.unique(np.stack([texts[marked], numbers[marked]]), axis=1)[0]
    found[:, -1] = np.bincount(different, minlength=len(scan.words)) >= _MARKS
    return found


def named(row: NDArray[np.bool_]) -> list[str]:
    """The groups of one text."""
    return [name for name, here in zip(GROUPS, row.tolist(), strict=True) if here]


@cache
def _table() -> _Table:
    of_group = dict(_pairs([*_TERMS.values(), *_COLOURS.values()]))
    people, marks = _PEOPLE.split(), _DIALECT.split()
    words = sorted({*of_group, *people, *marks})
    hashes = np.array([0, *map(hash_of, words)], np.uint64)
    slots = np.zeros(_SLOTS, np.int16)
    for number, value in list(enumerate(hashes))[1:]:
        slots[int(value) & (_SLOTS - 1)] = number

    def each(values: Sequence[int]) -> NDArray[np.int16]:
        return np.array(values, np.int16)

    return _Table(
        slots,
        hashes,
        each([-1, *(of_group.get(word, -1) for word in words)]),
        each([0, *(word in people for word in words)]).astype(np.bool_),
        each([0, *(word in marks for word in words)]).astype(np.bool_),
    )


def _pairs(lists: Sequence[str]) -> Iterator[tuple[str, int]]:
    for number, terms in enumerate(lists):
        for term in terms.split():
            yield term, number
