"""Profiles every record of one shard."""

from typing import Any

from fmops.core import log, wiring
from fmops.monitoring.profiling import ShardTask, profile_shard
from fmops.usecases.store import load

logger = log.logger("monitoring")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    task = ShardTask.model_validate(event)
    size = load(wiring.ledger(), task.use_case).monitoring.toxicity_sample
    profiled = profile_shard(wiring.store(), wiring.settings().artifacts_bucket, task, size).model_dump(mode="json")
    logger.info("shard profiled", extra=profiled)
    return profiled
