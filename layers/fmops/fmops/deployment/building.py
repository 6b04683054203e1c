"""Has the images of the jobs built, by CodeBuild."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fmops.core.ids import short_hash
from fmops.launches.images import Image, parameter

# How many parameters one call may delete.
_AT_ONCE = 10


class Builder(NamedTuple):
    """Where images are built, and where is written which ones are."""

    codebuild: Any
    """A boto3 client of CodeBuild."""
    ssm: Any
    """A boto3 client of Systems Manager."""
    project: str
    path: str
    """Above the tags: `/stack/images`."""

    def start(self, sources: Mapping[str, str]) -> str:
        """Start a build of each image, and give the tag of these sources. Whoever needs an image waits, not the stack.

        `sources` are variables of the build: everything that makes the images what they are.
        """
        tag = short_hash(sorted(sources.items()), length=12)
        for image in Image:
            variables = {
                **sources,
                "IMAGE": image.value,
                "TAG": tag,
                "PARAMETER": parameter(f"{self.path}/{tag}", image),
            }
            self.codebuild.start_build(
                projectName=self.project,
                environmentVariablesOverride=[
                    {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
                ],
                # CloudFormation asks again where it heard no answer.
                idempotencyToken=f"{tag}-{image}",
            )
        return tag

    def forget(self) -> None:
        """Remove what is written about images: their repositories go with the stack."""
        names = [
            found["Name"]
            for page in self.ssm.get_paginator("get_parameters_by_path").paginate(Path=self.path, Recursive=True)
            for found in page["Parameters"]
        ]
        for first in range(0, len(names), _AT_ONCE):
            self.ssm.delete_parameters(Names=names[first : first + _AT_ONCE])
