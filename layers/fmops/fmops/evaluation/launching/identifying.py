"""Whose answers a job gets, so that a later job knows which of them are still good."""

from fmops.core.ids import digest
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import Identity
from fmops.serving import digest as artifacts
from fmops.serving.models import Artifact


def identity(artifact: Artifact | Remote, tokenizer: str | None, run_id: str) -> Identity:
    """The candidate's identity. What may be another thing tomorrow is told apart by the run.

    An `artifact` of our own weights must list them. `tokenizer` is the digest of its files.
    """
    if isinstance(artifact, Remote):
        stands_for = artifact.digest() if artifact.pinned else digest([artifact.digest(), run_id])
        guardrail = artifact.guardrail
    else:
        stands_for, guardrail = artifacts.digest(artifact), None
    return Identity(
        artifact=stands_for,
        prompt_template=digest(artifact.prompt_template),
        decoding=digest(artifact.decoding),
        guardrail=guardrail,
        tokenizer=tokenizer,
    )
