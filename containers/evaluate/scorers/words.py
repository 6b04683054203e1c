"""Comparison with a target of several alternatives, by the transform that FMEval's algorithm runs on each record."""

from collections.abc import Mapping, Sequence
from typing import Any

from fmeval.eval_algorithms.util import normalize_text_quac_protocol

from containers.evaluate.scorers.base import OUTPUT, TARGET, Measure, Values, alternatives, finite
from fmops.evaluation.algorithms import Metric


def by_words(
    transform: Any, *, as_typed: Mapping[Metric, str], normalized: Mapping[Metric, str], delimiter: str
) -> Measure:
    """The measure of a transform whose scores have these names.

    Some compare the words as typed. The others compare normalised words, and a target like "A" or "The" has none:
    FMEval would find it in every answer, and so has no score here.
    """

    def ask(answer: str, targets: Sequence[str]) -> dict[str, Any]:
        record: dict[str, Any] = transform({TARGET: delimiter.join(targets), OUTPUT: answer}) if targets else {}
        return record

    def measure(answer: str, target: str) -> Values:
        targets = alternatives(target, delimiter)
        with_words = [one for one in targets if normalize_text_quac_protocol(one.strip())]
        typed = ask(answer, targets)
        by_word = typed if with_words == targets else ask(answer, with_words)
        found = [(as_typed, typed), (normalized, by_word)]
        return {metric: finite(of[name]) if of else None for names, of in found for metric, name in names.items()}

    return measure
