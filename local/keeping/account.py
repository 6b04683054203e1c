"""The small services whose state moto has: keys, parameters, queues, and who has confirmed an address."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from moto.sns.models import Subscription

from local.keeping.store import Store, packed, unpacked
from local.mail.sns import Sns
from local.moto_state import MotoState


class Keys(Store):
    """What is secret in the stack's KMS keys, so that links and seals made with them stay good.

    A deployment gives its keys new ids; the earlier ones go on to name them.
    """

    name = "kms"

    def __init__(self, state: MotoState, ids: Mapping[str, str]) -> None:
        """`ids`: the logical names of the stack's keys, and the ids that this deployment gave them."""
        self._state = state
        self._ids = ids
        self._earlier: dict[str, list[str]] = {}

    def take(self) -> dict[str, bytes]:
        with self._state.locked("kms"):
            keys = self._state.backend("kms").keys
            return {
                logical: packed(([*self._earlier.get(logical, ()), id_], keys[id_].key_material, _pem(keys[id_])))
                for logical, id_ in self._ids.items()
            }

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        with self._state.locked("kms"):
            keys = self._state.backend("kms").keys
            for logical, entry in entries.items():
                if logical not in self._ids:
                    continue
                earlier, material, pem = unpacked(entry)
                key = keys[self._ids[logical]]
                key.key_material = material
                if pem is not None:
                    key.private_key.private_key = load_pem_private_key(pem, None)
                self._earlier[logical] = earlier
                keys.update(dict.fromkeys(earlier, key))


def _pem(key: Any) -> bytes | None:
    if key.key_usage != "SIGN_VERIFY":
        return None
    pem: bytes = key.private_key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem


class Parameters(Store):
    """SSM's parameters. What only the deployment has written is left to the next one."""

    name = "ssm"

    def __init__(self, state: MotoState) -> None:
        """To be made right after the deployment."""
        self._state = state
        with state.locked("ssm"):
            self._deployed = {name: versions[-1].value for name, versions in self._parameters().items()}

    def take(self) -> dict[str, bytes]:
        with self._state.locked("ssm"):
            return {
                name: packed((name, versions))
                for name, versions in self._parameters().items()
                if versions and versions[-1].value != self._deployed.get(name)
            }

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        with self._state.locked("ssm"):
            self._parameters().update(map(unpacked, entries.values()))

    def _parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = self._state.backend("ssm")._parameters
        return parameters


class Queues(Store):
    """SQS' messages: the dead letters."""

    name = "sqs"

    def __init__(self, state: MotoState) -> None:
        self._state = state

    def take(self) -> dict[str, bytes]:
        with self._state.locked("sqs"):
            queues = self._state.backend("sqs").queues
            return {name: packed((name, queue._messages)) for name, queue in queues.items() if queue._messages}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        with self._state.locked("sqs"):
            queues = self._state.backend("sqs").queues
            for name, messages in map(unpacked, entries.values()):
                if name in queues:
                    queues[name]._messages = messages


class Addresses(Store):
    """SNS' subscriptions of e-mail addresses, confirmed or asked to. All others are the deployment's."""

    name = "sns"

    def __init__(self, state: MotoState, sns: Sns) -> None:
        self._state = state
        self._sns = sns

    def take(self) -> dict[str, bytes]:
        with self._state.locked("sns"):
            found = {arn: packed(_shown(one)) for arn, one in self._subscriptions().items() if _is_address(one)}
            return found | {"confirmations": packed(self._sns.confirmations.kept())}

    def put_back(self, entries: Mapping[str, bytes]) -> None:
        with self._state.locked("sns"):
            subscriptions, topics = self._subscriptions(), self._state.backend("sns").topics
            for arn in [arn for arn, one in subscriptions.items() if _is_address(one)]:
                del subscriptions[arn]
            for name, entry in entries.items():
                if name == "confirmations":
                    self._sns.confirmations.put_back(unpacked(entry))
                elif (shown := unpacked(entry))["topic"] in topics:
                    subscription = Subscription.__new__(Subscription)
                    subscription.__dict__.update({**shown, "topic": topics[shown["topic"]]})
                    subscriptions[name] = subscription

    def _subscriptions(self) -> dict[str, Any]:
        subscriptions: dict[str, Any] = self._state.backend("sns").subscriptions
        return subscriptions


def _is_address(subscription: Any) -> bool:
    return str(subscription.protocol).startswith("email")


def _shown(subscription: Any) -> dict[str, Any]:
    return {**vars(subscription), "topic": subscription.topic.arn}
