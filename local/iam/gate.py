"""Who calls, and may they: sessions of roles, their policies, and AWS' words for no."""

import json
import secrets
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from local.clock import Clock
from local.iam.calls import Lookups, Need, needs
from local.iam.evaluator import Decision, as_list, decide, like, matches
from local.moto_state import MotoState
from local.protocol import ACCOUNT, REGION, AwsError, Caller
from local.wire.models import service_model

# Keys of the person who runs this machine: of the embedded AWS' own clients, and of the command line.
_OPERATORS = {"AKIAEMBEDDEDROOT0000": "embedded", "operator": "operator"}


class Session(NamedTuple):
    """A role that somebody has assumed."""

    role_arn: str
    session_name: str
    access_key: str
    secret_key: str
    token: str

    @property
    def arn(self) -> str:
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.role_arn.rsplit('/', 1)[-1]}/{self.session_name}"


class Gate:
    """Decides every call of a role by the role's identity policies, and by bucket policies that deny.

    Not covered: other resource policies, permission boundaries, tags of existing resources as condition keys (a policy
    that asks for one is not met), KMS calls that a service makes for the caller.
    """

    def __init__(self, state: MotoState, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._guard = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._by_role: dict[tuple[str, str], Session] = {}
        self._policies: dict[str, list[Mapping[str, Any]]] = {}
        self._lookups = Lookups(self._hash_key, self._kms_key, self._secret)

    def session(self, role_arn: str, session_name: str) -> Session:
        """Credentials of a role. AwsError `NoSuchEntity` when there is no such role."""
        with self._guard:
            known = self._by_role.get((role_arn, session_name))
            if known is not None:
                return known
        self._role(role_arn)
        with self._state.locked("sts"):
            assumed = self._state.backend("sts").assume_role(
                region_name=REGION,
                role_session_name=session_name,
                role_arn=role_arn,
                policy=None,
                duration=43_200,
                external_id=None,
            )
        made = Session(role_arn, session_name, assumed.access_key_id, assumed.secret_access_key, assumed.session_token)
        with self._guard:
            self._sessions[made.access_key] = made
            return self._by_role.setdefault((role_arn, session_name), made)

    def caller(self, access_key: str) -> Caller:
        session = self.session_of(access_key)
        return Caller(session.role_arn) if session else Caller()

    def secret_of(self, access_key: str) -> str | None:
        """The secret key behind an access key, for who checks a signature; None where nobody issued it."""
        session = self.session_of(access_key)
        return session.secret_key if session else _OPERATORS.get(access_key)

    def allows(self, access_key: str, action: str, resource: str) -> bool:
        """Whether a caller's policies allow an action that is no API call of a client."""
        session = self.session_of(access_key)
        return session is None or self._decide(session, Need(action, resource)) is Decision.ALLOW

    def changed(self) -> None:
        with self._guard:
            self._policies.clear()

    def check(self, access_key: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        session = self.session_of(access_key)
        if session is None:
            return
        for need in needs(service, operation, params, self._lookups):
            decision = self._decide(session, need)
            if decision is not Decision.ALLOW:
                raise _refusal(service, session, need, decision)

    def may_list(self, access_key: str, bucket: str) -> bool:
        """Whether S3 may tell this caller that an object does not exist; without, it says AccessDenied."""
        session = self.session_of(access_key)
        if session is None:
            return True
        return self._decide(session, Need("s3:ListBucket", f"arn:aws:s3:::{bucket}")) is Decision.ALLOW

    def may_assume(self, role_arn: str, service: str, source_arn: str = "") -> bool:
        """Whether the role trusts a service, such as `lambda.amazonaws.com`."""
        document = _document(self._role(role_arn).assume_role_policy_document)
        context = {"aws:sourceaccount": ACCOUNT, **({"aws:sourcearn": source_arn} if source_arn else {})}
        allowed = False
        for statement in as_list(document["Statement"]):
            principal = statement.get("Principal", {})
            trusted = ["*"] if principal == "*" else as_list(principal.get("Service", []))
            named = any(like(pattern, service) for pattern in trusted)
            if named and matches(statement, "sts:AssumeRole", None, context):
                if statement["Effect"] == "Deny":
                    return False
                allowed = True
        return allowed

    def _decide(self, session: Session, need: Need) -> Decision:
        context = {
            "aws:principalarn": session.role_arn,
            "aws:principalaccount": ACCOUNT,
            "aws:requestedregion": REGION,
            "aws:securetransport": "true",
            "aws:currenttime": self._clock.iso(),
            **need.context,
        }
        policies = self._policies_of(session.role_arn)
        found = [decide(policies, need.action, resource, context) for resource in (need.resource, *need.also)]
        if Decision.EXPLICIT_DENY in found or self._bucket_denies(session, need, context):
            return Decision.EXPLICIT_DENY
        return Decision.ALLOW if Decision.ALLOW in found else Decision.IMPLICIT_DENY

    def _bucket_denies(self, session: Session, need: Need, context: Mapping[str, Any]) -> bool:
        if not need.resource.startswith("arn:aws:s3:::"):
            return False
        bucket = self._state.backend("s3").buckets.get(need.resource.removeprefix("arn:aws:s3:::").partition("/")[0])
        if bucket is None or bucket.policy is None:
            return False
        for statement in as_list(_document(bucket.policy)["Statement"]):
            principal = statement.get("Principal", "*")
            who = ["*"] if principal == "*" else as_list(principal.get("AWS", []))
            if (
                statement["Effect"] == "Deny"
                and any(like(pattern, arn) for pattern in who for arn in (session.role_arn, session.arn))
                and matches(statement, need.action, need.resource, context)
            ):
                return True
        return False

    def session_of(self, access_key: str) -> Session | None:
        """The role's session that a key is of; None for the account's own keys."""
        with self._guard:
            known = self._sessions.get(access_key)
        if known is not None or not access_key.startswith("ASIA"):
            return known
        # Not ours: perhaps somebody called AssumeRole.
        assumed = self._state.backend("sts").get_assumed_role_from_access_key(access_key)
        if assumed is None:
            return None
        made = Session(
            assumed.role_arn, assumed.session_name, access_key, assumed.secret_access_key, assumed.session_token
        )
        with self._guard:
            return self._sessions.setdefault(access_key, made)

    def _policies_of(self, role_arn: str) -> list[Mapping[str, Any]]:
        with self._guard:
            known = self._policies.get(role_arn)
        if known is not None:
            return known
        with self._state.locked("iam"):
            role = self._role(role_arn)
            texts = [*role.policies.values(), *(_default_version(policy) for policy in role.managed_policies.values())]
        found = [_document(text) for text in texts]
        with self._guard:
            self._policies[role_arn] = found
        return found

    def _role(self, role_arn: str) -> Any:
        with self._state.locked("iam"):
            for role in self._state.backend("iam").roles.values():
                if role.arn == role_arn:
                    return role
        raise AwsError("NoSuchEntity", f"The role with name {role_arn.rsplit('/', 1)[-1]} cannot be found.", 404)

    def _hash_key(self, table: str, index: str | None) -> str | None:
        found = self._state.backend("dynamodb").tables.get(table)
        if found is None:
            return None
        schema = found.schema
        if index is not None:
            schema = next((other.schema for other in found.all_indexes() if other.name == index), schema)
        name: str = next(part["AttributeName"] for part in schema if part["KeyType"] == "HASH")
        return name

    def _kms_key(self, key: str) -> str:
        backend = self._state.backend("kms")
        if "alias/" in key:
            key = backend.get_key_id_from_alias(key[key.index("alias/") :]) or key
        return key if key.startswith("arn:") else f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"

    def _secret(self, name: str) -> str:
        if name.startswith("arn:"):
            return name
        secret = self._state.backend("secretsmanager").secrets.get(name)
        if secret is None:
            return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{secrets.token_hex(3)}"
        arn: str = secret.arn
        return arn


def _document(text: Any) -> Mapping[str, Any]:
    if isinstance(text, Mapping):
        return text
    document: Mapping[str, Any] = json.loads(text)
    return document


def _refusal(service: str, session: Session, need: Need, decision: Decision) -> AwsError:
    why = (
        "with an explicit deny in an identity-based policy"
        if decision is Decision.EXPLICIT_DENY
        else f"because no identity-based policy allows the {need.action} action"
    )
    resource = f'"{need.resource}"' if service == "s3" else need.resource
    message = f"User: {session.arn} is not authorized to perform: {need.action} on resource: {resource} {why}"
    protocol = service_model(service).resolved_protocol
    if protocol in ("json", "rest-json"):
        return AwsError("AccessDeniedException", message, 400 if protocol == "json" else 403)
    return AwsError("AccessDenied", message, 403)


def _default_version(policy: Any) -> str:
    text: str = next(version.document for version in policy.versions if version.version_id == policy.default_version_id)
    return text
