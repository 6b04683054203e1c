"""A model package that somebody else registered, as a candidate: rules without I/O."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from fmops.core.artifacts import location
from fmops.core.errors import BadInput, NotFound
from fmops.core.models import Ours
from fmops.evaluation.models import INPUT_PLACE
from fmops.usecases.candidates import ApplicationCandidate, Candidate, Decoding
from fmops.usecases.models import UseCase
from fmops.usecases.releasing import endpoint_target

CANDIDATE_ID = "package"


class FoundPackage(Ours):
    """What a package's description tells a run."""

    arn: str
    version: int
    container: dict[str, Any]
    """`Image`, `Environment` and `ModelDataSource`, as CreateModel takes them."""
    instance_types: list[str]


class PackageCandidate(Ours):
    """A package that is to be hosted and evaluated."""

    id: str
    package: FoundPackage
    instance_type: str
    prompt_template: str
    decoding: Decoding


FindPackage = Callable[[str], FoundPackage]
"""The package of this ARN. NotFound where there is none, BadInput where it can't be hosted."""


def no_packages(arn: str) -> FoundPackage:
    raise NotFound(f"nobody looks for the model package {arn}")


def found_package(described: dict[str, Any], images: Sequence[str]) -> FoundPackage:
    """From DescribeModelPackage's answer. BadInput says why it can't be hosted.

    `images` are patterns of the container images that foreign packages may bring: an image runs code.
    """
    arn = str(described["ModelPackageArn"])
    specification = described.get("InferenceSpecification", {})
    containers = specification.get("Containers", [])
    if len(containers) != 1:
        raise BadInput(f"{arn} has {len(containers)} containers, and one is what can be evaluated")
    container = containers[0]
    image = str(container.get("Image", ""))
    if not any(fnmatchcase(image, pattern) for pattern in images):
        raise BadInput(
            f"{arn} brings the image {image or '(none)'}, which the stack's parameter PackageImages does not allow"
        )
    return FoundPackage(
        arn=arn,
        version=int(described.get("ModelPackageVersion", 1)),
        container={
            "Image": image,
            "Environment": dict(container.get("Environment", {})),
            "ModelDataSource": {"S3DataSource": _source(arn, container)},
        },
        instance_types=list(specification.get("SupportedRealtimeInferenceInstanceTypes", [])),
    )


def of_package(found: FoundPackage, use_case: UseCase, pattern: Candidate | None) -> PackageCandidate:
    """The package as a candidate of a use case, asked as the team asks its own (`pattern`)."""
    asked = pattern if pattern is not None and not isinstance(pattern, ApplicationCandidate) else None
    return PackageCandidate(
        id=CANDIDATE_ID,
        package=found,
        instance_type=next(iter([*_as_list(use_case.discovery.instance_type), *found.instance_types]), None)
        or endpoint_target(use_case.release).instance_type,
        prompt_template=asked.prompt_template if asked else INPUT_PLACE,
        decoding=asked.decoding if asked else Decoding(),
    )


def _as_list(value: str | None) -> list[str]:
    return [value] if value else []


def _source(arn: str, container: dict[str, Any]) -> dict[str, Any]:
    """Where the weights lie, in the newer of the two forms."""
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is None and (uri := container.get("ModelDataUrl")):
        source = {"S3Uri": uri, "S3DataType": "S3Object", "CompressionType": "Gzip"}
    try:
        location(str((source or {}).get("S3Uri", "")))
    except ValueError as error:
        raise BadInput(f"{arn} names no weights in S3") from error
    kept = ("S3Uri", "S3DataType", "CompressionType")
    return {name: source[name] for name in kept if name in source}
