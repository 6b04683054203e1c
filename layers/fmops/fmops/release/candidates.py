"""What the run knows of the candidate that is released."""

from fmops.core.artifacts import Store, location
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Theirs
from fmops.evaluation.models import Answer
from fmops.serving.models import Artifact


class _Candidate(Theirs):
    """The part of the run's record of a candidate that a release needs."""

    artifact: Artifact


def artifact_of(ledger: Ledger, run_id: str, candidate: str) -> Artifact:
    """What was evaluated. NotFound where the run has no such candidate."""
    record = ledger.require(Key(f"RUN#{run_id}", f"CANDIDATE#{candidate}"))
    return _Candidate.model_validate(record).artifact


def answers(store: Store, uri: str) -> list[Answer]:
    """The answers that the evaluation got. NotFound where they are gone."""
    return [Answer.model_validate(row) for row in store.read_json_lines(location(uri))]
