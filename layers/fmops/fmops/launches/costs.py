"""What a launch may cost, and what it did."""

from enum import StrEnum
from typing import Self

from pydantic import Field

from fmops.catalog.prices import per_hour
from fmops.core.models import Ours


class Journey(StrEnum):
    """What money is spent on."""

    EVALUATION = "evaluation"
    RELEASE = "release"
    MONITORING = "monitoring"


class Cost(Ours):
    """The most that one launch may cost: instances × hours until its limit × price, and what it pays by the token."""

    instance_type: str
    usd_per_hour: float = Field(gt=0)
    seconds: int = Field(ge=0)
    """Until it is stopped, whatever happens."""
    instances: int = Field(default=1, ge=1)
    spot: bool = False
    """Billed by AWS with a discount that nobody knows before; the worst case is the full price."""
    tokens_usd: float = Field(default=0, ge=0)

    @classmethod
    def of(cls, instance_type: str, seconds: int, *, spot: bool = False, tokens_usd: float = 0) -> Self:
        """LaunchRefused where nobody knows the price of the type: what may cost anything is not launched."""
        return cls(
            instance_type=instance_type,
            usd_per_hour=per_hour(instance_type),
            seconds=seconds,
            spot=spot,
            tokens_usd=tokens_usd,
        )

    @property
    def worst_case_usd(self) -> float:
        return self.after(self.seconds)

    def after(self, seconds: float) -> float:
        """US dollars when so many seconds are billed."""
        return round(self.usd_per_hour * self.instances * seconds / 3600 + self.tokens_usd, 6)
