"""`fmops images`: how far the build of the jobs' images is, and starting it again."""

from typing import Annotated, Any, NamedTuple

import typer

from fmops.launches.images import Image, parameter
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.target import Target

_UNDER_WAY = "IN_PROGRESS"
# The newest ones: of each image the last build of these sources counts.
_LOOK_AT = 50


class Built(NamedTuple):
    """One image of this deployment."""

    image: Image
    uri: str | None
    """With its digest; None where it is not built."""
    build: dict[str, Any] | None
    """The last build of these sources, as CodeBuild shows it."""

    @property
    def state(self) -> str:
        if self.uri:
            return "ready"
        if self.build is None:
            return "never started"
        return "being built" if self.build["buildStatus"] == _UNDER_WAY else "failed"

    @property
    def advice(self) -> str:
        match self.state:
            case "ready":
                return str(self.uri)
            case "being built":
                return "runs that need it wait for it; it takes about half an hour"
            case "failed" if self.build:
                return f"see {self.build['logs'].get('deepLink', 'its log')}, then `fmops images --build`"
            case _:
                return "deploy the stack again: its resource JobImages starts the builds"


def images(
    build: Annotated[bool, typer.Option("--build", help="Start those again that could not be built.")] = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Show whether the images of the jobs are built; the exit code is 1 where one could not be."""
    target = find(stack)
    found = states(target)
    started = []
    for one in found:
        if build and one.state == "failed" and one.build:
            target.client("codebuild").retry_build(id=one.build["id"])
            started.append(one.image)
    if as_json:
        print_json({"images": [_plain(one) for one in found], "started": started})
    else:
        table = new_table("image", "state", "")
        for one in found:
            table.add_row(one.image, one.state, one.advice)
        out.print(table)
        if started:
            out.print(f"\nstarted again: {', '.join(started)}")
    if broken := [one.image for one in found if one.state in ("failed", "never started") and one.image not in started]:
        raise CommandFailed(f"not built, and nothing is under way: {', '.join(broken)}")


def states(target: Target) -> list[Built]:
    """Every image of this deployment."""
    path = target.output("ImagesPath")
    names = {parameter(path, image): image for image in Image}
    written = target.client("ssm").get_parameters(Names=list(names))["Parameters"]
    uris = {names[one["Name"]]: str(one["Value"]) for one in written}
    builds = _builds(target, path.rsplit("/", 1)[1])
    return [Built(image, uris.get(image), builds.get(image)) for image in Image]


def _builds(target: Target, tag: str) -> dict[Image, dict[str, Any]]:
    """The last build of each image of these sources."""
    codebuild = target.client("codebuild")
    ids = codebuild.list_builds_for_project(projectName=target.output("ImagesProjectName"))["ids"][:_LOOK_AT]
    found: dict[Image, dict[str, Any]] = {}
    for build in codebuild.batch_get_builds(ids=ids)["builds"] if ids else []:
        variables = {one["name"]: one["value"] for one in build["environment"]["environmentVariables"]}
        if variables.get("TAG") == tag:
            known = found.setdefault(Image(variables["IMAGE"]), build)
            if build["startTime"] > known["startTime"]:
                found[Image(variables["IMAGE"])] = build
    return found


def _plain(one: Built) -> dict[str, Any]:
    return {"image": one.image, "state": one.state, "uri": one.uri, "build": one.build and one.build["id"]}
