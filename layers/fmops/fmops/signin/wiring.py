"""What the sign-in's own handlers need: made once a process, on first use."""

from functools import cache

from fmops.core import wiring
from fmops.signin.models import Settings
from fmops.signin.provider import Provider
from fmops.signin.seals import Opener, Sealer


@cache
def opener() -> Opener:
    return Opener(wiring.client("kms"), wiring.settings().session_key)


@cache
def sealer() -> Sealer:
    return Sealer(wiring.client("kms"), wiring.settings().session_key)


@cache
def provider() -> Provider:
    """SettingMissing where the stack has no issuer."""
    found = wiring.settings()
    settings = Settings(
        issuer=found.oidc_issuer or "",
        client_id=found.oidc_client_id,
        email_claim=found.oidc_email_claim,
        needs_verified=found.oidc_needs_verified,
    )
    secret = None
    if found.oidc_secret:
        secret = wiring.client("secretsmanager").get_secret_value(SecretId=found.oidc_secret)["SecretString"]
    return Provider(settings, secret)
