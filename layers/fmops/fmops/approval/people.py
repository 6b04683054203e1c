"""Who is asked for an approval, and whether they are enough."""

from collections.abc import Iterable

from fmops.core.errors import NoApprovers
from fmops.links.people import Topic as Topic
from fmops.links.people import approver_id as approver_id


def enough(asked: Iterable[str], confirmed: set[str], needed: int = 1) -> list[str]:
    """Those who can be reached. NoApprovers where they are fewer than `needed`: nobody waits for nobody."""
    reached = [approver for approver in asked if approver in confirmed]
    if len(reached) < needed:
        raise NoApprovers(
            f"{len(reached)} of the approvers have confirmed their address and {needed} must; "
            "each has a mail from AWS Notifications with a link to confirm"
        )
    return reached
