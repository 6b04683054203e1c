"""FMEval's own scorers, without Ray and without its second round of model calls. Importing this takes seconds."""

import contextlib
from importlib.metadata import version
from pathlib import Path

METRIC_SCRIPTS = Path(__file__).parent.with_name("metric_scripts")
FMEVAL = f"fmeval {version('fmeval')}"


def at_scripts() -> contextlib.chdir[Path]:
    """Goes where the metrics' scripts are: FMEval loads them from the working folder where there is no hub."""
    return contextlib.chdir(METRIC_SCRIPTS)


with at_scripts():
    # It loads BERTScore's at import. Whatever imports it later finds it loaded.
    import fmeval.transforms.summarization_accuracy_metrics  # noqa: F401
