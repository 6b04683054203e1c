"""Profiles every record of one batch of a window's objects."""

from functools import cache
from typing import Any

from fmops.core import log, wiring
from fmops.monitoring.profiling import BatchTask, profile_batch
from fmops.text.lexicon import Lexicon
from fmops.usecases.store import load

logger = log.logger("monitoring")


@cache
def _lexicon() -> Lexicon:
    """Read once a process: it remembers the words that it met."""
    return Lexicon()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task = BatchTask.model_validate({**event["BatchInput"], "objects": event["Items"]})
    use_case = load(wiring.ledger(), task.use_case)
    profiled = profile_batch(wiring.store(), wiring.settings().artifacts_bucket, task, use_case, _lexicon())
    logger.info("batch profiled", extra=profiled.model_dump(mode="json"))
    return profiled.model_dump(mode="json")
