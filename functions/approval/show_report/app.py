"""GET /approvals/{token}/report: shows the report that the decision rests on, and changes nothing."""

from typing import Any

from fmops.approval.deciding import report
from fmops.core import clock, wiring
from fmops.links.kms import Verifier
from fmops.signin.door import door


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    verifier = Verifier(wiring.client("kms"), wiring.settings().link_keys)
    return report(event, verifier, wiring.ledger(), wiring.store(), clock.now(), door())
