"""The images install what the tests ran with, and carry what the code imports."""

import ast
import json
import re
from pathlib import Path

import pytest

CONTAINERS = ("fine_tune", "evaluate")


@pytest.fixture(params=CONTAINERS)
def container(request: pytest.FixtureRequest, repo: Path) -> Path:
    return repo / "containers" / str(request.param)


def dockerfile(container: Path) -> str:
    return (container / "Dockerfile").read_text().replace("\\\n", " ")


def copied(container: Path) -> list[str]:
    lines = re.findall(r"^COPY (.+)$", dockerfile(container), re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_torch_is_the_version_that_set_up_installs(container: Path, repo: Path) -> None:
    pinned = set(re.findall(r"torch==[\d.]+", dockerfile(container)))

    assert pinned == set(re.findall(r"torch==[\d.]+", (repo / "Makefile").read_text()))
    assert len(pinned) == 1


def test_everything_else_comes_from_the_lock_by_hash(container: Path) -> None:
    installs = re.findall(r"pip install (.+)$", dockerfile(container), re.MULTILINE)

    assert installs == [
        "--no-cache-dir ${TORCH_INSTALL}",
        "--no-cache-dir --no-deps --require-hashes -r /opt/fmops/jobs.txt",
    ]
    assert "requirements/jobs.txt" in copied(container)


def test_all_that_is_copied_is_there(container: Path, repo: Path) -> None:
    assert [source for source in copied(container) if not (repo / source).exists()] == []


def test_the_image_carries_every_module_of_the_library_that_the_code_imports(container: Path, repo: Path) -> None:
    library = repo / "layers" / "fmops"
    imported = {
        node.module
        for file in container.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("fmops.")
    }

    files = [library / f"{module.replace('.', '/')}.py" for module in imported]

    sources = [repo / source for source in copied(container)]
    assert files
    assert [file for file in files if not any(file.is_relative_to(source) for source in sources)] == []


def test_the_entrypoint_is_in_exec_form_so_that_signals_arrive(container: Path) -> None:
    (entrypoint,) = re.findall(r"^ENTRYPOINT (.+)$", dockerfile(container), re.MULTILINE)

    assert json.loads(entrypoint) == ["python", f"/opt/fmops/containers/{container.name}/main.py"]
    assert (container / "main.py").is_file()
