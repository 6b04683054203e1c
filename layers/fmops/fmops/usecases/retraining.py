"""What drift that lasts sets in motion: the part of the use-case document that says so."""

from typing import Literal

from pydantic import Field, field_validator

from fmops.core.models import Ours


class Retraining(Ours):
    """Prompts of drifted traffic, for people to label; and whether their labels start a run."""

    mode: Literal["off", "ask", "start"] = "off"
    """`off`: nothing is collected. `ask`: when the labels are there, a person starts the run. `start`: they start it,
    within the budget."""
    lasting_windows: int = Field(default=6, ge=1, le=168)
    """In so many windows the drift must have shown, without `alerting.calm_windows` in a row between them."""
    prompts: int = Field(default=500, ge=10, le=2000)
    """How many different prompts are collected at most."""
    cool_down_days: int = Field(default=14, ge=1, le=365)
    """Another drift asks for labels only after so many days."""

    @field_validator("mode", mode="before")
    @classmethod
    def _is_a_word(cls, given: object) -> object:
        # YAML 1.1 reads `off` as false.
        return "off" if given is False else given
