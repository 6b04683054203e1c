"""POST /approvals/{token}: takes one decision, once."""

from typing import Any

from fmops.approval.deciding import decide
from fmops.core import clock, wiring
from fmops.links.kms import Verifier
from fmops.signin.door import door


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    verifier = Verifier(wiring.client("kms"), wiring.settings().link_keys)
    return decide(event, verifier, wiring.ledger(), wiring.client("stepfunctions"), clock.now(), door())
