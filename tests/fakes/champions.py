"""What serves, as monitoring knows it."""

from typing import Any

from fmops.core import clock, wiring
from fmops.core.artifacts import location
from fmops.core.ledger import Key
from fmops.monitoring.models import Target
from tests.integration.account import ARTIFACTS, CAPTURE


def champion(**changes: Any) -> Target:
    """One that serves the use case trivia since twenty past four."""
    return Target(
        **{
            "use_case": "trivia",
            "run_id": "r",
            "release_id": "rel-1",
            "candidate": "base",
            "endpoint": "ab12cd34-trivia",
            "released_at": "2026-11-24T04:20:00.000Z",
            "capture_uri": f"s3://{CAPTURE}/ab12cd34-trivia/AllTraffic",
            "answers_uri": f"s3://{ARTIFACTS}/runs/r/answers.jsonl",
            "scores_uri": f"s3://{ARTIFACTS}/runs/r/scores.jsonl",
            **changes,
        }
    )


def crown(target: Target) -> None:
    """Have it serve."""
    key = Key(f"USECASE#{target.use_case}", "CHAMPION")
    wiring.ledger().put(key, target.model_dump(mode="json"), kind="champion", now=clock.now())


def evaluated(target: Target) -> None:
    """Leave the answers of its evaluation, which its traffic is compared with."""
    rows = [{"id": str(n), "prompt": f"what is river number {n % 7}", "answer": "the nile"} for n in range(100)]
    wiring.store().write_json_lines(location(target.answers_uri), rows)
