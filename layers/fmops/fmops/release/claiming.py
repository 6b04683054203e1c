"""The first step of a release: only what a person approved, and only once."""

from datetime import datetime
from typing import Any, NamedTuple

from fmops.approval.models import Approval
from fmops.core.artifacts import Store
from fmops.core.clock import iso
from fmops.core.errors import Duplicate, NotApproved, ResultsUnusable
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.release import records, registry, rules
from fmops.release.candidates import artifact_of
from fmops.release.models import Package, Release, Status
from fmops.serving.digest import digest
from fmops.serving.objects import sealed
from fmops.serving.weights import must_be_safetensors


class Claimed(Ours):
    """What the journey goes on with. A duplicate ends at once, as succeeded."""

    release_id: str
    run_id: str
    use_case: str
    candidate: str
    model_package_arn: str
    digest: str
    duplicate: bool


class Sources(NamedTuple):
    """Where the claim looks things up."""

    ledger: Ledger
    store: Store
    s3: Any
    """A boto3 client of S3."""


def claim(sources: Sources, package: Package, approval: Approval | None, execution_arn: str, now: datetime) -> Claimed:
    """Take the release of an approved package.

    NotApproved where the ledger does not allow exactly this artifact; WeightsRefused where it is not safetensors.
    """
    allowed = rules.must_be_allowed(package, approval)
    rules.must_be_unchanged(package, allowed, digest_now(sources, package, allowed))
    must_be_safetensors(artifact_of(sources.ledger, allowed.run_id, allowed.candidate), sources.s3)
    wanted = Release(
        release_id=rules.release_id(package.arn, allowed.digest),
        run_id=allowed.run_id,
        use_case=allowed.use_case,
        candidate=allowed.candidate,
        status=Status.CLAIMED,
        model_package_arn=package.arn,
        digest=allowed.digest,
        execution_arn=execution_arn,
        owner=execution_arn,
        started_at=iso(now),
    )
    try:
        return claimed(records.claim(sources.ledger, wanted, now), duplicate=False)
    except Duplicate:
        return claimed(wanted, duplicate=True)


def claimed(release: Release, *, duplicate: bool) -> Claimed:
    """What the journey goes on with."""
    return Claimed(
        release_id=release.release_id,
        run_id=release.run_id,
        use_case=release.use_case,
        candidate=release.candidate,
        model_package_arn=release.model_package_arn,
        digest=release.digest,
        duplicate=duplicate,
    )


def digest_now(sources: Sources, package: Package, approval: Approval) -> str:
    """The digest of what the package would serve now. NotApproved where its weights are gone."""
    candidate = artifact_of(sources.ledger, approval.run_id, approval.candidate)
    try:
        return digest(sealed(registry.as_registered(package, candidate), sources.store, sources.s3))
    except ResultsUnusable as error:
        raise NotApproved(f"{package.arn} is not what was approved: {error}") from error
