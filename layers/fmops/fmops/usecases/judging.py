"""How a use case has answers judged by a model."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from fmops.core.models import Ours
from fmops.usecases.candidates import TokenPrice, checked_template, of_bedrock

Text = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]
JUDGE_KINDS = ("bedrock", "endpoint")

FEWEST_PROBES = 20
"""With fewer known answers nothing can be said of a judge."""


class BedrockJudge(Ours):
    """A model of Bedrock's, asked by Converse."""

    kind: Literal["bedrock"]
    model_id: str = Field(max_length=2048)
    """A model, an inference profile (`us.…`), or the ARN of either."""
    price: TokenPrice | None = None
    """Where catalog/token_prices.json does not know the model, or you pay something else."""

    @field_validator("model_id")
    @classmethod
    def _is_of_bedrock(cls, model_id: str) -> str:
        return of_bedrock(model_id)


class EndpointJudge(Ours):
    """A SageMaker endpoint that is there already, in the Hugging Face text-generation format."""

    kind: Literal["endpoint"]
    endpoint_name: str = Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
    version: str | None = Field(default=None, min_length=1, max_length=100)
    """What stands behind it now; change it with every change. Verdicts are used again only where it is set."""
    prompt_template: str = "{input}"
    """The model's chat format around what the judge is asked."""
    token_price: TokenPrice | None = None
    """Where what it answers is to count against the budget; its instances are paid elsewhere."""

    @field_validator("prompt_template")
    @classmethod
    def _names_input(cls, template: str) -> str:
        return checked_template(template)


class KnownPair(Ours):
    """A question with two answers of which you know the better one."""

    question: Text
    better: Text
    worse: Text

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.better == self.worse:
            raise ValueError("the better answer and the worse one are the same")
        return self


class Judge(Ours):
    """Which model judges, how, and when it is believed."""

    model: BedrockJudge | EndpointJudge = Field(discriminator="kind")
    method: Literal["pairwise", "rubric"] = "pairwise"
    """`pairwise`: beside the champion's answer, or the base's; `rubric`: alone, by a grade of 1 to 5."""
    criteria: str = Field(
        default="the answer is correct, complete and to the point.", min_length=1, max_length=2000, pattern=r"\S"
    )
    """What makes an answer good."""
    min_accuracy: float = Field(default=0.8, gt=0, lt=1)
    """Of known answers so many must surely be judged right, or the judge is not used."""
    probes: int = Field(default=60, ge=FEWEST_PROBES, le=1000)
    """How many known answers it is asked about."""
    known: list[KnownPair] = Field(default_factory=list, max_length=60)
    """Your own; the others are made from the data's targets, and from facts where there are none."""
    sample: int | None = Field(default=None, ge=1)
    """How many rows are judged, chosen by their ids; all of them where this is left out."""
    max_failed: float = Field(default=0.05, ge=0, lt=1)
    """The largest share of rows without a verdict with which the rest still counts."""
    max_new_tokens: int = Field(default=256, ge=16, le=4096)
    max_usd: float | None = Field(default=None, gt=0)
    """A run whose judging may cost more at worst is not begun."""

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if len(self.known) > self.probes:
            raise ValueError(f"{len(self.known)} known pairs are more than the {self.probes} probes")
        return self
