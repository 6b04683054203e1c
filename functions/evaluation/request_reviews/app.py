"""Asks reviewers to compare sampled answers; the state waits until all have sent theirs in, or the time is over."""

from typing import Any

from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.evaluation import wiring
from fmops.evaluation.reviews.asking import Post, Request, ask
from fmops.links.kms import Signer
from fmops.links.people import Topic

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings = core.settings()
    post = Post(
        Topic(core.client("sns"), settings.approvals_topic),
        Signer(core.client("kms"), settings.link_keys),
        core.client("stepfunctions"),
        settings.public_url,
    )
    review = ask(wiring.desk(), post, Request.model_validate(event), clock.now())
    logger.info("review asked for", extra={"run_id": review.run_id, "mails": len(review.mailed), "why": review.reason})
    return {"run_id": review.run_id, "expires_at": clock.iso(review.expires_at)}
