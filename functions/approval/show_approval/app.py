"""GET and HEAD /approvals/{token}: shows what is to be decided, and changes nothing."""

from typing import Any

from fmops.approval.deciding import show
from fmops.core import clock, wiring
from fmops.links.kms import Verifier
from fmops.signin.door import door


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    verifier = Verifier(wiring.client("kms"), wiring.settings().link_keys)
    return show(event, verifier, wiring.ledger(), clock.now(), door())
