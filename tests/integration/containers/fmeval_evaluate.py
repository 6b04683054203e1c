"""FMEval's `evaluate` of real rows beside our scorers. Runs in the jobs' environment.

FactualKnowledge runs as its users run it, in Ray's actors. Of the others Ray reads the rows, takes the means and writes
the files; but each transform is made and called in this process, from the class and the arguments that FMEval hands to
Ray: a new actor for each of some fifty transforms would import FMEval fifty times, for minutes.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import fmeval_side as theirs
import numpy as np
from real_rows import answered, classified, provoked, summarized

from containers.evaluate import nltk_data
from containers.evaluate.offline_toxicity import OfflineToxicity
from containers.evaluate.scorers import at_scripts
from containers.evaluate.scorers.base import Means, OverallScorer, Record
from containers.evaluate.scorers.registry import REGISTRY
from fmops.evaluation.algorithms import METRICS_OF, Algorithm, Metric, Scoring

with at_scripts():
    import ray
    from fmeval.data_loaders.data_config import DataConfig
    from fmeval.eval_algorithms.classification_accuracy import ClassificationAccuracy, ClassificationAccuracyConfig
    from fmeval.eval_algorithms.classification_accuracy_semantic_robustness import (
        ClassificationAccuracySemanticRobustness,
        ClassificationAccuracySemanticRobustnessConfig,
    )
    from fmeval.eval_algorithms.factual_knowledge import FactualKnowledge
    from fmeval.eval_algorithms.general_semantic_robustness import GeneralSemanticRobustness
    from fmeval.eval_algorithms.prompt_stereotyping import PromptStereotyping
    from fmeval.eval_algorithms.qa_accuracy import QAAccuracy
    from fmeval.eval_algorithms.qa_accuracy_semantic_robustness import QAAccuracySemanticRobustness
    from fmeval.eval_algorithms.qa_toxicity import QAToxicity
    from fmeval.eval_algorithms.semantic_robustness_utils import SemanticRobustnessConfig, get_perturbation_transform
    from fmeval.eval_algorithms.summarization_accuracy import SummarizationAccuracy
    from fmeval.eval_algorithms.summarization_accuracy_semantic_robustness import (
        SummarizationAccuracySemanticRobustness,
    )
    from fmeval.eval_algorithms.summarization_toxicity import SummarizationToxicity
    from fmeval.eval_algorithms.toxicity import Toxicity

SCORING = Scoring(bertscore="roberta-large-mnli")
LABELS = ("false", "true")
# BERTScore takes long, six times so where prompts are perturbed.
MANY, FEW, FEWEST = 40, 12, 4
_ALGORITHMS = {
    Algorithm.QA_ACCURACY: QAAccuracy,
    Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS: QAAccuracySemanticRobustness,
    Algorithm.QA_TOXICITY: QAToxicity,
    Algorithm.SUMMARIZATION_ACCURACY: SummarizationAccuracy,
    Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS: SummarizationAccuracySemanticRobustness,
    Algorithm.SUMMARIZATION_TOXICITY: SummarizationToxicity,
    Algorithm.CLASSIFICATION_ACCURACY: ClassificationAccuracy,
    Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS: ClassificationAccuracySemanticRobustness,
    Algorithm.FACTUAL_KNOWLEDGE: FactualKnowledge,
    Algorithm.GENERAL_SEMANTIC_ROBUSTNESS: GeneralSemanticRobustness,
    Algorithm.TOXICITY: Toxicity,
    Algorithm.PROMPT_STEREOTYPING: PromptStereotyping,
}


class Case(NamedTuple):
    """Rows as FMEval reads them, and as our scorer takes them."""

    columns: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    records: Sequence[Record]
    config: Any = None
    model: Any = None


def of_answers(records: Sequence[Record], config: Any = None) -> Case:
    names = {"model_input_location": "input", "model_output_location": "answer", "target_output_location": "target"}
    rows = [{"input": "asked before", "answer": one.answer, "target": one.target} for one in records]
    return Case(names, rows, records, config)


def of_inputs(inputs: Sequence[tuple[str, str]], config: Any = None) -> Case:
    """FMEval asks the model itself; ours get the answers to the same prompts, perturbed by the same seed."""
    model = theirs.Sensitive()
    perturb = get_perturbation_transform(SemanticRobustnessConfig()).perturb
    records = [
        Record(model.predict(text)[0], target, tuple(model.predict(one)[0] for one in perturb(text)))
        for text, target in inputs
    ]
    columns = {"model_input_location": "input", "target_output_location": "target"}
    return Case(columns, [{"input": text, "target": target} for text, target in inputs], records, config, model)


def of_likelihoods() -> Case:
    pairs = [(-12.5 - number, -3.25 * number) for number in range(MANY)]
    columns = {"sent_more_log_prob_location": "more", "sent_less_log_prob_location": "less"}
    rows = [{"more": more, "less": less} for more, less in pairs]
    return Case(columns, rows, [Record("", log_probabilities=pair) for pair in pairs])


def cases() -> dict[Algorithm, Case]:
    questions, reports, labelled = answered(MANY), summarized(FEW), classified(MANY, LABELS)
    labels = {"valid_labels": list(LABELS)}
    classes = ClassificationAccuracyConfig(**labels)
    delta = ClassificationAccuracySemanticRobustnessConfig(**labels)
    return {
        Algorithm.FACTUAL_KNOWLEDGE: of_answers(questions),
        Algorithm.QA_ACCURACY: of_answers(questions[:FEW]),
        Algorithm.QA_TOXICITY: of_answers(questions),
        Algorithm.TOXICITY: of_answers(answered(100)),
        Algorithm.SUMMARIZATION_ACCURACY: of_answers(reports),
        Algorithm.SUMMARIZATION_TOXICITY: of_answers(reports),
        Algorithm.CLASSIFICATION_ACCURACY: of_answers(labelled, classes),
        Algorithm.PROMPT_STEREOTYPING: of_likelihoods(),
        Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS: of_inputs(provoked(questions[:FEWEST])),
        Algorithm.SUMMARIZATION_ACCURACY_SEMANTIC_ROBUSTNESS: of_inputs(provoked(reports[:FEWEST])),
        Algorithm.CLASSIFICATION_ACCURACY_SEMANTIC_ROBUSTNESS: of_inputs(provoked(labelled[:FEW]), delta),
        Algorithm.GENERAL_SEMANTIC_ROBUSTNESS: of_inputs(provoked(questions[:FEWEST])),
    }


@contextmanager
def in_this_process() -> Iterator[None]:
    """Ray's data sets call FMEval's transforms here. What else they are given to map, they map as ever."""

    def rowwise(transform: Any, rows: list[dict[str, Any]], _size: int) -> list[dict[str, Any]]:
        return [transform(row) for row in rows]

    def in_batches(transform: Any, rows: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for begin in range(0, len(rows), size):
            part = rows[begin : begin + size]
            batch = transform({name: np.array([row[name] for row in part], dtype=object) for name in part[0]})
            found += [{name: batch[name][number] for name in batch} for number in range(len(part))]
        return found

    def called(name: str, call: Callable[..., list[dict[str, Any]]]) -> Any:
        rays = getattr(ray.data.Dataset, name)

        def method(data: Any, fn: Any, batch_size: int = 0, **named: Any) -> Any:
            if not isinstance(fn, type):
                return rays(data, fn, **named)
            transform = fn(*named["fn_constructor_args"], **named["fn_constructor_kwargs"])
            return ray.data.from_items(call(transform, data.take_all(), batch_size))

        return patch.object(ray.data.Dataset, name, method)

    with called("map", rowwise), called("map_batches", in_batches):
        yield


def evaluated(
    name: Algorithm, case: Case, folder: Path, assets: Path
) -> tuple[list[dict[str, float]], dict[str, float]]:
    """FMEval's scores of each row, as it saves them, and of all."""
    made: Any = _ALGORITHMS[name]
    algorithm = made(case.config) if case.config else made()
    if hasattr(algorithm, "bertscore_model"):
        algorithm.bertscore_model = theirs.bertscore(assets)
    file = folder / f"{name.value}.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in case.rows))
    data = DataConfig("rows", str(file), "application/jsonlines", **case.columns)
    # 0: all rows, in their order.
    (found,) = algorithm.evaluate(case.model, data, num_records=0, save=True)
    saved = (folder / f"{name.value}_rows.jsonl").read_text().splitlines()
    rows = [{score["name"]: score["value"] for score in json.loads(line)["scores"]} for line in saved]
    return rows, theirs.named(found.dataset_scores)


def compared(name: Algorithm, case: Case, folder: Path, assets: Path) -> dict[str, Any]:
    """For each metric the largest difference over the rows, and that of the means; and what was not compared."""
    scorer = REGISTRY[name](Means(SCORING, "<OR>", LABELS, assets, likelihoods=True))
    # As a job does.
    ours = [values for at in range(0, len(case.records), 64) for values in scorer.score(case.records[at : at + 64])]
    rows, whole = evaluated(name, case, folder, assets)
    differences: dict[str, float] = {}
    wholes: dict[str, float] = {}
    distinct = 0
    for metric in METRICS_OF[name]:
        their_name = theirs.NAMES.get(metric.value, metric.value)
        values = [row[metric] for row in ours]
        if None in values:
            continue
        distinct = max(distinct, len(set(values)))
        if their_name in rows[0]:
            pairs = zip(values, rows, strict=True)
            differences[metric.value] = max(abs(float(mine or 0) - row[their_name]) for mine, row in pairs)
        if their_name in whole:
            wholes[metric.value] = abs(float(np.mean([value or 0.0 for value in values])) - whole[their_name])
    if isinstance(scorer, OverallScorer):
        overall = scorer.overall(case.records)
        theirs_of = {metric: whole[_OVERALL[metric]] for metric in overall}
        wholes |= {metric.value: abs(float(value or 0) - theirs_of[metric]) for metric, value in overall.items()}
    return {"rows": len(ours), "distinct": distinct, "each": differences, "all": wholes}


_OVERALL = {
    Metric.BALANCED_ACCURACY: "balanced_accuracy_score",
    Metric.PRECISION: "precision_score",
    Metric.RECALL: "recall_score",
}


def module_of(algorithm: type) -> Any:
    return sys.modules[algorithm.__module__]


def main(folder: Path, assets: Path) -> dict[str, Any]:
    os.environ |= {"EVAL_RESULTS_PATH": str(folder), "PARALLELIZATION_FACTOR": "1"}
    given = cases()
    # Ray's sockets lie in it, whose paths have at most 107 characters; a test's folder may have more.
    room = tempfile.mkdtemp(prefix="ray-")
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=room)
    first = Algorithm.FACTUAL_KNOWLEDGE
    found: dict[str, Any] = {"words": nltk_data.missing(assets) is None}
    found[first.value] = compared(first, given.pop(first), folder, assets)
    toxic = {"detoxify": lambda: OfflineToxicity(assets / "toxicity")}
    for algorithm in (Toxicity, QAToxicity, SummarizationToxicity):
        module_of(algorithm).TOXICITY_HELPER_MODEL_MAPPING = toxic
    for module in map(module_of, _ALGORITHMS.values()):
        for name, here in (
            ("create_shared_resource", lambda model: model),
            ("cleanup_shared_resource", lambda _: None),
        ):
            if hasattr(module, name):
                setattr(module, name, here)
    with in_this_process():
        return found | {name.value: compared(name, case, folder, assets) for name, case in given.items()}


if __name__ == "__main__":
    with at_scripts():
        print(json.dumps(main(Path(sys.argv[1]), Path(os.environ["FMOPS_ASSETS"]))))
