"""A release whose target is a route: the same claims and checks, and a pointer that moves forth and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fmops.approval.models import Approval
from fmops.core.clock import iso
from fmops.core.errors import Duplicate, NotApproved, ReleaseTakenBack, RollbackIncomplete
from fmops.core.ids import ROUTE_SCHEME, short_hash
from fmops.core.ledger import Key, Ledger
from fmops.core.models import Theirs
from fmops.evaluation.models import Decoding
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import BedrockTarget
from fmops.release import records, rules
from fmops.release.claiming import Claimed, claimed
from fmops.release.deploying import Prepared
from fmops.release.models import Release, Status
from fmops.release.routes import Route, Routes

INVOCATION_LOGS = "bedrock"
"""The key prefix in the capture bucket that people name when they have Bedrock log; its policy knows it too."""
_MOVED_WITHIN = 600
"""Seconds; a pointer moves in one call."""


class _Candidate(Theirs):
    """The part of the run's record of a candidate that a route needs."""

    artifact: Remote


def remote_of(ledger: Ledger, release: Release | Approval) -> Remote:
    """What was evaluated. NotFound where the run has no such candidate."""
    record = ledger.require(Key(f"RUN#{release.run_id}", f"CANDIDATE#{release.candidate}"))
    return _Candidate.model_validate(record).artifact


def claim(ledger: Ledger, uri: str, approval: Approval | None, execution_arn: str, now: datetime) -> Claimed:
    """Take the release of an approved model of Bedrock. NotApproved where the ledger does not allow exactly this."""
    allowed = rules.must_be_decided(uri, approval)
    stamp = remote_of(ledger, allowed).digest()
    if stamp != allowed.digest:
        raise NotApproved(f"{uri} would not name what was approved: its digest is {stamp}, not {allowed.digest}")
    wanted = Release(
        # Another run may choose the same model again, with the same digest.
        release_id=f"rel-{short_hash(uri, allowed.run_id, allowed.digest, length=12)}",
        run_id=allowed.run_id,
        use_case=allowed.use_case,
        candidate=allowed.candidate,
        status=Status.CLAIMED,
        model_package_arn=uri,
        digest=allowed.digest,
        execution_arn=execution_arn,
        owner=execution_arn,
        started_at=iso(now),
        endpoint=uri.removeprefix(ROUTE_SCHEME),
    )
    try:
        return claimed(records.claim(ledger, wanted, now), duplicate=False)
    except Duplicate:
        return claimed(wanted, duplicate=True)


def prepare(
    ledger: Ledger, routes: Routes, release: Release, metadata: Mapping[str, str], capture_bucket: str, now: datetime
) -> Prepared:
    """Write down what the route is to name, what it names today, and where the model's calls are logged."""
    named = route(release, remote_of(ledger, release), metadata)
    wanted = named.model_dump(mode="json")
    found = routes.find(release.endpoint)
    known = found.route.model_dump(mode="json") if found else None
    # A redriven state may find its own model named; what was there before is in the record.
    previous = release.previous_route if known == wanted else known
    logs = invocation_logs(capture_bucket, release.execution_arn, named.region)
    changes = {"route": wanted, "previous_route": previous, "capture_uri": logs}
    records.move(ledger, release, Status.PREPARED, now, changes)
    return Prepared(
        release_id=release.release_id,
        kind="route",
        endpoint=release.endpoint,
        endpoint_config="",
        previous_config=None,
        deadline_seconds=_MOVED_WITHIN,
        # What a person wants back has been asked before.
        trial=not release.rollback_of,
    )


def invocation_logs(bucket: str, execution_arn: str, region: str) -> str:
    """Where Bedrock logs an account's calls, if it is told to log to this bucket: `<this>/yyyy/mm/dd/hh/*.json.gz`."""
    account = execution_arn.split(":")[4]
    return f"s3://{bucket}/{INVOCATION_LOGS}/AWSLogs/{account}/BedrockModelInvocationLogs/{region}"


def route(release: Release, artifact: Remote, metadata: Mapping[str, str]) -> Route:
    """What the parameter is to hold. NotApproved for what no route can name."""
    target = artifact.target
    if not isinstance(target, BedrockTarget):
        raise NotApproved(f"{artifact.model_id} is no model of Bedrock: a route can't name it")
    return Route(
        use_case=release.use_case,
        model_id=target.model_id,
        region=target.region,
        system=target.system,
        guardrail=target.guardrail,
        prompt_template=artifact.prompt_template,
        decoding=Decoding.model_validate(artifact.decoding),
        digest=release.digest,
        run_id=release.run_id,
        candidate=release.candidate,
        release_id=release.release_id,
        request_metadata=dict(metadata),
    )


def move(ledger: Ledger, routes: Routes, release: Release, now: datetime) -> int:
    """Have the route name the release's model; the parameter's version. It was asked before: it counts as verified."""
    # Written first: whatever happens next, a rollback knows that the route may have been moved.
    records.move(ledger, release, Status.DEPLOYING, now, {"shifting": "all_at_once: a route names one model"})
    version = routes.point(release.endpoint, Route.model_validate(release.route))
    records.move(ledger, release, Status.VERIFIED, now, {"verification": _verdict(release)})
    return version


def move_back(routes: Routes, release: Release) -> str:
    """Have the route name what it named before, where it names this release's model. Twice is no harm."""
    found = routes.find(release.endpoint)
    if found is None or found.route.release_id != release.release_id:
        return f"{release.endpoint} does not name this release's model"
    if release.previous_route is None:
        routes.remove(release.endpoint)
        return f"{release.endpoint} is deleted: it named nothing before"
    before = Route.model_validate(release.previous_route)
    version = routes.point(release.endpoint, before)
    return f"{release.endpoint} names {before.model_id} again (version {version})"


def must_be_back(routes: Routes, release: Release) -> None:
    found = routes.find(release.endpoint)
    if found is not None and found.route.release_id == release.release_id:
        raise RollbackIncomplete(f"{release.endpoint} still names {found.route.model_id} of this release")


def must_serve(routes: Routes, release: Release) -> None:
    found = routes.find(release.endpoint)
    if found is None or found.route.release_id != release.release_id:
        named = f"{found.route.model_id} of {found.route.release_id}" if found else "nothing"
        raise ReleaseTakenBack(f"{release.endpoint} names {named}, and not the model of {release.release_id}")


def _verdict(release: Release) -> dict[str, Any] | None:
    return release.trial.model_dump(mode="json") if release.trial else None
