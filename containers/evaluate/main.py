"""Entry of the evaluation container: maps SageMaker's paths, and turns a failure into a sentence and an exit code."""

import os
import sys
import traceback
from pathlib import Path

from containers.evaluate.answers import Shelf
from containers.evaluate.failures import sentence
from containers.evaluate.judge import run as judge
from containers.evaluate.places import Places
from containers.evaluate.run import run

# Read when FMEval and what it stands on are imported, which happens later.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_EVALUATE_OFFLINE": "1",
    "DISABLE_FMEVAL_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PARALLELIZATION_FACTOR": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def main(root: Path, assets: Path) -> int:
    """Run the job below `root` (/opt/ml) and return its exit code."""
    data = root / "processing"
    places = Places(
        config=data / "input" / "config",
        dataset=data / "input" / "dataset",
        shelf=Shelf(known=data / "input" / "answers", new=data / "output" / "answers"),
        tokenizer=data / "input" / "tokenizer",
        candidates=data / "input" / "candidates",
        results=data / "output" / "results",
        table=data / "output" / "table",
        progress=data / "output" / "progress",
        assets=assets,
    )
    try:
        if judge.is_judging(places.config):
            judge.run(places)
        else:
            run(places)
    except Exception as error:  # noqa: BLE001 - whatever it was, SageMaker is to show it
        traceback.print_exc()
        (root / "output").mkdir(parents=True, exist_ok=True)
        (root / "output" / "message").write_text(sentence(error), encoding="utf-8")
        return 1
    return 0


if __name__ == "__main__":
    os.environ.update(QUIET)
    sys.exit(
        main(
            Path(os.environ.get("FMOPS_ML_ROOT", "/opt/ml")),
            Path(os.environ.get("FMOPS_ASSETS", "/opt/fmops/assets")),
        )
    )
