"""The quick metrics of FMEval's QAAccuracy, without FMEval: the evaluation's scores must be comparable.

Words are normalised by the QuAC protocol (lower case, no ASCII punctuation, no English articles), then split at white
space; precision, recall and F1 are of the sets of words. Tests compare them with FMEval's own.
"""

import string
from collections.abc import Callable

from fmops.datasets.rendering import TARGET_DELIMITER

_ARTICLES = frozenset({"a", "an", "the"})
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def exact_match(answer: str, truth: str) -> float | None:
    return float(answer.strip() == truth.strip())


def quasi_exact_match(answer: str, truth: str) -> float | None:
    wanted = _normal(truth)
    return float(_normal(answer) == wanted) if wanted else None


def precision_over_words(answer: str, truth: str) -> float | None:
    said, wanted = _words(answer), _words(truth)
    if not wanted:
        return None
    return len(said & wanted) / len(said) if said else 0.0


def recall_over_words(answer: str, truth: str) -> float | None:
    said, wanted = _words(answer), _words(truth)
    return len(said & wanted) / len(wanted) if wanted else None


def f1(answer: str, truth: str) -> float | None:
    said, wanted = _words(answer), _words(truth)
    if not wanted:
        return None
    # The harmonic mean of precision and recall.
    return 2 * len(said & wanted) / (len(said) + len(wanted))


SCORERS: dict[str, Callable[[str, str], float | None]] = {
    "f1": f1,
    "exact_match": exact_match,
    "quasi_exact_match": quasi_exact_match,
    "precision_over_words": precision_over_words,
    "recall_over_words": recall_over_words,
}
"""Each gives 0 to 1; None where the truth has no words, as the evaluation has it. `usecases.watching.QUICK` has their
names."""


def score(metric: str, answer: str, truth: str) -> float | None:
    """The best score by any of the answers that the truth allows, with `<OR>` between them as in a dataset."""
    found = [SCORERS[metric](answer, one) for one in truth.split(TARGET_DELIMITER) if one.strip()]
    return max((one for one in found if one is not None), default=None)


def _normal(text: str) -> str:
    words = text.strip().lower().translate(_NO_PUNCTUATION).split(" ")
    return " ".join(word for word in words if word and word not in _ARTICLES)


def _words(text: str) -> set[str]:
    return set(_normal(text).split())
