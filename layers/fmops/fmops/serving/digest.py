"""What an approval is for: one text that stands for exactly this artifact."""

from fmops.core import ids
from fmops.serving.models import Artifact


def digest(artifact: Artifact) -> str:
    """`sha256:…` over hub content and version, image, environment, template, decoding, and each of our own objects.

    Instance types and time-outs are left out: they do not change what is answered. ValueError where weights of our
    own are not listed: an approval for weights that nobody looked at would be for any weights.
    """
    if artifact.is_foreign and not artifact.objects:
        source = artifact.training_job or artifact.package_arn
        raise ValueError(f"the weights of {source} are not listed; they have no digest")
    return ids.digest(
        {
            "hub_content": {"arn": artifact.hub_content_arn, "version": artifact.model_version},
            "image": artifact.container["Image"],
            "environment": artifact.container.get("Environment", {}),
            "data": artifact.data_uri,
            "prompt_template": artifact.prompt_template,
            "decoding": artifact.decoding,
            "chat": {"system": artifact.system} if artifact.chat else None,
            "objects": [found.model_dump(mode="json") for found in sorted(artifact.objects, key=lambda o: o.key)],
        }
    )
