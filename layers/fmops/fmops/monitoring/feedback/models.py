"""A vote, and what the votes on a use case's answers come to."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from fmops.core.models import Ours

Thumb = Literal["up", "down"]
Outcome = Literal["recorded", "replaced", "unchanged"]


class Vote(Ours):
    """What somebody said of one answer. Their words lie apart, and only in the capture bucket."""

    use_case: str
    inference_id: str
    voter: str
    """Stands for whoever voted; their name is not kept."""
    thumb: Thumb
    given_at: datetime
    tenant: str = ""
    text_uri: str | None = None


class VoteShare(Ours):
    """A share of thumbs down, with its exact interval of 95 % (Clopper and Pearson)."""

    share: float
    low: float
    high: float
    n: int
    down: int


class TenantVotes(Ours):
    """The votes of one tenant's users."""

    tenant: str
    n: int
    down: int


class Feedback(Ours):
    """What users said until a window's end."""

    verdict: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    votes: int
    down: int
    texts: int
    """How many votes have words with them."""
    since: datetime
    """From here on votes count: the release, or so many days before the window's end."""
    least: int
    """With fewer votes nothing is said."""
    now: VoteShare | None = None
    """None without a vote."""
    baseline: VoteShare | None = None
    """Of the votes before `since`; None where they are too few."""
    reasons: list[str] = Field(default_factory=list)
    tenants: list[TenantVotes] = Field(default_factory=list)
    """Those whose users voted most."""
