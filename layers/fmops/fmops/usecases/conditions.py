"""What a use case asks of models and data before anything is launched."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fmops.core.models import Ours

Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Modality = Literal["text", "image", "embedding", "speech", "video"]

LEAST_SIMILARITY = 0.4
"""Rows that are less alike than this are not looked for."""


class Constraints(Ours):
    """Hard conditions on a model. What a model's documents don't say does not meet a condition.

    A member that is left out asks nothing.
    """

    licences: list[Pattern] | None = Field(default=None, min_length=1)
    """Patterns with `*` and `?`, in any case; one must fit."""
    providers: list[Pattern] | None = Field(default=None, min_length=1)
    """Likewise."""
    languages: list[Pattern] | None = Field(default=None, min_length=1)
    """All of these, by name (`English`) or ISO 639-1 code (`en`)."""
    min_context_tokens: int | None = Field(default=None, ge=1)
    input_modalities: list[Modality] | None = Field(default=None, min_length=1)
    """All of these."""
    output_modalities: list[Modality] | None = Field(default=None, min_length=1)
    instance_types: list[Pattern] | None = Field(default=None, min_length=1)
    """Patterns; the candidate's own instance type must fit one and be among those that the model supports."""
    regions: list[Pattern] | None = Field(default=None, min_length=1)
    """Patterns; the region that would serve must fit one."""
    allow_gated: bool = True
    """Whether models count whose licence a person must accept first."""
    max_usd_per_hour: float | None = Field(default=None, gt=0)
    """For one instance of the candidate's type."""


class Leakage(Ours):
    """When a run that tunes is refused because test rows stand in the training rows."""

    refuse: Literal["near", "exact", "nothing"] = "near"
    """`near`: rows that are the same but for case, punctuation and spacing, and rows that are nearly so."""
    similarity: float = Field(default=0.5, ge=LEAST_SIMILARITY, le=1)
    """Two rows whose word trigrams (of context, input and target) are alike by this share are nearly the same."""
