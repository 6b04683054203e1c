"""What the votes so far amount to, and how the time to decide is divided: rules without I/O."""

from collections.abc import Iterable

from fmops.approval.models import Status, Vote
from fmops.core.models import Ours

DAY_SECONDS = 86_400


def tally(votes: Iterable[Vote], needed: int) -> Status:
    """One rejection rejects; `needed` approvals approve; anything less goes on waiting."""
    found = [vote.decision for vote in votes]
    if "rejected" in found:
        return Status.REJECTED
    return Status.APPROVED if found.count("approved") >= needed else Status.PENDING


class Timetable(Ours):
    """How long each of the states that wait for approvers waits, in seconds; together, the time to decide."""

    ask_seconds: int
    """Until those are reminded who have not answered: half of the time."""
    remind_seconds: int
    """Until the second list is asked, or the end."""
    escalate_seconds: int
    """For the second list; 0 where there is none."""

    @property
    def total_seconds(self) -> int:
        return self.ask_seconds + self.remind_seconds + self.escalate_seconds


def timetable(days: int, *, escalates: bool) -> Timetable:
    """The timetable of a use case that gives its approvers so many days."""
    total = days * DAY_SECONDS
    escalation = total // 4 if escalates else 0
    return Timetable(
        ask_seconds=total // 2, remind_seconds=total - total // 2 - escalation, escalate_seconds=escalation
    )
