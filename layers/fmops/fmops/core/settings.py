"""The only reader of the environment. A function fails at its first call, and names what is missing."""

import os
import re
from collections.abc import Mapping

from fmops.core.errors import SettingMissing

_KEY_VERSION = re.compile(r"v[1-9]\d{0,2}")


class Settings:
    """What the template tells a function; each function is given only what it needs."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def _get(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            raise SettingMissing(f"the environment variable {name} is not set; template.yaml gives it to the function")
        return value

    @property
    def stack(self) -> str:
        return self._get("FMOPS_STACK")

    @property
    def code_version(self) -> str | None:
        """As it was named at deployment, a git revision for instance; None where nobody named one."""
        return self._environment.get("FMOPS_CODE_VERSION") or None

    @property
    def prefix(self) -> str:
        """What the names of all SageMaker resources of this stack begin with."""
        return self._get("FMOPS_PREFIX")

    @property
    def region(self) -> str:
        return self._get("AWS_REGION")

    @property
    def table(self) -> str:
        return self._get("FMOPS_TABLE")

    @property
    def datasets_bucket(self) -> str:
        return self._get("FMOPS_DATASETS_BUCKET")

    @property
    def artifacts_bucket(self) -> str:
        return self._get("FMOPS_ARTIFACTS_BUCKET")

    @property
    def capture_bucket(self) -> str:
        return self._get("FMOPS_CAPTURE_BUCKET")

    @property
    def bus(self) -> str:
        return self._get("FMOPS_BUS")

    @property
    def audit_bucket(self) -> str:
        return self._get("FMOPS_AUDIT_BUCKET")

    @property
    def audit_key(self) -> str:
        return self._get("FMOPS_AUDIT_KEY")

    @property
    def model_group(self) -> str:
        return self._get("FMOPS_MODEL_GROUP")

    @property
    def alerts_topic(self) -> str:
        return self._get("FMOPS_ALERTS_TOPIC")

    @property
    def approvals_topic(self) -> str:
        return self._get("FMOPS_APPROVALS_TOPIC")

    @property
    def public_url(self) -> str:
        """Where the stack's HTTP API answers, without a slash at the end."""
        return self._get("FMOPS_PUBLIC_URL").rstrip("/")

    @property
    def link_keys(self) -> dict[str, str]:
        """KMS keys by version, written as `v1=ARN,v2=ARN`. SettingMissing where it is written otherwise."""
        given = self._get("FMOPS_LINK_KEYS")
        pairs = [entry.strip().partition("=") for entry in given.split(",")]
        if not all(_KEY_VERSION.fullmatch(version) and arn for version, _, arn in pairs):
            raise SettingMissing("FMOPS_LINK_KEYS must be written as v1=ARN, or v1=ARN,v2=ARN")
        return {version: arn for version, _, arn in pairs}

    @property
    def mail_from(self) -> str | None:
        """The address from which SES sends approvers' mails; None where they go by SNS."""
        return self._environment.get("FMOPS_MAIL_FROM") or None

    @property
    def oidc_issuer(self) -> str | None:
        """Where approvers sign in; None where a link is all that they need."""
        return self._environment.get("FMOPS_OIDC_ISSUER") or None

    @property
    def oidc_client_id(self) -> str:
        return self._get("FMOPS_OIDC_CLIENT_ID")

    @property
    def oidc_email_claim(self) -> str:
        return self._environment.get("FMOPS_OIDC_EMAIL_CLAIM") or "email"

    @property
    def oidc_needs_verified(self) -> bool:
        """Whether the issuer must say that an address is verified."""
        return self._environment.get("FMOPS_OIDC_NEEDS_VERIFIED", "true") != "false"

    @property
    def oidc_secret(self) -> str | None:
        """The secret (name or ARN) with the client's secret, for issuers that want one."""
        return self._environment.get("FMOPS_OIDC_SECRET") or None

    @property
    def session_key(self) -> str:
        return self._get("FMOPS_SESSION_KEY")

    @property
    def training_role(self) -> str:
        return self._get("FMOPS_TRAINING_ROLE")

    @property
    def evaluation_role(self) -> str:
        return self._get("FMOPS_EVALUATION_ROLE")

    @property
    def endpoint_role(self) -> str:
        return self._get("FMOPS_ENDPOINT_ROLE")

    @property
    def images(self) -> str:
        """The path below which the build of the images writes which ones it pushed."""
        return self._get("FMOPS_IMAGES")

    @property
    def subnets(self) -> tuple[str, ...]:
        """Of the stack's own network; none where it has none."""
        return _listed(self._environment.get("FMOPS_SUBNETS", ""))

    @property
    def security_groups(self) -> tuple[str, ...]:
        """What guards jobs in the stack's own network."""
        return _listed(self._environment.get("FMOPS_SECURITY_GROUPS", ""))

    @property
    def images_project(self) -> str:
        """The CodeBuild project that builds the images."""
        return self._get("FMOPS_IMAGES_PROJECT")

    @property
    def evaluation_machine(self) -> str:
        return self._get("FMOPS_EVALUATION_MACHINE")

    @property
    def release_machine(self) -> str:
        return self._get("FMOPS_RELEASE_MACHINE")

    @property
    def monitoring_machine(self) -> str:
        return self._get("FMOPS_MONITORING_MACHINE")

    @property
    def max_runs(self) -> int:
        """How many runs evaluate at once."""
        return int(self._get("FMOPS_MAX_RUNS"))

    @property
    def hub(self) -> str:
        return self._get("FMOPS_HUB")

    @property
    def dashboard_url(self) -> str:
        return self._get("FMOPS_DASHBOARD_URL")

    @property
    def package_images(self) -> tuple[str, ...]:
        """Patterns of the container images that packages of others may bring; none where nobody allowed one."""
        return _listed(self._environment.get("FMOPS_PACKAGE_IMAGES", ""))

    @property
    def asks_about_console_approvals(self) -> bool:
        """Whether a package that was approved in the console is evaluated, instead of being refused."""
        return self._environment.get("FMOPS_CONSOLE_APPROVALS") == "evaluate"

    @property
    def application_hosts(self) -> tuple[str, ...]:
        """Patterns of the hosts at which applications may be asked; none where nobody allowed one."""
        return _listed(self._environment.get("FMOPS_APPLICATION_HOSTS", ""))


def _listed(given: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part.strip() for part in given.split(",") if part.strip())
