"""Who must approve before a model is released: how many, who may not, and who is asked when nobody answers."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field, StringConstraints

from fmops.core.models import Ours

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$", max_length=254)]


class ApprovalRules(Ours):
    """What counts as an approval. One rejection rejects."""

    needed: int = Field(default=1, ge=1, le=20)
    """How many approvers must approve."""
    four_eyes: bool = False
    """Whether whoever submitted the run (the use case's owner, and the owner that the dataset's manifest names) may
    not approve it."""
    escalate_to: list[Email] = Field(default_factory=list, max_length=20)
    """A second list, asked as well when three quarters of the time are over and too few have answered."""

    def check(self, approvers: Collection[str], owner: str) -> None:
        """ValueError where these approvers could never be enough."""
        may = [
            address
            for address in approvers
            if not (self.four_eyes and address.strip().lower() == owner.strip().lower())
        ]
        if len(may) < self.needed:
            others = ", and the owner does not count with approval.four_eyes" if len(may) < len(approvers) else ""
            raise ValueError(
                f"approval.needed is {self.needed}, and there are {len(may)} approvers who may approve{others}: "
                "name more approvers or ask for fewer approvals"
            )
