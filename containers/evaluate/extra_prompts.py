"""What is asked beyond the rows' own prompts; made before the first of them is sent, for answers come first."""

from collections.abc import Sequence

from containers.evaluate.answers import Collected
from containers.evaluate.scoring import Extras
from fmops.evaluation.algorithms import NEEDS_PERTURBATION
from fmops.evaluation.models import DatasetRow, EvaluationJob, StoredRow


def wanted(job: EvaluationJob, rows: Sequence[DatasetRow] | Sequence[StoredRow]) -> dict[str, list[str]]:
    """For each row's id the further prompts to ask: its input perturbed, where robustness is measured."""
    if not NEEDS_PERTURBATION.intersection(job.metrics):
        return {}
    # Takes seconds, which most jobs need not spend before their answers.
    from containers.evaluate.perturbing import Perturbing

    perturbing = Perturbing(job.scoring)
    return {
        row.id: [job.prompt(text) for text in perturbing.perturbed(row.question)]
        for row in rows
        if isinstance(row, DatasetRow)
    }


def extras(collected: Collected) -> Extras:
    """What became of them, and how likely the target finds the rows' sentences."""
    perturbed = {row: tuple(one.answer for one in of) for row, of in collected.also.items()}
    return Extras(perturbed, collected.log_probabilities)
