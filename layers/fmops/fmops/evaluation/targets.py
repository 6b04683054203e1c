"""What an evaluation job asks: where it answers, and what identifies the candidate behind it."""

from typing import Annotated, Literal

from pydantic import Field

from fmops.core.ids import digest
from fmops.core.models import Ours


class EndpointTarget(Ours):
    """A SageMaker endpoint that speaks the Hugging Face text-generation format."""

    kind: Literal["endpoint"] = "endpoint"
    endpoint_name: str | None = Field(default=None, min_length=1, max_length=63)
    """None where every answer is known: then nothing is hosted, and nobody is asked."""
    region: str = Field(min_length=1)
    chat: bool = False
    """Whether the prompt goes as a message through the model's chat template, which the job applies."""
    system: str | None = None
    """The system message of the chat."""
    inference_id: str | None = None
    """Marks our prompts to an endpoint that serves production: monitoring leaves them out."""


class Guardrail(Ours):
    """A Bedrock guardrail, by id or ARN, and its version."""

    id: str = Field(min_length=1, max_length=2048)
    version: str = Field(pattern=r"^(DRAFT|[1-9]\d{0,7})$")


class BedrockTarget(Ours):
    """A Bedrock model or inference profile, asked by Converse."""

    kind: Literal["bedrock"] = "bedrock"
    model_id: str = Field(min_length=1, max_length=2048)
    region: str = Field(min_length=1)
    system: str | None = None
    guardrail: Guardrail | None = None


class HttpsTarget(Ours):
    """An application that answers `POST {"input": prompt}` with `{"answer": text}`."""

    kind: Literal["https"] = "https"
    url: str = Field(min_length=1, max_length=2048)
    region: str = Field(min_length=1)
    authorization_secret: str | None = None
    """The secret whose text is sent as the header `Authorization`."""


class LambdaTarget(Ours):
    """An application behind a Lambda function; payload and answer as an `https` application's."""

    kind: Literal["lambda"] = "lambda"
    function_arn: str = Field(min_length=1, max_length=200)
    region: str = Field(min_length=1)


Target = Annotated[EndpointTarget | BedrockTarget | HttpsTarget | LambdaTarget, Field(discriminator="kind")]


class Identity(Ours):
    """All that decides what a candidate answers to a prompt, each as a digest. None where there is no such part."""

    artifact: str
    prompt_template: str
    decoding: str
    guardrail: str | None = None
    tokenizer: str | None = None
    """Of the files that turn messages into the model's prompt, where the job knows them."""

    @property
    def fingerprint(self) -> str:
        """Answers of candidates with the same fingerprint are interchangeable."""
        return digest(self.model_dump(mode="json"))
