"""What is watched: the features of an exchange, and the bins that each is counted in."""

from typing import Literal, NamedTuple

import numpy as np

from fmops.monitoring.toxicity.design import ALL, GROUP, LANGUAGE
from fmops.text import people
from fmops.text.markers import LANGUAGES

GROUPS = 16
"""Records are dealt into so many groups by their event's id; as many as `statistics.drift` compares."""
BUCKETS = 256
"""A word's place in the vocabulary's histogram is its hash modulo this."""

Kind = Literal["number", "share", "mix", "embedding"]
Side = Literal["prompt", "answer"]


class Feature(NamedTuple):
    """One feature of a side of each exchange."""

    name: str
    side: Side
    kind: Kind
    """A number has inner borders of bins, a mix has labels or hashed places, a share is yes or no."""
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    costly: bool = False
    """Computed on a sample where the use case says so."""

    @property
    def bins(self) -> int:
        if self.kind == "number":
            return len(self.edges) + 1
        return len(self.labels) if self.labels else BUCKETS


def _lengths() -> tuple[float, ...]:
    """Borders about 15 % apart, from 1 to 100,000."""
    return tuple(sorted({float(np.ceil(1.15**step)) for step in range(84)}))


def _even(low: float, high: float, step: float) -> tuple[float, ...]:
    return tuple(round(low + step * number, 6) for number in range(round((high - low) / step) + 1))


_NO_YES = ("no", "yes")
_READABILITY = _even(-50, 125, 5)
_PARTS = _even(0.02, 1.0, 0.02)

FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature("prompt_words", "prompt", "number", _lengths()),
        Feature("answer_words", "answer", "number", _lengths()),
        Feature("prompt_readability", "prompt", "number", _READABILITY),
        Feature("answer_readability", "answer", "number", _READABILITY),
        Feature("answer_repetition", "answer", "number", _PARTS),
        Feature("prompt_vocabulary", "prompt", "mix"),
        Feature("answer_vocabulary", "answer", "mix"),
        Feature("refusals", "answer", "share", labels=_NO_YES),
        Feature("errors", "answer", "share", labels=_NO_YES),
        Feature("empty_answers", "answer", "share", labels=_NO_YES),
        Feature("prompt_pii", "prompt", "share", labels=_NO_YES),
        Feature("answer_pii", "answer", "share", labels=_NO_YES),
        Feature("injections", "prompt", "share", labels=_NO_YES),
        Feature("interventions", "answer", "share", labels=_NO_YES),
        Feature("prompt_language", "prompt", "mix", labels=LANGUAGES, costly=True),
        Feature("answer_language", "answer", "mix", labels=LANGUAGES, costly=True),
        Feature("answer_toxicity", "answer", "number", _PARTS, costly=True),
    )
}
"""Those that are counted; embeddings are summed."""

EMBEDDINGS: dict[str, Side] = {"prompt_embedding": "prompt", "answer_embedding": "answer"}
DOMAINS = (ALL, *(LANGUAGE + name for name in LANGUAGES), *(GROUP + name for name in people.GROUPS))
"""Parts of the answers whose toxicity is told apart."""
NAMES = (*FEATURES, *EMBEDDINGS)
