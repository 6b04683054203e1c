"""`build.sh` with programs in the place of Docker and of AWS' command line, and the sources that it is given."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.containers.test_dockerfiles import copied

VARIABLES = {
    "IMAGE": "fine-tune",
    "REGISTRY": "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "STACK": "fmops",
    "TAG": "abc",
    "PARAMETER": "/fmops/images/abc/fine-tune",
    "PYTHON_IMAGE": "python:3.11",
    "BERTSCORE_MODELS": "a/b",
}
# What it says of an image depends on whether one was pushed, which is a file.
AWS = """#!/bin/sh
echo "aws $*" >>"$LOG"
case "$1 $2" in
"ecr describe-images") [ -f "$PUSHED" ] && echo sha256:1 || { echo ImageNotFoundException >&2; exit 254; } ;;
"ecr get-login-password") echo secret ;;
esac
"""
DOCKER = """#!/bin/sh
echo "docker $*" >>"$LOG"
[ "$1" != login ] || cat >/dev/null
[ "$1" != build ] || [ -z "$BROKEN" ] || exit 1
[ "$1" != push ] || touch "$PUSHED"
"""


@pytest.fixture
def build(repo: Path, tmp_path: Path) -> "Build":
    for name, text in (("aws", AWS), ("docker", DOCKER)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return Build(repo, tmp_path)


class Build:
    def __init__(self, repo: Path, folder: Path) -> None:
        self._script, self._folder = repo / "containers" / "build.sh", folder
        (folder / "log").touch()

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self._folder}:{os.environ['PATH']}",
            "LOG": str(self._folder / "log"),
            "PUSHED": str(self._folder / "pushed"),
            **VARIABLES,
            **variables,
        }
        return subprocess.run(["bash", self._script], env=environment, capture_output=True, text=True, check=False)

    def called(self, program: str) -> list[str]:
        return [line for line in (self._folder / "log").read_text().splitlines() if line.startswith(program)]

    def pushed(self) -> None:
        (self._folder / "pushed").touch()


def test_an_image_is_built_pushed_and_written_down_by_its_digest(build: Build) -> None:
    done = build.run()

    uri = f"{VARIABLES['REGISTRY']}/fmops-fine-tune"
    assert (done.returncode, done.stdout.strip()) == (0, f"{uri}@sha256:1")
    _, made, push = build.called("docker")
    assert "--file containers/fine_tune/Dockerfile --build-arg PYTHON_IMAGE=python:3.11" in made
    # Only the other image knows models of BERTScore.
    assert "BERTSCORE" not in made
    assert push == f"docker push {uri}:abc"
    assert build.called("aws ssm") == [
        f"aws ssm put-parameter --name {VARIABLES['PARAMETER']} --type String --overwrite --value {uri}@sha256:1"
    ]


def test_sources_that_were_built_before_are_not_built_again(build: Build) -> None:
    build.pushed()

    assert build.run().returncode == 0
    assert build.called("docker") == []
    assert len(build.called("aws ssm")) == 1


def test_a_build_that_fails_writes_nothing_down(build: Build) -> None:
    assert build.run(BROKEN="yes").returncode != 0
    assert build.called("aws ssm") == []


def test_a_missing_variable_is_named(build: Build) -> None:
    done = build.run(IMAGE="")

    assert done.returncode != 0
    assert "IMAGE: which image: evaluate or fine-tune" in done.stderr


def test_the_sources_hold_all_that_the_dockerfiles_copy_and_the_script(repo: Path, tmp_path: Path) -> None:
    command = ["make", "--silent", "build-ContainersLayer", f"ARTIFACTS_DIR={tmp_path}"]
    subprocess.run(command, cwd=repo / "layers" / "images", check=True)

    needed = [source for name in ("evaluate", "fine_tune") for source in copied(repo / "containers" / name)]
    assert [source for source in [*needed, "containers/build.sh"] if not (tmp_path / source).exists()] == []
    # Rules that no image needs build no new image.
    assert not (tmp_path / "layers/fmops/fmops/approval").exists()
    assert [path for path in tmp_path.rglob("*") if path.is_symlink() or path.name == "__pycache__"] == []
