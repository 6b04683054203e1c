"""The signed head of a chain: what it says, and what it proves. No I/O here.

It lists the hashes of all rows up to it, so that a chain that was written anew as a whole still shows which of its
rows are not those that were signed.
"""

import base64
from binascii import Error as BadBase64
from collections.abc import Sequence

from pydantic import Field

from fmops.audit.chain import Fault, Row, hash_of
from fmops.core.ids import canonical_json, digest
from fmops.core.models import Ours
from fmops.signin import rs256

ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"


class Head(Ours):
    """The state of a chain at one of its rows."""

    run_id: str
    number: int = Field(ge=1)
    rows: list[str]
    """The hashes of the rows 1 to `number`; the last is the chain's."""
    key: str
    """The ARN of the KMS key."""
    algorithm: str = ALGORITHM
    signature: str = ""
    """Base64."""

    def message(self) -> bytes:
        """The bytes that are signed: short enough for KMS, whatever the number of rows."""
        said = {"run_id": self.run_id, "number": self.number, "rows": digest(self.rows), "key": self.key}
        return canonical_json({"fmops-audit-head": 1, "algorithm": self.algorithm, **said}).encode()


def head_of(rows: Sequence[Row], key: str) -> Head:
    """The head of these rows, not yet signed."""
    return Head(run_id=rows[-1].run_id, number=rows[-1].number, rows=[row.hash for row in rows], key=key)


def problem(head: Head, run_id: str, key: rs256.PublicKey) -> str:
    """Why a head is not one that was signed for this run; empty where it is."""
    if head.run_id != run_id or len(head.rows) != head.number or head.algorithm != ALGORITHM:
        return f"the head at row {head.number} does not hold together"
    try:
        signature = base64.b64decode(head.signature, validate=True)
    except BadBase64:
        return f"the head at row {head.number} carries no signature"
    if not rs256.verify(key, head.message(), signature):
        return f"the head at row {head.number} is forged: its signature is not the key's"
    return ""


def differences(head: Head, rows: Sequence[Row]) -> list[Fault]:
    """Where the rows are not those that a genuine head was signed over."""
    there = {row.number: row for row in rows}
    found = []
    for number, signed in enumerate(head.rows, start=1):
        row = there.get(number)
        if row is None:
            found.append(Fault(number, f"row {number} was removed after it was signed"))
        elif hash_of(row) != signed:
            found.append(Fault(number, f"{row.name} is not the row that was signed"))
    return found
