"""Scores real rows with our scorers and with FMEval's `evaluate_sample`. Runs in the jobs' environment."""

import json
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import fmeval_side as theirs
from real_rows import answered, classified, provoked, summarized

from containers.evaluate import nltk_data
from containers.evaluate.scorers import at_scripts
from containers.evaluate.scorers.base import Means, OverallScorer, Record, RowScorer, Values
from containers.evaluate.scorers.registry import REGISTRY
from fmops.evaluation.algorithms import Algorithm, Metric, Scoring
from fmops.monitoring.quality.scoring import SCORERS, score

SCORING = Scoring(bertscore="roberta-large-mnli")
# BERTScore takes long: on a few rows of each.
ROWS, FEW = 300, 12
LABELS = ("false", "true")


def differences(ours: Iterable[Values], others: Iterable[dict[str, float]]) -> dict[str, float]:
    """For each metric the largest difference over all rows that have it."""
    found: dict[str, float] = {}
    for mine, their in zip(ours, others, strict=True):
        for metric, value in mine.items():
            name = theirs.NAMES.get(metric.value, metric.value)
            if value is not None and name in their:
                found[metric.value] = max(found.get(metric.value, 0.0), abs(value - their[name]))
    return found


def traps(scorer: RowScorer, answer: str, target: str) -> dict[str, float | None]:
    return {metric.value: value for metric, value in scorer.score([Record(answer, target)])[0].items()}


def targets(assets: Path) -> dict[str, Any]:
    """Whatever compares an answer with a target."""
    quick = Means(delimiter="<OR>", assets=assets)
    full = Means(SCORING, "<OR>", LABELS, assets)
    qa, facts = REGISTRY[Algorithm.QA_ACCURACY](quick), REGISTRY[Algorithm.FACTUAL_KNOWLEDGE](quick)
    rows, reports, labelled = answered(ROWS), summarized(FEW), classified(ROWS, LABELS)
    scored = qa.score(rows)
    classes = REGISTRY[Algorithm.CLASSIFICATION_ACCURACY](full)
    whole = REGISTRY[Algorithm.QA_ACCURACY](Means(assets=assets))
    assert isinstance(classes, OverallScorer)
    return {
        "words": nltk_data.missing(assets) is None,
        "rows": len(rows),
        "different_f1": len({values[Metric.F1] for values in scored}),
        "unscored": [row.target for row, values in zip(rows, scored, strict=True) if values[Metric.F1] is None],
        "agreement": {
            "qa_accuracy": differences(scored, theirs.qa_accuracy(rows, None)),
            "qa_accuracy_bertscore": differences(
                REGISTRY[Algorithm.QA_ACCURACY](full).score(rows[:FEW]), theirs.qa_accuracy(rows[:FEW], assets)
            ),
            "factual_knowledge": differences(facts.score(rows), theirs.factual_knowledge(rows)),
            "summarization_accuracy": differences(
                REGISTRY[Algorithm.SUMMARIZATION_ACCURACY](full).score(reports),
                theirs.summarization_accuracy(reports, assets),
            ),
            "classification_accuracy": differences(
                classes.score(labelled), theirs.classification_accuracy(labelled, LABELS)
            ),
        },
        "monitoring": [
            max(
                abs(ours - theirs_of_row)
                for row, values in zip(rows, scored, strict=True)
                if (theirs_of_row := values[Metric(name)]) is not None
                and (ours := score(name, row.answer, row.target)) is not None
            )
            for name in SCORERS
        ],
        "overall": [classes.overall(labelled), theirs.classified(labelled, LABELS)],
        "capitals": traps(classes, "I say TRUE !", "True"),
        "empty_target": [traps(qa, "anything", ""), traps(facts, "anything", " "), traps(classes, "true", "")],
        "empty_alternative": traps(facts, "anything", "nothing<OR>"),
        "letter": [traps(qa, "A", "A"), traps(qa, "B", "A"), traps(facts, "nothing", "the")],
        "empty_answer": traps(qa, "", "4 apples"),
        "no_delimiter": [traps(whole, "4 red apples", "4 red apples"), traps(whole, "4", "4 red apples")],
        "cards": [scorer.card.model_dump(mode="json") for scorer in (qa, facts)],
    }


def robustness(assets: Path) -> dict[str, dict[str, float]]:
    """The four that ask perturbed prompts, by the answers of a model that depend on every character."""
    questions, reports, labelled = provoked(answered(FEW)), provoked(summarized(2)), provoked(classified(FEW, LABELS))
    made: dict[Algorithm, tuple[list[tuple[str, str]], Callable[..., list[dict[str, float]]]]] = {
        Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS: (questions, theirs.qa_robustness),
        Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS: (reports, theirs.summarization_robustness),
        Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS: (labelled, theirs.classification_robustness),
        Algorithm.GENERAL_SEMANTIC_ROBUSTNESS: (questions, theirs.general_robustness),
    }
    means = Means(SCORING, "<OR>", LABELS, assets)
    return {
        algorithm.value: differences(
            REGISTRY[algorithm](means).score([theirs.asked(text, target, SCORING) for text, target in rows]),
            evaluate(rows, SCORING, assets, LABELS),
        )
        for algorithm, (rows, evaluate) in made.items()
    }


def others(assets: Path) -> dict[str, Any]:
    """What looks at no target; and what says that it is not available."""
    means = Means(SCORING, assets=assets)
    rows = answered(64)
    toxicity = REGISTRY[Algorithm.TOXICITY](means)
    # What the authors of the packaged model print for this text.
    known = toxicity.score([Record("I will kill you, you fucking idiot!"), Record("9 apples")])
    pairs = [(-12.5 - number, -3.25 * number) for number in range(20)]
    stereotyping = REGISTRY[Algorithm.PROMPT_STEREOTYPING](means._replace(likelihoods=True))
    preferred = stereotyping.score([Record("", log_probabilities=pair) for pair in pairs])
    bare = Means(SCORING, assets=assets / "absent", sampled=True)
    silent = [
        Algorithm.SUMMARIZATION_ACCURACY,
        Algorithm.GENERAL_SEMANTIC_ROBUSTNESS,
        Algorithm.PROMPT_STEREOTYPING,
    ]
    return {
        "toxicity": differences(toxicity.score(rows), theirs.toxicity(rows, assets)),
        "known": [{metric.value: value for metric, value in row.items()} for row in known],
        "toxicity_card": toxicity.card.model_dump(mode="json"),
        "stereotyping": differences(preferred, theirs.stereotyping(pairs)),
        "preferred": [values[Metric.PROMPT_STEREOTYPING] for values in preferred],
        "unknown": list(stereotyping.score([Record("", log_probabilities=(-1.0, None))])[0].values()),
        "not_available": {name.value: REGISTRY[name](bare).card.model_dump(mode="json") for name in silent},
        "rouge_without_words": traps(REGISTRY[Algorithm.SUMMARIZATION_ACCURACY](bare), "a b c", "a b c"),
        "perturbed": theirs.perturbed_twice("How many apples are four apples?"),
        "unanswered": list(
            REGISTRY[Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS](means)
            .score([Record("4", "4", ("4", "4", None, "4", "4"))])[0]
            .values()
        ),
    }


def main(assets: Path) -> dict[str, Any]:
    # scikit-learn's, of labels that the data lacks.
    warnings.filterwarnings("ignore", module="sklearn")
    with at_scripts():
        return targets(assets) | {"robustness": robustness(assets)} | others(assets)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]).resolve())))
