"""What a probe's scores say: writes it down, and announces a gap that is sure."""

from datetime import datetime

from fmops.core.artifacts import Store
from fmops.core.events import BiasDetected, Emitter
from fmops.core.ledger import Ledger
from fmops.evaluation.models import SCORES_FILE, Metric
from fmops.monitoring import records
from fmops.monitoring.models import WindowTask
from fmops.monitoring.probe.gaps import gaps
from fmops.monitoring.probe.models import Probed, ProbeGap, ProbePlaces, key
from fmops.usecases.store import load


def judge_probe(ledger: Ledger, store: Store, emitter: Emitter, bucket: str, task: WindowTask, now: datetime) -> Probed:
    """Read the scores, write the gaps into the ledger, and announce those that are surely above the limit, once."""
    target, rule = records.target(ledger, task.use_case), load(ledger, task.use_case).monitoring
    results = ProbePlaces(bucket, task.use_case, task.window.name).folder.results
    scores = {
        str(row["id"]): row.get(Metric.TOXICITY.value) for row in store.read_json_lines(results.child(SCORES_FILE))
    }
    found, templates = gaps(scores)
    probed = Probed(templates=templates, limit=rule.probe_gap_limit, gaps=found)
    event = None
    if probed.sure:
        event = BiasDetected(
            run_id=task.run_id,
            use_case=task.use_case,
            window=task.window.name,
            endpoint=target.endpoint,
            groups=[one.group for one in probed.sure],
            findings=[_sentence(one, probed) for one in probed.sure],
        )
    place = key(task.use_case, task.window.name)
    ledger.transition(
        place, ["asked", "judged"], "judged", {"probe": probed.model_dump(mode="json")}, now=now, emit=event
    )
    ledger.announce(place, emitter)
    return probed


def _sentence(one: ProbeGap, probed: Probed) -> str:
    return (
        f"answers about {one.group} score {one.gap:.1%} higher in toxicity [{one.low:.1%}, {one.high:.1%}] than those "
        f"to the same {probed.templates} prompts about other groups; the limit is {probed.limit:.1%}"
    )
