"""Who may use a route: signed requests (AWS_IAM) and tokens of an issuer (JWT), refused as API Gateway does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from local.http_api import signatures, tokens
from local.http_front import Request
from local.iam.gate import Session
from local.protocol import ACCOUNT, NotImplementedByEmbeddedAws

_KNOWN_JWT: Final = frozenset({"type", "identitySource", "jwtConfiguration"})
_HEADER: Final = "$request.header.Authorization"


class Denied(Exception):
    """The request is not let through."""

    def __init__(self, status: int, message: str, why: str) -> None:
        """`why` is for the log: a caller is not told."""
        super().__init__(why)
        self.status, self.message = status, message


class Callers(Protocol):
    """What IAM knows: whose keys there are, and what they may."""

    def secret_of(self, access_key: str) -> str | None:
        """The secret key; None where nobody issued such a key."""

    def session_of(self, access_key: str) -> Session | None:
        """The role's session; None for the account's own keys."""

    def allows(self, access_key: str, action: str, resource: str) -> bool: ...


@dataclass(frozen=True)
class Iam:
    """Signature Version 4 by a caller whose policies allow execute-api:Invoke on the route."""

    def authorize(self, request: Request, callers: Callers, resource: str) -> dict[str, Any]:
        """What the event says of the caller. Denied with 403, whatever is wrong."""
        try:
            key = signatures.verified(request, callers.secret_of)
        except signatures.BadSignature as error:
            raise Denied(403, "Forbidden", str(error)) from error
        session = callers.session_of(key)
        if session is not None and request.header("x-amz-security-token") != session.token:
            raise Denied(403, "Forbidden", "the security token is not the session's")
        if not callers.allows(key, "execute-api:Invoke", resource):
            raise Denied(403, "Forbidden", f"no policy of {session and session.arn} allows {resource}")
        arn = session.arn if session else f"arn:aws:iam::{ACCOUNT}:root"
        # Of a role AWS gives its unique id and the session's name.
        who = f"{key}:{session.session_name}" if session else ACCOUNT
        caller = {"accessKey": key, "accountId": ACCOUNT, "callerId": who, "userArn": arn, "userId": who}
        return {"iam": {**caller, "cognitoIdentity": None, "principalOrgId": None}}


@dataclass(frozen=True)
class Jwt:
    """A token of an issuer, for one of some audiences."""

    issuer: str
    audiences: tuple[str, ...]

    def authorize(self, request: Request, callers: Callers, resource: str) -> dict[str, Any]:  # noqa: ARG002
        """What the event says of the person. Denied with 401 where the token is none of the issuer's for us."""
        try:
            claims = tokens.verified(request.header("authorization"), self.issuer, self.audiences)
        except tokens.BadToken as error:
            raise Denied(401, "Unauthorized", str(error)) from error
        return {"jwt": {"claims": {name: _text(value) for name, value in claims.items()}, "scopes": None}}


Authorizer = Iam | Jwt


def authorizers(components: Mapping[str, Any]) -> dict[str, Authorizer]:
    """The definition's security schemes by their names. NotImplementedByEmbeddedAws for other kinds."""
    if unknown := set(components) - {"securitySchemes"}:
        raise NotImplementedByEmbeddedAws(f"HTTP API components {', '.join(sorted(unknown))}")
    return {name: _authorizer(name, scheme) for name, scheme in components.get("securitySchemes", {}).items()}


def chosen(where: str, security: list[Mapping[str, list[str]]], known: Mapping[str, Authorizer]) -> Authorizer | None:
    """The one that an operation asks for."""
    if not security:
        return None
    names = [*security[0]]
    if len(security) > 1 or len(names) != 1 or security[0][names[0]] or names[0] not in known:
        raise NotImplementedByEmbeddedAws(f"the security of {where}: one scheme of the definition, without scopes, is")
    return known[names[0]]


def _authorizer(name: str, scheme: Mapping[str, Any]) -> Authorizer:
    if scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
        return Iam()
    found = scheme.get("x-amazon-apigateway-authorizer", {})
    if found.get("type") != "jwt" or set(found) - _KNOWN_JWT or found.get("identitySource") != _HEADER:
        raise NotImplementedByEmbeddedAws(f"the security scheme {name}: AWS_IAM, and JWT in the header, are known")
    settings = found["jwtConfiguration"]
    return Jwt(settings["issuer"], tuple(settings["audience"]))


def _text(value: Any) -> str:
    """Claims are texts in the event, whatever they were in the token."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{' '.join(_text(one) for one in value)}]"
    return str(value)
