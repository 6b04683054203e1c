"""What a use case compares: models that are hosted for the evaluation, and things that answer already."""

import re
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Discriminator, Field, StringConstraints, Tag, field_validator, model_validator

from fmops.core.models import Ours

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9])*$", max_length=40)]
InstanceType = Annotated[str, StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
OtherTypes = Annotated[list[InstanceType], Field(max_length=5)]
"""Tried in this order where the account has no quota for the first type, or AWS no instance of it."""
KINDS = ("jumpstart", "bedrock", "application", "endpoint")

_FIELD = re.compile(r"{([^{}]*)}")
_BEDROCK_ID = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:[a-z0-9]+)*")
_BEDROCK_ARN = re.compile(
    r"arn:aws[a-z-]*:bedrock:[a-z0-9-]+:(\d{12})?:"
    r"(foundation-model|inference-profile|application-inference-profile|provisioned-model)/[A-Za-z0-9.:_-]+"
)
_LAMBDA_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?")


class Decoding(Ours):
    """How answers are generated. Temperature 0 is greedy: the same prompt gives the same answer."""

    max_new_tokens: int = Field(default=64, ge=1, le=4096)
    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    stop: list[str] = Field(default_factory=list, max_length=4)


class Tuning(Ours):
    """How a candidate is fine-tuned: LoRA on the dataset's training rows."""

    trainer: Literal["auto", "jumpstart", "own"] = "auto"
    """JumpStart's own trainer, or our container `fine_tune`; `auto`: JumpStart's where the model brings one."""
    hyperparameters: dict[str, str | int | float | bool] = Field(default_factory=dict, max_length=50)
    """For JumpStart's trainer, by the names in its document; they win over the members below."""
    instance_type: InstanceType
    other_instance_types: OtherTypes = []
    spot: bool = True
    """Whether spare instances are tried first: cheaper, and taken away at times. On demand comes after."""
    checkpoints: bool = True
    """Whether the training keeps what it needs to go on after an interruption."""
    checkpoint_seconds: int = Field(default=30, ge=1, le=86_400)
    max_runtime_seconds: int = Field(default=3600, ge=60, le=2_419_200)
    epochs: int = Field(default=1, ge=1, le=100)
    max_steps: int | None = Field(default=None, ge=1)
    """Ends the training earlier than `epochs` would."""
    learning_rate: float = Field(default=2e-4, gt=0, lt=1)
    lora_r: int = Field(default=16, ge=1, le=256)
    lora_layers: int | None = Field(default=None, ge=1)
    """How many of the last layers get adapters; all of them where this is left out."""
    batch_size: int = Field(default=8, ge=1, le=1024)
    max_length: int = Field(default=512, ge=16, le=131_072)
    seed: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _survives_spot(self) -> Self:
        if self.spot and not self.checkpoints:
            raise ValueError(
                "spot without checkpoints loses its work at every interruption: set checkpoints: true or spot: false"
            )
        return self


class TokenPrice(Ours):
    """US dollars for a million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class GuardrailRef(Ours):
    """A Bedrock guardrail, by id or ARN."""

    id: str = Field(pattern=r"^([a-z0-9]+|arn:aws[a-z-]*:bedrock:[a-z0-9-]+:\d{12}:guardrail/[a-z0-9]+)$")
    version: str = Field(pattern=r"^(DRAFT|[1-9]\d{0,7})$")


class _Candidate(Ours):
    """Two prompt templates are two candidates."""

    id: Slug
    prompt_template: str = "{input}"

    @field_validator("prompt_template")
    @classmethod
    def _names_input(cls, template: str) -> str:
        return checked_template(template)


class JumpStartCandidate(_Candidate):
    """A model of the hub, hosted for as long as it is evaluated."""

    kind: Literal["jumpstart"] = "jumpstart"
    model_id: str = Field(min_length=1, max_length=63)
    model_version: str = Field(default="*", pattern=r"^(\*|\d+\.\d+\.\d+)$")
    """A semantic version, or `*` for the newest."""
    instance_type: InstanceType
    other_instance_types: OtherTypes = []
    decoding: Decoding = Field(default_factory=Decoding)
    chat: bool = False
    """Whether the prompt is sent through the model's own chat template."""
    system: str | None = Field(default=None, min_length=1)
    """The chat's system message."""
    tune: Tuning | None = None
    accept_eula: bool = False
    """Said by a person who read the model's licence. Gated models are not touched without it."""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.system and not self.chat:
            raise ValueError("a system message needs chat: true, or has its place in the prompt template")
        if self.tune and self.chat:
            raise ValueError("a tuned candidate is asked as it was trained, by its prompt template: leave chat out")
        return self


class BedrockCandidate(_Candidate):
    """A model that Bedrock serves, asked by Converse: its chat template is Bedrock's care."""

    kind: Literal["bedrock"]
    model_id: str = Field(max_length=2048)
    """A model, an inference profile (`us.…`), or the ARN of either."""
    decoding: Decoding = Field(default_factory=Decoding)
    system: str | None = Field(default=None, min_length=1)
    guardrail: GuardrailRef | None = None
    price: TokenPrice | None = None
    """Where catalog/token_prices.json does not know the model, or you pay something else."""

    @field_validator("model_id")
    @classmethod
    def _is_of_bedrock(cls, model_id: str) -> str:
        return of_bedrock(model_id)


class _Foreign(_Candidate):
    """Something whose inside nobody here knows."""

    version: str | None = Field(default=None, min_length=1, max_length=100)
    """What stands behind it now; change it with every change. Answers are used again only where it is set."""
    usd_per_1000_answers: float | None = Field(default=None, ge=0)


class ApplicationCandidate(_Foreign):
    """An application as a whole, with its chains and retrieval: over HTTPS, or a Lambda function."""

    kind: Literal["application"]
    url: str | None = Field(default=None, max_length=2048)
    """Its host must be one that the stack's parameter ApplicationHosts names."""
    authorization_secret: str | None = Field(default=None, min_length=1, max_length=2048)
    """Of Secrets Manager; its text is sent as the header `Authorization`."""
    lambda_arn: str | None = Field(default=None, max_length=200)

    @field_validator("url")
    @classmethod
    def _is_https(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        # Only a machine's own loopback is safe without TLS; it is what a local run has.
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise ValueError("the application's url must begin with https://")
        if not parts.hostname or parts.username or parts.password or parts.fragment:
            raise ValueError("the application's url must name a host, and no user, password or fragment")
        return url

    @field_validator("lambda_arn")
    @classmethod
    def _is_a_function(cls, arn: str | None) -> str | None:
        if arn is not None and not _LAMBDA_ARN.fullmatch(arn):
            raise ValueError(f"{arn!r} is not the ARN of a Lambda function")
        return arn

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.url is None) == (self.lambda_arn is None):
            raise ValueError("an application has a url or a lambda_arn, one of both")
        if self.authorization_secret and self.url is None:
            raise ValueError("an authorization_secret goes with a url; a function is called with IAM's rights")
        return self


class EndpointCandidate(_Foreign):
    """A SageMaker endpoint that is there already, in the Hugging Face text-generation format."""

    kind: Literal["endpoint"]
    endpoint_name: str = Field(pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
    decoding: Decoding = Field(default_factory=Decoding)


def of_bedrock(model_id: str) -> str:
    """The id, where it can be one of Bedrock's. ValueError where it can't."""
    if not (_BEDROCK_ID.fullmatch(model_id) or _BEDROCK_ARN.fullmatch(model_id)):
        raise ValueError(
            f"{model_id!r} is neither a Bedrock model (amazon.nova-lite-v1:0) nor an inference profile "
            "(us.amazon.nova-lite-v1:0) nor the ARN of one"
        )
    return model_id


def checked_template(template: str) -> str:
    """The template, where its only field is {input}. ValueError where it is not."""
    if set(_FIELD.findall(template)) != {"input"}:
        raise ValueError("the prompt template must name {input}, and nothing else in braces")
    return template


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return bool(host) and ip_address(host or "").is_loopback
    except ValueError:
        return False


def _kind(value: object) -> str:
    given = value.get("kind", "jumpstart") if isinstance(value, dict) else getattr(value, "kind", "")
    return str(given)


Candidate = Annotated[
    Annotated[JumpStartCandidate, Tag("jumpstart")]
    | Annotated[BedrockCandidate, Tag("bedrock")]
    | Annotated[ApplicationCandidate, Tag("application")]
    | Annotated[EndpointCandidate, Tag("endpoint")],
    Discriminator(
        _kind,
        custom_error_type="unknown_kind",
        custom_error_message=f"kind must be one of {', '.join(KINDS)}",
    ),
]
