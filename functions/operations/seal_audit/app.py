"""Something was decided or released: signs the head of its run's audit and keeps it under the bucket's lock."""

from typing import Any

from fmops.audit.records import rows
from fmops.audit.vault import Vault
from fmops.core import log, wiring

logger = log.logger("operations")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    run_id, settings = event["detail"]["run_id"], wiring.settings()
    there = rows(wiring.ledger(), run_id)
    vault = Vault(wiring.client("s3"), settings.audit_bucket)
    sealed = vault.seal(wiring.client("kms"), settings.audit_key, there) if there else False
    logger.info("audit sealed", extra={"run_id": run_id, "rows": len(there), "sealed": sealed})
    return {"run_id": run_id, "rows": len(there), "sealed": sealed}
