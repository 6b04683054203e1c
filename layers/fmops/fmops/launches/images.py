"""The container images of the jobs: the stack has them built after it is deployed, and knows them by digest."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from fmops.core.errors import NotReady


class Image(StrEnum):
    """One for each folder of `containers/`."""

    EVALUATE = "evaluate"
    FINE_TUNE = "fine-tune"


def parameter(path: str, image: Image) -> str:
    """Where the build of an image writes which one it pushed: a name for each version of the sources."""
    return f"{path}/{image}"


class Images:
    """Those built of the sources that this deployment brought. `path` ends with the sources' tag."""

    def __init__(self, ssm: Any, path: str) -> None:
        """`ssm` is a boto3 client of Systems Manager."""
        self._ssm, self._path = ssm, path

    def of(self, wanted: Iterable[Image]) -> dict[Image, str]:
        """Their URIs with digests. NotReady where one is not built yet."""
        images = {parameter(self._path, image): image for image in wanted}
        answer = self._ssm.get_parameters(Names=list(images))
        if missing := answer["InvalidParameters"]:
            names = ", ".join(sorted(images[name] for name in missing))
            raise NotReady(
                f"NOT_READY: images are being built: {names}. That takes about half an hour after a deployment, and "
                "what needs them waits; `fmops images` shows how far they are and what to do"
            )
        return {images[found["Name"]]: str(found["Value"]) for found in answer["Parameters"]}

    def one(self, image: Image) -> str:
        """The same for one."""
        return self.of([image])[image]
