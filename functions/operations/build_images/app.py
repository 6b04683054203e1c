"""A custom resource of the template: has the images built whenever their sources are new."""

from typing import Any

from fmops.core import log, wiring
from fmops.deployment.building import Builder
from fmops.deployment.custom_resource import Request, serve

logger = log.logger("operations")
_VARIABLES = ("SOURCES", "PYTHON_IMAGE", "BERTSCORE_MODELS")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings = wiring.settings()
    builder = Builder(
        wiring.client("codebuild"), wiring.client("ssm"), settings.images_project, f"/{settings.stack}/images"
    )

    def work(request: Request) -> dict[str, str]:
        if request.type == "Delete":
            builder.forget()
            return {}
        tag = builder.start({name: str(request.properties[name]) for name in _VARIABLES})
        logger.info("images are being built", extra={"tag": tag})
        return {"Tag": tag}

    return serve(Request.model_validate(event), work)
