"""Entry of the fine-tuning container: maps SageMaker's paths, and turns a failure into a sentence and an exit code."""

import os
import signal
import sys
import threading
import traceback
from pathlib import Path

from containers.fine_tune.failures import Interrupted, sentence
from containers.fine_tune.hyperparameters import read_hyperparameters
from containers.fine_tune.run import Places, run

STOPPED = 128 + signal.SIGTERM


def main(root: Path) -> int:
    """Run the job below `root` (/opt/ml) and return its exit code."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    data = root / "input" / "data"
    places = Places(data / "training", data / "model", root / "checkpoints", root / "model")
    try:
        run(places, read_hyperparameters(root / "input" / "config" / "hyperparameters.json"), stop.is_set)
    except Interrupted as interrupted:
        print(interrupted, flush=True)
        return STOPPED
    except Exception as error:  # noqa: BLE001 - whatever it was, SageMaker is to show it
        traceback.print_exc()
        (root / "output").mkdir(parents=True, exist_ok=True)
        (root / "output" / "failure").write_text(sentence(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(os.environ.get("FMOPS_ML_ROOT", "/opt/ml"))))
