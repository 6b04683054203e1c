"""From a use case's candidates that answer already to what a run asks: rules without I/O."""

import re
from collections.abc import Collection
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from fmops.core.errors import LaunchRefused
from fmops.evaluation.launching.sending import decoding
from fmops.evaluation.models import Decoding
from fmops.evaluation.remote import Remote
from fmops.evaluation.targets import BedrockTarget, EndpointTarget, Guardrail, HttpsTarget, LambdaTarget
from fmops.usecases.candidates import ApplicationCandidate, BedrockCandidate, EndpointCandidate

RemoteCandidate = BedrockCandidate | ApplicationCandidate | EndpointCandidate

# A function's version is a number and never changes; an alias and $LATEST do.
_NUMBERED = re.compile(r":function:[^:]+:\d+$")
# Who runs a model under these names may put another behind them.
_MUTABLE = re.compile(r":(provisioned-model|application-inference-profile)/")


def remote(candidate: RemoteCandidate, region: str, hosts: Collection[str]) -> Remote:
    """What is asked. LaunchRefused where an application's host is not among those that the stack allows."""
    match candidate:
        case BedrockCandidate():
            return _bedrock(candidate, region)
        case ApplicationCandidate():
            return _application(candidate, region, hosts)
        case EndpointCandidate():
            return Remote(
                kind="endpoint",
                model_id=candidate.endpoint_name,
                model_version=candidate.version or "",
                target=EndpointTarget(endpoint_name=candidate.endpoint_name, region=region),
                prompt_template=candidate.prompt_template,
                decoding=decoding(candidate.decoding).model_dump(mode="json"),
                pinned=candidate.version is not None,
            )


def allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether one of the patterns (`api.example.com`, `*.example.com`) fits the address' host."""
    host = (urlsplit(url).hostname or "").lower()
    return any(fnmatchcase(host, pattern.lower()) for pattern in hosts)


def _bedrock(candidate: BedrockCandidate, region: str) -> Remote:
    rail = candidate.guardrail
    return Remote(
        kind="bedrock",
        model_id=candidate.model_id,
        model_version="",
        target=BedrockTarget(
            model_id=candidate.model_id,
            region=region,
            system=candidate.system,
            guardrail=Guardrail(id=rail.id, version=rail.version) if rail else None,
        ),
        prompt_template=candidate.prompt_template,
        decoding=decoding(candidate.decoding).model_dump(mode="json"),
        pinned=not _MUTABLE.search(candidate.model_id) and not (rail and rail.version == "DRAFT"),
    )


def _application(candidate: ApplicationCandidate, region: str, hosts: Collection[str]) -> Remote:
    if candidate.url is not None and not allowed(candidate.url, hosts):
        raise LaunchRefused(
            f"candidate {candidate.id}: the host of {candidate.url} is not allowed; the stack's parameter "
            f"ApplicationHosts names {', '.join(hosts) or 'none'}"
        )
    target: HttpsTarget | LambdaTarget
    if candidate.url is not None:
        target = HttpsTarget(url=candidate.url, region=region, authorization_secret=candidate.authorization_secret)
    else:
        target = LambdaTarget(function_arn=candidate.lambda_arn or "", region=region)
    numbered = isinstance(target, LambdaTarget) and _NUMBERED.search(target.function_arn) is not None
    return Remote(
        kind="application",
        model_id=candidate.url or candidate.lambda_arn or "",
        model_version=candidate.version or "",
        target=target,
        prompt_template=candidate.prompt_template,
        # How an application generates is its own affair.
        decoding=Decoding().model_dump(mode="json"),
        pinned=candidate.version is not None or numbered,
    )
