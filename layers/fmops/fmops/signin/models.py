"""Who somebody is, and how we know."""

from typing import Literal

from fmops.core.models import Ours


class Principal(Ours):
    """Who decided. Without a sign-in nothing is known beyond that the approver's mailbox was read."""

    identity: Literal["mailbox", "oidc"]
    issuer: str | None = None
    subject: str | None = None
    """What the issuer calls the person: the same for ever, unlike their address."""
    email: str | None = None


MAILBOX = Principal(identity="mailbox")


class Settings(Ours):
    """How people sign in."""

    issuer: str
    client_id: str
    email_claim: str = "email"
    """The claim that holds the address."""
    needs_verified: bool = True
    """Whether the issuer must say that the address is verified. An issuer at which nobody can choose their address
    may leave that out."""


class Transaction(Ours):
    """One sign-in that has begun: kept in the browser, sealed, until the issuer sends the person back."""

    link: str
    """The approval link that it is for."""
    redirect_uri: str
    """Where the issuer sends the person back to."""
    state: str
    nonce: str
    verifier: str
    """Of PKCE: proves that who asks for the token is who began."""


class Session(Ours):
    """A sign-in that succeeded, for one approver of one approval."""

    approval: str
    approver: str
    principal: Principal
