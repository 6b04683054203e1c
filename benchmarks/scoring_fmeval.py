"""The other side of `benchmarks.scoring`: FMEval's own `evaluate`, as its users call it."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from containers.evaluate.scorers import at_scripts

with at_scripts():
    # FMEval loads BERTScore at import, from the working folder.
    from fmeval.data_loaders.data_config import DataConfig
    from fmeval.eval_algorithms import qa_accuracy
    from fmeval.eval_algorithms.factual_knowledge import FactualKnowledge
    from fmeval.transforms.summarization_accuracy_metrics import BERT_SCORE
    from fmeval.transforms.transform import Transform

_EVERY_SECONDS = 1.0


class NoBertScore(Transform):  # type: ignore[misc,unused-ignore] # FMEval is typed where it is installed
    """FMEval can't leave BERTScore out; this takes its place, and no model is asked."""

    def __init__(self, *_args: Any, **_named: Any) -> None:
        super().__init__()
        self.register_input_output_keys([], [BERT_SCORE])

    def __call__(self, record: dict[str, Any]) -> dict[str, Any]:
        return record | {BERT_SCORE: 0.0}


class Memory(threading.Thread):
    """The most memory that this process and all below it have had together; what they share is counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self.processes = 0
        self._over = threading.Event()

    def run(self) -> None:
        me = psutil.Process()
        while not self._over.wait(_EVERY_SECONDS):
            family = [me, *me.children(recursive=True)]
            self.processes = max(self.processes, len(family))
            self.peak = max(self.peak, sum(map(_own_share, family)))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _own_share(process: psutil.Process) -> int:
    try:
        share: int = process.memory_full_info().pss
    except psutil.Error:
        return 0
    return share


def measure(folder: Path) -> dict[str, float]:
    """Seconds of both evaluations, Ray's start included: FMEval starts it."""
    data = DataConfig(
        dataset_name="rows",
        dataset_uri=str(folder / "rows.jsonl"),
        dataset_mime_type="application/jsonlines",
        model_input_location="input",
        model_output_location="answer",
        target_output_location="target",
    )
    qa_accuracy.BertScore = NoBertScore
    # Ray's actor around BERTScore's model.
    qa_accuracy.create_shared_resource = lambda _model: None
    qa_accuracy.cleanup_shared_resource = lambda _model: None
    memory = Memory()
    memory.start()
    begun = time.perf_counter()
    with at_scripts():
        for algorithm in (FactualKnowledge(), qa_accuracy.QAAccuracy()):
            # 0: all rows, in their order.
            algorithm.evaluate(None, data, num_records=0, save=True)
    seconds = time.perf_counter() - begun
    memory.stop()
    for name in ("factual_knowledge", "qa_accuracy"):
        (folder / f"{name}_rows.jsonl").rename(folder / f"{name}.jsonl")
    return {"seconds": round(seconds, 1), "peak_mb": round(memory.peak / 1e6), "processes": memory.processes}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
