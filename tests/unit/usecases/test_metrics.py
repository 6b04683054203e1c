"""Which of FMEval's algorithms give the metrics of a use case, by its task."""

import pytest

from fmops.evaluation.algorithms import BY_BERTSCORE, LOWER_IS_BETTER, METRICS_OF, Algorithm, Metric, Scoring
from fmops.usecases import metrics, scoring
from fmops.usecases.metrics import METRICS, Task, algorithms


@pytest.mark.parametrize(
    ("task", "names", "expected"),
    [
        ("question_answering", ["toxicity", "bertscore"], ["qa_toxicity", "qa_accuracy"]),
        ("question_answering", ["delta_bertscore"], ["qa_accuracy_semantic_robustness"]),
        ("question_answering", ["f1", "rouge", "f1"], ["qa_accuracy", "summarization_accuracy"]),
        ("summarization", ["meteor", "insult"], ["summarization_accuracy", "summarization_toxicity"]),
        ("summarization", ["delta_rouge"], ["summarization_accuracy_semantic_robustness"]),
        ("classification", ["classification_accuracy", "threat"], ["classification_accuracy", "toxicity"]),
        ("open_ended", ["factual_knowledge", "latency_p95_ms"], ["factual_knowledge"]),
        ("open_ended", ["prompt_stereotyping", "toxicity"], ["prompt_stereotyping", "toxicity"]),
        ("open_ended", ["bertscore_dissimilarity"], ["general_semantic_robustness"]),
    ],
)
def test_the_task_chooses_the_algorithms(task: Task, names: list[str], expected: list[str]) -> None:
    assert algorithms(names, task) == expected


def test_all_twelve_algorithms_can_be_reached() -> None:
    tasks: tuple[Task, ...] = ("question_answering", "summarization", "classification", "open_ended")

    reached = {found for task in tasks for name in METRICS for found in algorithms([name], task)}

    assert reached == {algorithm.value for algorithm in Algorithm}
    assert len(reached) == 12


@pytest.mark.parametrize("task", ["question_answering", "summarization", "classification", "open_ended"])
def test_an_algorithm_gives_the_metric_that_it_is_chosen_for(task: Task) -> None:
    for name in METRICS:
        for algorithm in algorithms([name], task):
            assert Metric(name) in METRICS_OF[Algorithm(algorithm)]


def test_both_tables_agree_on_which_way_is_better() -> None:
    scored = [name for name, metric in METRICS.items() if metric.algorithm]

    assert {name for name in scored if not METRICS[name].higher_is_better} <= LOWER_IS_BETTER
    assert not {name for name in scored if METRICS[name].higher_is_better} & LOWER_IS_BETTER


def test_what_a_use_case_sets_is_what_the_job_reads() -> None:
    use_case = scoring.Scoring()

    assert Scoring.model_validate(use_case.model_dump()).bertscore == use_case.bertscore
    assert set(metrics.BY_BERTSCORE) == {metric.value for metric in BY_BERTSCORE}
