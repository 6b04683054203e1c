"""POST /reviews/{token}: saves a vote, or sends the sheet in."""

from typing import Any

from fmops.core import clock, wiring
from fmops.evaluation.reviews.voting import cast
from fmops.evaluation.wiring import desk
from fmops.links.kms import Verifier


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    verifier = Verifier(wiring.client("kms"), wiring.settings().link_keys)
    return cast(event, verifier, desk(), wiring.client("stepfunctions"), clock.now())
