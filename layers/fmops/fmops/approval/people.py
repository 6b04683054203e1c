"""Who is asked for an approval, and whether they are enough."""

from collections.abc import Iterable

from fmops.approval.models import Approver
from fmops.approval.wording import masked
from fmops.core.errors import NoApprovers
from fmops.links.people import approver_id


def invited(addresses: Iterable[str], barred: Iterable[str] = ()) -> list[Approver]:
    """Those who are asked. Who is `barred` submitted the run, where that must not be approved by themselves."""
    out = {approver_id(address) for address in barred}
    return [
        Approver(id=approver_id(address), address=address, may_approve=approver_id(address) not in out)
        for address in addresses
    ]


def enough(asked: Iterable[Approver], confirmed: set[str], needed: int = 1) -> list[Approver]:
    """Those who can be reached. NoApprovers where fewer than `needed` of them may approve: nobody waits for nobody."""
    people = list(asked)
    able = sum(_counts(person, confirmed) for person in people)
    if able < needed:
        missing = ", ".join(_why_not(person) for person in people if not _counts(person, confirmed))
        raise NoApprovers(
            f"{able} of {len(people)} approvers can approve, and {needed} must ({missing}). Whoever has not confirmed "
            "has a mail from AWS Notifications with a link to confirm; then redrive the execution, or start a new run"
        )
    return [person for person in people if person.id in confirmed]


def _counts(person: Approver, confirmed: set[str]) -> bool:
    return person.may_approve and person.id in confirmed


def _why_not(person: Approver) -> str:
    why = "submitted the run and may not approve it" if not person.may_approve else "has not confirmed the address"
    return f"{masked(person.address)} {why}"
