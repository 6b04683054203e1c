"""A lock that no longer fits its sources is found without a registry."""

import shutil
from pathlib import Path

import pytest

from tools import check_locks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("requirements", "layers/deps", "layers/numpy", "layers/profile"):
        shutil.copytree(check_locks.ROOT / folder, tmp_path / folder)
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_locks_of_this_repository_fit(root: Path) -> None:
    assert list(check_locks.lock_problems(root)) == []


def test_a_requirement_that_is_not_locked_is_found(root: Path) -> None:
    (root / "requirements/local.in").write_text("flask>=3  # pages\n")

    assert list(check_locks.lock_problems(root)) == [
        "requirements/dev.txt has flask not at all, local.in wants flask>=3"
    ]


def test_a_version_that_the_source_excludes_is_found(root: Path) -> None:
    (root / "requirements/jobs.in").write_text("numpy>=99\n")

    assert list(check_locks.lock_problems(root)) == ["requirements/jobs.txt has numpy 1.26.4, jobs.in wants numpy>=99"]


def test_a_layer_that_carries_another_version_than_the_tests_is_found(root: Path) -> None:
    lock = root / "layers/deps/requirements.txt"
    tested = check_locks.pins(lock.read_text())["urllib3"]
    change(lock, f"urllib3=={tested}", "urllib3==0.1")

    assert list(check_locks.lock_problems(root)) == [
        f"layers/deps/requirements.txt has urllib3 0.1, the tests run with {tested}"
    ]


def test_an_address_in_a_lock_is_found(root: Path) -> None:
    lock = root / "requirements/sam.txt"
    lock.write_text(f"--index-url https://packages.example.com/simple\n{lock.read_text()}")

    assert list(check_locks.lock_problems(root)) == ["requirements/sam.txt names an address"]


def test_a_package_without_a_hash_is_found(root: Path) -> None:
    lock = root / "requirements/assets.txt"
    lock.write_text("".join(line for line in lock.read_text().splitlines(keepends=True) if "--hash" not in line))

    assert list(check_locks.lock_problems(root)) == ["requirements/assets.txt has packages without a hash"]
