"""The rooms' rules find a forbidden import, and leave an allowed one alone."""

from pathlib import Path

import pytest

from tools import check_imports


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    write(tmp_path, "layers/fmops/fmops/core/ids.py", "import hashlib\n")
    write(tmp_path, "layers/fmops/fmops/core/ledger.py", "import boto3\n")
    write(tmp_path, "layers/fmops/fmops/core/settings.py", "import os\nhome = os.environ['HOME']\n")
    write(tmp_path, "layers/fmops/fmops/text/plain.py", "from fmops.core import ids\n")
    write(tmp_path, "layers/fmops/fmops/text/stored.py", "from fmops.core.ledger import Ledger\n")
    return tmp_path


def write(root: Path, path: str, text: str) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def problems(root: Path, path: str, text: str) -> list[str]:
    return list(check_imports.check(write(root, path, text), root))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("layers/fmops/fmops/links/keys.py", "from fmops.core.ids import short_hash\n"),
        (
            "layers/fmops/fmops/links/keys.py",
            "from fmops.links.other import x\nfrom . import other\nfrom ..core import ids\n",
        ),
        ("layers/fmops/fmops/approval/page.py", "from fmops.selection.models import Report\n"),
        ("layers/fmops/fmops/statistics/means.py", "import math\nimport numpy as np\n"),
        ("functions/intake/register/app.py", "from fmops.datasets import intake\nimport boto3\n"),
        ("containers/evaluate/main.py", "import torch\nfrom fmops.text.plain import squash\n"),
        ("local/console/page.py", "from local.server import Server\nfrom fmops.core import ids\n"),
    ],
)
def test_an_allowed_import_is_no_finding(repository: Path, path: str, text: str) -> None:
    assert problems(repository, path, text) == []


@pytest.mark.parametrize(
    ("path", "text", "finding"),
    [
        ("layers/fmops/fmops/core/a.py", "from fmops.text import plain\n", "core may not import fmops.text.plain"),
        ("layers/fmops/fmops/links/a.py", "from ..text import plain\n", "links may not import fmops.text.plain"),
        (
            "layers/fmops/fmops/approval/a.py",
            "from fmops.selection import gate\n",
            "approval may not import fmops.selection.gate",
        ),
        (
            "layers/fmops/fmops/approval/a.py",
            "import fmops.selection.models_of_others\n",
            "approval may not import fmops.selection.models_of_others",
        ),
        ("layers/fmops/fmops/core/a.py", "def f():\n    import local.clock\n", "layers may not import local.clock"),
        (
            "functions/intake/a/app.py",
            "from containers.evaluate import main\n",
            "functions may not import containers.evaluate.main",
        ),
        (
            "layers/fmops/fmops/core/a.py",
            "import requests\n",
            "requests is not among the packages that may be used here",
        ),
        (
            "layers/fmops/fmops/statistics/a.py",
            "import boto3\n",
            "boto3 is not among the packages that may be used here",
        ),
        (
            "containers/evaluate/main.py",
            "from fmops.release import gate\n",
            "a container may not import fmops.release.gate",
        ),
        (
            "containers/evaluate/main.py",
            "from fmops.text import stored\n",
            "fmops.text.stored leads to AWS: fmops.text.stored -> fmops.core.ledger.Ledger -> boto3",
        ),
        (
            "functions/intake/a/app.py",
            "import os\nx = os.environ['A']\n",
            "only core/settings.py reads the environment",
        ),
        ("layers/fmops/fmops/core/a.py", "from os import getenv\n", "only core/settings.py reads the environment"),
        ("layers/fmops/fmops/parlour/a.py", "\n", "parlour is no room of the table in tools/check_imports.py"),
    ],
)
def test_a_forbidden_import_is_found(repository: Path, path: str, text: str, finding: str) -> None:
    found = problems(repository, path, text)

    assert len(found) == 1
    assert found[0].partition(": ")[2] == finding


def test_the_settings_may_read_the_environment(repository: Path) -> None:
    settings = repository / "layers/fmops/fmops/core/settings.py"

    assert list(check_imports.check(settings, repository)) == []


def test_a_finding_names_file_and_line(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, "layers/fmops/fmops/core/a.py", "import json\nfrom fmops.text import plain\n")

    assert check_imports.main(repository) == 1
    assert capsys.readouterr().out == "layers/fmops/fmops/core/a.py:2: core may not import fmops.text.plain\n"


def test_a_repository_without_code_fails(tmp_path: Path) -> None:
    assert check_imports.main(tmp_path) == 1
