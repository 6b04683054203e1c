"""The digest of a folder's source stands for its files, and for nothing else."""

from pathlib import Path

from fmops.core.version import folder_digest, library_digest


def test_digest_changes_with_a_file_and_not_with_the_place(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rule.py").write_text("LIMIT = 1\n")
    (tmp_path / "other" / "rule.pyc").write_bytes(b"compiled")

    same = folder_digest(tmp_path / "one") == folder_digest(tmp_path / "other")
    (tmp_path / "other" / "rule.py").write_text("LIMIT = 2\n")

    assert same
    assert folder_digest(tmp_path / "one") != folder_digest(tmp_path / "other")


def test_library_has_a_digest() -> None:
    assert library_digest().startswith("sha256:")
