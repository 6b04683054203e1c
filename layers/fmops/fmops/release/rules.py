"""What may be released: pure rules over what the registry, the ledger and the artifact say."""

from fmops.approval.models import Approval, Status
from fmops.core.errors import NotApproved
from fmops.core.ids import short_hash
from fmops.release.models import Package


def release_id(package_arn: str, digest: str) -> str:
    """One approved artifact is released once, whatever the registry repeats."""
    return f"rel-{short_hash(package_arn, digest, length=12)}"


def must_be_allowed(package: Package, approval: Approval | None) -> Approval:
    """The approval that allows this package to be released. NotApproved says what stands against it."""
    if package.approval_status != "Approved":
        raise NotApproved(f"{package.arn} is {package.approval_status} in the registry by now")
    if approval is None:
        raise NotApproved(f"{package.arn} is Approved in the registry, and nobody was asked about it")
    if approval.model_package_arn != package.arn:
        raise NotApproved(f"{package.arn} says that it is of {approval.run_id}, whose package is another one")
    if approval.status is not Status.APPROVED:
        raise NotApproved(
            f"{package.arn} is Approved in the registry, but the decision on {approval.run_id} is {approval.status}"
        )
    return approval


def must_be_decided(uri: str, approval: Approval | None) -> Approval:
    """The approval that allows a route to name a model. NotApproved says what stands against it."""
    if approval is None:
        raise NotApproved(f"nobody was asked about {uri}")
    if approval.model_package_arn != uri:
        raise NotApproved(f"the approval of {approval.run_id} is for {approval.model_package_arn}, not for {uri}")
    if approval.status is not Status.APPROVED:
        raise NotApproved(f"the decision on {approval.run_id} is {approval.status}")
    return approval


def must_be_unchanged(package: Package, approval: Approval, digest_now: str) -> None:
    """NotApproved where the artifact is not the one that was approved."""
    if approval.digest != digest_now:
        raise NotApproved(f"{package.arn} is not what was approved: its digest is {digest_now}, not {approval.digest}")
