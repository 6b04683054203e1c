"""A candidate that is asked where it answers already: nothing of it is hosted for a run."""

from typing import Any, Literal

from fmops.core.ids import digest
from fmops.core.models import Ours
from fmops.evaluation.targets import BedrockTarget, Target


class Remote(Ours):
    """All that decides what such a candidate answers, as far as it is known."""

    kind: Literal["bedrock", "application", "endpoint"]
    model_id: str
    """For people: a model's id, an application's address, an endpoint's name."""
    model_version: str
    """As the use case names it; empty where it does not, or the id carries it."""
    target: Target
    prompt_template: str
    decoding: dict[str, Any]
    """As the evaluation job sends it."""
    pinned: bool
    """Whether the same thing is sure to answer tomorrow, so that its answers may be used again."""

    def digest(self) -> str:
        """Stands for what is known of it."""
        return digest(self.model_dump(mode="json"))

    @property
    def guardrail(self) -> str | None:
        """The digest of its guardrail; None where it has none."""
        if isinstance(self.target, BedrockTarget) and self.target.guardrail:
            return digest(self.target.guardrail.model_dump(mode="json"))
        return None
