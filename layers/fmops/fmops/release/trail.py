"""What a release adds to the audit of its run: what serves where, or what was taken back and why."""

from datetime import datetime
from typing import Any

from fmops.audit.chain import Step
from fmops.audit.records import append
from fmops.core.ledger import Ledger
from fmops.release import records
from fmops.release.models import Release


def facts(release: Release) -> dict[str, Any]:
    """A release as its row tells it: the same each time."""
    return {
        "status": release.status.value,
        "reason": release.reason,
        "model_package_arn": release.model_package_arn,
        "digest": release.digest,
        "endpoint": release.endpoint,
        "endpoint_config": release.endpoint_config,
    }


def note_release(ledger: Ledger, release_id: str, now: datetime) -> None:
    """Where a release stands now."""
    release = records.load(ledger, release_id)
    append(ledger, release.run_id, Step.RELEASE, release_id, facts(release), now)
