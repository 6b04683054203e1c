"""What is known of single words, kept by hash: an embedding, and what the word says of a text's toxicity."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fmops.text.scan import Places, Scan
from fmops.text.weights import DIMENSIONS, classifier, embeddings

ROWS = 1 << 16
"""So many different words are remembered; when there are more, remembering begins anew."""
_SLOTS = 1 << 18
_AT_ONCE = 64
_LONGEST_WORD = 64
_LONGEST_PIECE = 16
"""Few pieces are longer, and few words have one."""
FEATURES = 256
"""Random Fourier features."""
BANDWIDTH = 1.0
"""Of the Gaussian kernel, on vectors of length 1: texts of one subject lie about so far apart, any two about 1.4."""
_BEGIN = "▁"

Vectors = NDArray[np.float32]


class Known(NamedTuple):
    """What a batch of texts says."""

    means: Vectors
    """The mean of each text's word vectors, scaled to length 1; 0 for a text without words."""
    toxicity: NDArray[np.float64]
    """Between 0 and 1."""


class Lexicon:
    """Remembers words; what it answers depends on the texts alone, not on what came before."""

    def __init__(self) -> None:
        self._pieces, self._classifier = embeddings(), classifier()
        self._clear()

    def _clear(self) -> None:
        self._slots = np.zeros(_SLOTS, np.int32)
        self._hashes = np.zeros(ROWS, np.uint64)
        self._vectors = np.zeros((ROWS, DIMENSIONS), np.float32)
        self._weights = np.zeros(ROWS, np.float64)
        self._norms = np.zeros(ROWS, np.float64)
        self._held = 1

    def look(self, scan: Scan) -> Known:
        """Look up every word of the scan."""
        rows = self._rows(scan)
        texts = len(scan.words)
        present = np.flatnonzero(scan.words)
        firsts = np.append(scan.first[present], len(rows))
        sums = np.zeros((texts, DIMENSIONS), np.float32)
        # Some texts at a time: the vectors of all their words at once would be ten times as much as all else.
        for begin in range(0, len(present), _AT_ONCE):
            some = slice(begin, begin + _AT_ONCE)
            place, end = firsts[begin], firsts[min(begin + _AT_ONCE, len(present))]
            vectors = self._vectors.take(rows[place:end], axis=0)
            sums[present[some]] = np.add.reduceat(vectors, firsts[:-1][some] - place, axis=0)
        lengths = np.sqrt(np.einsum("ij,ij->i", sums, sums))
        means = sums / np.maximum(lengths, np.float32(1e-12))[:, None]
        return Known(means, self._toxicity(scan, rows, texts))

    def _toxicity(self, scan: Scan, rows: Places, texts: int) -> NDArray[np.float64]:
        """The classifier's probability; of words that it does not know it is told nothing."""
        counted = np.flatnonzero(self._norms[rows])
        text, row = scan.text_of[counted], rows[counted]
        margin = np.bincount(text, self._weights[row], texts)
        # A word that a text has twice weighs four times in its norm.
        keys = np.sort(text * ROWS + row)
        firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else keys
        times = np.diff(np.append(firsts, len(keys)))
        squares = np.bincount(keys[firsts] // ROWS, times**2 * self._norms[keys[firsts] % ROWS] ** 2, texts)
        given = self._classifier
        scaled = margin / np.sqrt(np.maximum(squares, 1e-12)) + given.intercept
        scaled[squares == 0] = given.intercept
        return np.asarray(1 / (1 + np.exp(given.slope * scaled + given.offset)))

    def _rows(self, scan: Scan) -> Places:
        slots = (scan.hashes & np.uint64(_SLOTS - 1)).astype(np.intp)
        rows = self._slots.take(slots).astype(np.int64)
        missing = np.flatnonzero(self._hashes.take(rows) != scan.hashes)
        if not len(missing):
            return rows
        _, firsts, which = np.unique(scan.hashes[missing], return_index=True, return_inverse=True)
        if self._held + len(firsts) > ROWS:
            self._clear()
            if len(firsts) < ROWS - 1:
                return self._rows(scan)
            raise ValueError(f"a batch of texts has more than {ROWS} different words")
        made = np.arange(self._held, self._held + len(firsts))
        self._held += len(firsts)
        places = missing[firsts]
        self._hashes[made] = scan.hashes[places]
        self._learn(made, [scan.word(place) for place in places.tolist()])
        # Two words may want one slot: the last one gets it, and the other is learnt again when it comes again.
        self._slots[slots[places]] = made
        rows[missing] = made[which]
        return rows

    def _learn(self, rows: Places, words: list[str]) -> None:
        given, pieces = self._classifier, self._pieces
        known = np.array([given.words.get(word, -1) for word in words])
        idf = np.where(known < 0, 0.0, given.idf[known])
        self._norms[rows], self._weights[rows] = idf, given.weights[known] * idf
        split = [_split(pieces.pieces, _BEGIN + word[:_LONGEST_WORD]) for word in words]
        sizes = np.array([len(found) for found in split])
        vectors = pieces.vectors[[piece for found in split for piece in found]].astype(np.float32)
        some = np.flatnonzero(sizes)
        self._vectors[rows] = 0
        if len(some):
            firsts = np.concatenate(([0], np.cumsum(sizes[some])[:-1]))
            self._vectors[rows[some]] = np.add.reduceat(vectors, firsts, axis=0)


def _split(pieces: dict[str, int], word: str) -> list[int]:
    """The longest known piece each time; a character that none begins with is left out."""
    whole = pieces.get(word)
    if whole is not None:
        return [whole]
    found: list[int] = []
    begin, size = 0, len(word)
    while begin < size:
        for end in range(min(size, begin + _LONGEST_PIECE), begin, -1):
            piece = pieces.get(word[begin:end])
            if piece is not None:
                found.append(piece)
                begin = end
                break
        else:
            begin += 1
    return found


def fourier(means: Vectors) -> Vectors:
    """Random Fourier features (Rahimi and Recht 2007): their inner products are a Gaussian kernel's values."""
    return np.asarray(np.cos(means @ _DIRECTIONS + _PHASES) * np.float32((2 / FEATURES) ** 0.5))


_random = np.random.default_rng(20_261_124)
_DIRECTIONS = (_random.standard_normal((DIMENSIONS, FEATURES)) / BANDWIDTH).astype(np.float32)
_PHASES = _random.uniform(0, 2 * np.pi, FEATURES).astype(np.float32)
