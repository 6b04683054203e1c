"""One container: the files and environment that SageMaker gives it, below a private root in place of /opt/ml."""

import json
import os
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.protocol import REGION, Aws
from local.sagemaker.records import invalid
from local.sagemaker.settings import JobSettings

ML = "/opt/ml"

# What a process needs of the machine that it runs on; everything else of this process' environment stays here.
_OF_THE_MACHINE = ("LANG", "LC_ALL", "LD_LIBRARY_PATH")
_OF_THE_MACHINE_PREFIXES = ("OPENBLAS_", "OMP_", "MKL_")


def repository(image: str) -> str:
    """The repository of an image URI, without registry, tag and digest."""
    path = image.partition("/")[2] or image
    return path.partition("@")[0].partition(":")[0]


def check_image(settings: JobSettings, image: str) -> None:
    """Raise what AWS answers when a job names an image that nobody pushed."""
    name = repository(image)
    if name not in settings.images:
        known = ", ".join(sorted(settings.images)) or "none"
        raise invalid(
            f"Cannot find repository: {name} in this registry. Please check if your ECR repository and image exist "
            f"and role has proper pull permissions for SageMaker. (Images of this embedded AWS: {known}.)"
        )


class Container:
    """The folder of one job. `ml` stands for /opt/ml."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ml = folder / "ml"
        self._work = folder / "work"
        self._temporary = folder / "tmp"
        self.make()

    def make(self) -> None:
        for path in (self.ml / "output", self._work, self._temporary):
            path.mkdir(parents=True, exist_ok=True)

    @property
    def work(self) -> Path:
        return self._work

    def path(self, path: str) -> Path:
        """Where /opt/ml/... lies on this machine."""
        return self.ml / Path(path).relative_to(ML)

    def write_config(self, name: str, value: Any) -> None:
        """`name` is relative to /opt/ml."""
        file = self.ml / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value, default=str, indent=1), encoding="utf-8")

    def read_output(self, name: str, limit: int) -> str | None:
        """The beginning of /opt/ml/output/<name>, or None. UnicodeDecodeError when it is not UTF-8."""
        file = self.ml / "output" / name
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            return stream.read(4 * limit + 4).decode("utf-8", "strict" if name == "message" else "replace")[:limit]

    def command(
        self, settings: JobSettings, image: str, entrypoint: Sequence[str], arguments: Sequence[str]
    ) -> list[str]:
        """What `docker run` would start. Paths below /opt/ml in it are those of this container."""
        parts = [*(entrypoint or settings.images[repository(image)]), *arguments]
        return [self._translated(fill(part, settings)) for part in parts]

    def environment(
        self, aws: Aws, settings: JobSettings, role: str, own: Mapping[str, str], *, isolated: bool
    ) -> dict[str, str]:
        """The container's environment; an isolated one gets neither credentials nor the address of AWS."""
        result = machine_environment(settings)
        result.update(settings.environment)
        result.update(
            {
                "HOME": str(self._work),
                "TMPDIR": str(self._temporary),
                "FMOPS_ML_ROOT": str(self.ml),
                "FMOPS_ASSETS": str(settings.assets),
                **own,
            }
        )
        if not isolated:
            result.update(aws_environment(aws, role))
        return result

    def clean(self) -> None:
        """The container is gone: free its disk. What it printed stays."""
        for path in (self.ml, self._work, self._temporary):
            shutil.rmtree(path, ignore_errors=True)

    def _translated(self, argument: str) -> str:
        return argument.replace(f"{ML}/", f"{self.ml}/")


def fill(part: str, settings: JobSettings) -> str:
    return part.replace("{python}", str(settings.python))


def machine_environment(settings: JobSettings) -> dict[str, str]:
    """PATH, with the jobs' interpreter first, and what numeric libraries need to know of this machine."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _OF_THE_MACHINE or name.startswith(_OF_THE_MACHINE_PREFIXES)
    }
    return {"LANG": "C.UTF-8", **kept, "PATH": f"{settings.python.parent}:{os.environ.get('PATH', os.defpath)}"}


def aws_environment(aws: Aws, role: str) -> dict[str, str]:
    """How a container reaches the embedded AWS as its role."""
    return {
        **aws.credentials_for(role),
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # Else botocore looks for an instance's metadata service when something is amiss.
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def pack(folder: Path, target: Path) -> None:
    """`model.tar.gz` of a folder; quickly, since it only travels on this machine."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
