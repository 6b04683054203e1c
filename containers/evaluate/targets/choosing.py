"""The target of a request."""

from containers.evaluate.chat import Tokenizer
from containers.evaluate.targets.application import HttpsApplication, LambdaApplication
from containers.evaluate.targets.asking import Target
from containers.evaluate.targets.bedrock import Bedrock
from containers.evaluate.targets.endpoint import Endpoint
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import BedrockTarget, EndpointTarget, HttpsTarget, LambdaTarget
from fmops.evaluation.targets import Target as Asked


def target_of(asked: Asked | None, decoding: Decoding, connections: int, tokenizer: Tokenizer | None = None) -> Target:
    """What a job asks, over so many connections at most. ValueError where it asks nobody."""
    match asked:
        case EndpointTarget() as endpoint:
            return Endpoint.of(endpoint, decoding, connections, tokenizer)
        case BedrockTarget() as bedrock:
            return Bedrock.of(bedrock, decoding, connections)
        case HttpsTarget() as application:
            return HttpsApplication.of(application, connections)
        case LambdaTarget() as application:
            return LambdaApplication.of(application, connections)
        case None:
            raise ValueError("the job has no target")
