"""The target of a request."""

from containers.evaluate.chat import Tokenizer
from containers.evaluate.targets.application import HttpsApplication, LambdaApplication
from containers.evaluate.targets.asking import Target
from containers.evaluate.targets.bedrock import Bedrock
from containers.evaluate.targets.endpoint import Endpoint
from fmops.evaluation.models import EvaluationJob
from fmops.evaluation.targets import BedrockTarget, EndpointTarget, HttpsTarget, LambdaTarget


def target_of(job: EvaluationJob, tokenizer: Tokenizer | None) -> Target:
    """What the job asks. ValueError where it asks nobody."""
    match job.target:
        case EndpointTarget() as endpoint:
            return Endpoint.of(endpoint, job.decoding, job.concurrency, tokenizer)
        case BedrockTarget() as bedrock:
            return Bedrock.of(bedrock, job.decoding, job.concurrency)
        case HttpsTarget() as application:
            return HttpsApplication.of(application, job.concurrency)
        case LambdaTarget() as application:
            return LambdaApplication.of(application, job.concurrency)
        case None:
            raise ValueError("the job has no target")
