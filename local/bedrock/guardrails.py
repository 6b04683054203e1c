"""Guardrails that block words, in prompts and in answers."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from local.protocol import ACCOUNT, PARTITION, REGION, AwsError, NotImplementedByEmbeddedAws

_ARN = f"arn:{PARTITION}:bedrock:{REGION}:{ACCOUNT}:guardrail/"
DRAFT = "DRAFT"
_UNKNOWN_POLICIES = (
    "topicPolicyConfig",
    "contentPolicyConfig",
    "sensitiveInformationPolicyConfig",
    "contextualGroundingPolicyConfig",
    "automatedReasoningPolicyConfig",
)


@dataclass(frozen=True)
class Guardrail:
    """One version of a guardrail."""

    guardrail_id: str
    version: str
    name: str
    words: tuple[str, ...]
    blocked_input: str
    blocked_output: str
    created: datetime

    @property
    def arn(self) -> str:
        return f"{_ARN}{self.guardrail_id}"

    def blocks(self, texts: Sequence[str]) -> bool:
        """Whether one of the texts holds a blocked word, whole and in any case."""
        return any(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in self.words for text in texts
        )

    def described(self) -> dict[str, Any]:
        """As GetGuardrail has it."""
        return {
            "name": self.name,
            "guardrailId": self.guardrail_id,
            "guardrailArn": self.arn,
            "version": self.version,
            "status": "READY",
            "wordPolicy": {"words": [{"text": word} for word in self.words]},
            "blockedInputMessaging": self.blocked_input,
            "blockedOutputsMessaging": self.blocked_output,
            "createdAt": self.created,
            "updatedAt": self.created,
        }


class Guardrails:
    """All guardrails with their versions."""

    def __init__(self) -> None:
        self._versions: dict[str, dict[str, Guardrail]] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def create(self, request: dict[str, Any], now: datetime) -> Guardrail:
        """A draft. Loud for a policy other than words: it would pass what it is meant to block."""
        for policy in _UNKNOWN_POLICIES:
            if policy in request:
                raise NotImplementedByEmbeddedAws(f"{policy} of a guardrail: only words")
        words = request.get("wordPolicyConfig", {})
        if words.get("managedWordListsConfig"):
            raise NotImplementedByEmbeddedAws("managed word lists of a guardrail")
        made = Guardrail(
            guardrail_id=f"gr{next(self._numbers):010d}",
            version=DRAFT,
            name=request["name"],
            words=tuple(word["text"] for word in words.get("wordsConfig", [])),
            blocked_input=request["blockedInputMessaging"],
            blocked_output=request["blockedOutputsMessaging"],
            created=now,
        )
        with self._lock:
            self._versions[made.guardrail_id] = {DRAFT: made}
        return made

    def publish(self, identifier: str) -> Guardrail:
        """The draft as a version that never changes."""
        draft = self.find(identifier, DRAFT)
        with self._lock:
            versions = self._versions[draft.guardrail_id]
            made = replace(draft, version=str(len(versions)))
            versions[made.version] = made
        return made

    def find(self, identifier: str, version: str) -> Guardrail:
        """By id or ARN. AwsError `ResourceNotFoundException` where there is none of this version."""
        with self._lock:
            found = self._versions.get(identifier.removeprefix(_ARN), {}).get(version)
        if found is None:
            message = "The guardrail identifier or version provided in the request does not exist."
            raise AwsError("ResourceNotFoundException", message, 404)
        return found
