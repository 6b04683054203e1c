"""What serves a use case today."""

from pydantic import Field

from fmops.core.ledger import Key, Ledger
from fmops.core.models import Theirs
from fmops.evaluation import runs
from fmops.evaluation.remote import Remote
from fmops.serving.models import Artifact


class _Pointer(Theirs):
    """The part of the champion's record that names where it was evaluated."""

    run_id: str
    candidate: str
    endpoint: str


class Champion(Theirs):
    """The champion as its run left it."""

    id: str
    kind: str
    artifact: Artifact | Remote = Field(discriminator="kind")
    digest: str | None
    endpoint: str
    """Where it serves; empty for a model of Bedrock, which a route names."""


def load(ledger: Ledger, use_case: str) -> Champion | None:
    """The champion of a use case; None before the first release."""
    record = ledger.get(Key(f"USECASE#{use_case}", "CHAMPION"))
    if record is None:
        return None
    pointer = _Pointer.model_validate(record)
    evaluated = ledger.require(runs.candidate_key(pointer.run_id, pointer.candidate))
    return Champion.model_validate({**evaluated, "endpoint": pointer.endpoint})
