"""Asks the endpoint the golden prompts, and says whether it answers as the approved candidate did."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.errors import VerificationFailed
from fmops.core.ids import GOLDEN_INFERENCE_ID
from fmops.core.ledger import Ledger
from fmops.release import golden, records
from fmops.release.models import Golden, Release, Status, Verification
from fmops.serving.live import LiveEndpoints


def verify(
    ledger: Ledger,
    endpoints: LiveEndpoints,
    runtime: Any,
    release: Release,
    goldens: Sequence[Golden],
    parameters: dict[str, Any],
    *,
    greedy: bool,
    now: datetime,
) -> Verification:
    """VerificationFailed where the endpoint serves something else, or does not answer as it must.

    `runtime` is a boto3 client of SageMaker's runtime; `parameters` goes with each prompt.
    """
    live = endpoints.find(release.endpoint)
    # AWS takes a failed update back by itself, and the endpoint then is in service with what it had before.
    if live is None or not live.serves or live.config != release.endpoint_config:
        state = f"{live.status} with {live.config}" if live else "gone"
        raise VerificationFailed(f"{release.endpoint} is {state}, and not in service with {release.endpoint_config}")
    given = [ask(runtime, release, item, parameters) for item in goldens]
    found = golden.judge(goldens, given, greedy=greedy)
    if text := golden.problem(found):
        raise VerificationFailed(f"{release.endpoint}: {text}")
    records.move(ledger, release, Status.VERIFIED, now, {"verification": found.model_dump(mode="json")})
    return found


def ask(runtime: Any, release: Release, item: Golden, parameters: dict[str, Any]) -> str | None:
    """The endpoint's answer to one prompt; None where it gives none."""
    try:
        answer = runtime.invoke_endpoint(
            EndpointName=release.endpoint,
            ContentType="application/json",
            Accept="application/json",
            InferenceId=f"{GOLDEN_INFERENCE_ID}{release.release_id}",
            Body=json.dumps({"inputs": item.prompt, "parameters": parameters}).encode(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ModelError", "ModelNotReadyException", "InternalDependencyException"):
            return None
        raise
    return text_of(answer["Body"].read())


def text_of(body: bytes) -> str | None:
    """The text in the Hugging Face format, in or without a list; None where there is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    first = found[0] if isinstance(found, list) and found else found
    text = first.get("generated_text") if isinstance(first, dict) else None
    return text if isinstance(text, str) else None
