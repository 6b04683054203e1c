"""Who has confirmed: the tokens in confirmation mails and in unsubscribe links."""

import secrets
import threading
from dataclasses import dataclass
from typing import Any, Final

from local.protocol import AwsError

_VALID_SECONDS: Final = 2 * 86400


@dataclass(frozen=True)
class _Pending:
    token: str
    arn: str
    expires_at: float


class Confirmations:
    """Tokens of mails that ask for confirmation, and of links that end a subscription. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}
        self._unsubscribe: dict[str, str] = {}
        self._guarded: set[str] = set()

    def kept(self) -> tuple[Any, ...]:
        """All tokens, for `put_back` after a restart."""
        with self._lock:
            return dict(self._pending), dict(self._unsubscribe), sorted(self._guarded)

    def put_back(self, kept: tuple[Any, ...]) -> None:
        pending, unsubscribe, guarded = kept
        with self._lock:
            self._pending.update(pending)
            self._unsubscribe.update(unsubscribe)
            self._guarded.update(guarded)

    def ask(self, arn: str, now: float) -> str:
        """A token that confirms the subscription, for two days."""
        pending = _Pending(secrets.token_hex(32), arn, now + _VALID_SECONDS)
        with self._lock:
            self._pending[pending.token] = pending
        return pending.token

    def confirmed(self, token: str, now: float) -> str:
        """The subscription that the token confirms; it can be used again. AwsError when it confirms nothing."""
        with self._lock:
            pending = self._pending.get(token)
        if pending is None or pending.expires_at < now:
            raise AwsError("InvalidParameter", "Invalid parameter: Token")
        return pending.arn

    def guard(self, arn: str) -> None:
        """Let no link end the subscription: it was confirmed with AuthenticateOnUnsubscribe."""
        with self._lock:
            self._guarded.add(arn)

    def unsubscribe_token(self, arn: str) -> str:
        """The token of the subscription's unsubscribe link."""
        with self._lock:
            known = next((token for token, owner in self._unsubscribe.items() if owner == arn), None)
            if known is None:
                known = secrets.token_hex(16)
                self._unsubscribe[known] = arn
            return known

    def unsubscribed(self, token: str) -> str:
        """The subscription that the token ends. AwsError when it ends none."""
        with self._lock:
            if token not in self._unsubscribe:
                raise AwsError("InvalidParameter", "Invalid parameter: Token")
            if self._unsubscribe[token] in self._guarded:
                raise AwsError("AuthorizationError", "Only the subscription's owner may end it", 403)
            return self._unsubscribe[token]


def pending(subscription: Any) -> bool:
    """Whether a moto subscription waits for its confirmation."""
    return bool(subscription.attributes.get("PendingConfirmation"))


def listed(subscription: Any) -> dict[str, Any]:
    """A moto subscription as lists show it: an ARN only once it is confirmed."""
    return {
        "SubscriptionArn": "PendingConfirmation" if pending(subscription) else subscription.arn,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }
