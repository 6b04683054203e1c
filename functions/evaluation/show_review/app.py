"""GET and HEAD /reviews/{token}: shows a reviewer's sheet, and changes nothing."""

from typing import Any

from fmops.core import clock, wiring
from fmops.evaluation.reviews.voting import show
from fmops.evaluation.wiring import desk
from fmops.links.kms import Verifier


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    verifier = Verifier(wiring.client("kms"), wiring.settings().link_keys)
    return show(event, verifier, desk(), clock.now())
