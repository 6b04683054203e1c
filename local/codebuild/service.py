"""CodeBuild without Docker: a build does what `containers/build.sh` would do with AWS, and pushes no layers."""

import hashlib
import json
import threading
import uuid
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from local.codebuild.builds import Build, Project, arn
from local.protocol import Aws, AwsError, Caller, Service

_NEEDED = ("SOURCES", "REGISTRY", "STACK", "IMAGE", "TAG", "PARAMETER")
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class CodeBuild(Service):
    """Builds are over when StartBuild answers: on this machine commands stand in for images, so there is none to make.

    With the project's role a build reads its sources, pushes a manifest that names them, and writes the parameter. So
    the rights, the digest and the events are real; the Dockerfiles are executed by a test of their own.
    """

    name: ClassVar[str] = "codebuild"

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._guard = threading.Lock()
        self._projects: dict[str, Project] = {}
        self._builds: dict[str, Build] = {}

    def create_project(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        name = request["name"]
        with self._guard:
            if name in self._projects:
                raise AwsError("ResourceAlreadyExistsException", f"Project already exists: {arn('project', name)}")
            made = self._projects[name] = Project(name, request, self._aws.clock.datetime())
        return {"project": made.shown()}

    def batch_get_projects(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        found = [self._projects[name] for name in request["names"] if name in self._projects]
        missing = [name for name in request["names"] if name not in self._projects]
        return {"projects": [project.shown() for project in found], "projectsNotFound": missing}

    def start_build(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        project = self._project(request["projectName"])
        return self._started(project, request.get("environmentVariablesOverride", []), request.get("idempotencyToken"))

    def retry_build(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        earlier = self._builds.get(request["id"])
        if earlier is None:
            raise AwsError("ResourceNotFoundException", f"Build {request['id']} not found")
        return self._started(earlier.project, earlier.overrides, request.get("idempotencyToken"))

    def batch_get_builds(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        found = [self._builds[one] for one in request["ids"] if one in self._builds]
        missing = [one for one in request["ids"] if one not in self._builds]
        return {"builds": [build.shown() for build in found], "buildsNotFound": missing}

    def list_builds_for_project(self, request: dict[str, Any], _caller: Caller) -> dict[str, Any]:
        project = self._project(request["projectName"])
        ids = [build.id for build in self._builds.values() if build.project.name == project.name]
        return {"ids": ids if request.get("sortOrder") == "ASCENDING" else ids[::-1]}

    def _project(self, name: str) -> Project:
        if name not in self._projects:
            raise AwsError("ResourceNotFoundException", f"Project cannot be found: {arn('project', name)}")
        return self._projects[name]

    def _started(self, project: Project, overrides: list[dict[str, Any]], token: str | None) -> dict[str, Any]:
        with self._guard:
            known = [one for one in self._builds.values() if token and one.token == token]
            if known:
                return {"build": known[0].shown()}
            now = self._aws.clock.datetime()
            number = 1 + sum(one.project.name == project.name for one in self._builds.values())
            build = Build(f"{project.name}:{uuid.uuid4()}", number, project, overrides, now, token=token)
            self._builds[build.id] = build
        answer = {"build": build.shown()}
        self._tell(build)
        try:
            self._run(build)
            build.status = "SUCCEEDED"
        except (ClientError, AwsError) as error:
            build.status, build.problem = "FAILED", str(error)
        build.ended = self._aws.clock.datetime()
        self._tell(build)
        return answer

    def _run(self, build: Build) -> None:
        if missing := [name for name in _NEEDED if not build.variables.get(name)]:
            raise AwsError("COMMAND_EXECUTION_ERROR", f"these variables are not set: {', '.join(missing)}")
        sources, registry, stack, image, tag, parameter = (build.variables[name] for name in _NEEDED)
        role = build.project.request["serviceRole"]
        self._aws.client("lambda", role).get_layer_version_by_arn(Arn=sources)
        repository, ecr = f"{stack}-{image}", self._aws.client("ecr", role)
        try:
            digest = self._digest(ecr, repository, tag)
        except ecr.exceptions.ImageNotFoundException:
            manifest = _manifest(build)
            digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
            ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest, imageDigest=digest)
        self._aws.client("ssm", role).put_parameter(
            Name=parameter, Type="String", Overwrite=True, Value=f"{registry}/{repository}@{digest}"
        )

    @staticmethod
    def _digest(ecr: Any, repository: str, tag: str) -> str:
        found = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
        digest: str = found[0]["imageDigest"]
        return digest

    def _tell(self, build: Build) -> None:
        self._aws.emit("aws.codebuild", "CodeBuild Build State Change", build.event(), [build.arn])


def _manifest(build: Build) -> str:
    """A manifest that differs as the sources do."""
    return json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST, "layers": [], "labels": build.variables})
