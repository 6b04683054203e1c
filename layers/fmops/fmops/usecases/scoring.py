"""How a use case sets up FMEval's algorithms."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from fmops.core.models import Ours

Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class Scoring(Ours):
    """What FMEval's algorithms leave open. The defaults are FMEval's."""

    bertscore: Literal["microsoft/deberta-xlarge-mnli", "roberta-large-mnli"] = "microsoft/deberta-xlarge-mnli"
    """BERTScore's model; it is loaded only where a rule names a metric that BERTScore gives."""
    toxicity: Literal["detoxify", "toxigen"] = "detoxify"
    rouge: Literal["rouge1", "rouge2", "rougeL"] = "rouge2"
    labels: list[Label] = Field(default_factory=list, max_length=1000)
    """The classes of a classification; none: those that the data set's targets name."""
    perturbation: Literal["butter_finger", "random_upper_case", "whitespace_add_remove"] = "butter_finger"
    perturbations: int = Field(default=5, ge=1, le=20)
    """How many perturbed prompts are asked for each row, where a rule names a robustness."""
