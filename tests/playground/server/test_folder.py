"""Files of the folder are opened and saved, and nothing outside of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel.errors import UsageError
from playground.server.folder import LARGEST, MOST, Folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "lab"
    root.mkdir()
    (tmp_path / "secret.yaml").write_text("secret")
    (root / "a.yaml").write_text("a: 1\n")
    return root


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder(root)


OUTSIDE = [
    "../secret.yaml",
    "sub/../../secret.yaml",
    "/etc/passwd.yaml",
    "",
    ".",
    "..",
    "a.yaml/../../secret.yaml",
    ".hidden.yaml",
    ".git/config.yaml",
    "..\\secret.yaml",
    "a\0.yaml",
    "a\n.yaml",
    "\u202ea.yaml",
]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_elsewhere_is_refused(folder: Folder, name: str) -> None:
    with pytest.raises(UsageError):
        folder.read(name)
    with pytest.raises(UsageError):
        folder.write(name, "x", None)
    assert (folder.root.parent / "secret.yaml").read_text() == "secret"


@pytest.mark.parametrize("name", ["a.txt", "Makefile", "a.yaml.bak", "a.sh"])
def test_only_scenarios_and_policies_are_files_here(folder: Folder, name: str) -> None:
    with pytest.raises(UsageError, match=r"must be a scenario \(.yaml\) or a policy \(.py\)"):
        folder.write(name, "x", None)


def test_a_link_out_of_the_folder_is_refused(folder: Folder, root: Path) -> None:
    (root / "link.yaml").symlink_to(root.parent / "secret.yaml")
    (root / "new.yaml").symlink_to(root.parent / "made.yaml")
    (root / "up").symlink_to(root.parent)
    for name in ("link.yaml", "new.yaml", "up/secret.yaml"):
        with pytest.raises(UsageError, match="leads out of"):
            folder.read(name)
        with pytest.raises(UsageError, match="leads out of"):
            folder.write(name, "x", None)
    assert folder.names() == ["a.yaml"]
    assert not (root.parent / "made.yaml").exists()


def test_links_that_lead_to_each_other_are_refused(folder: Folder, root: Path) -> None:
    (root / "one.yaml").symlink_to("two.yaml")
    (root / "two.yaml").symlink_to("one.yaml")
    with pytest.raises(UsageError):
        folder.read("one.yaml")


def test_a_link_inside_the_folder_stays_one_when_its_file_is_saved(
    folder: Folder, root: Path
) -> None:
    (root / "same.yaml").symlink_to("a.yaml")
    text, version = folder.read("same.yaml")
    folder.write("same.yaml", text + "b: 2\n", version)
    assert (root / "same.yaml").is_symlink()
    assert (root / "a.yaml").read_text() == "a: 1\nb: 2\n"


def test_a_file_that_another_program_has_changed_is_not_written_over(
    folder: Folder, root: Path
) -> None:
    _, version = folder.read("a.yaml")
    (root / "a.yaml").write_text("other: 1\n")
    with pytest.raises(UsageError, match="was changed by another program"):
        folder.write("a.yaml", "mine: 1\n", version)
    assert (root / "a.yaml").read_text() == "other: 1\n"


def test_a_new_file_does_not_replace_one_that_is_there(folder: Folder) -> None:
    with pytest.raises(UsageError, match="is there already"):
        folder.write("a.yaml", "mine: 1\n", None)


def test_a_file_that_was_removed_meanwhile_is_saved_again(folder: Folder, root: Path) -> None:
    _, version = folder.read("a.yaml")
    (root / "a.yaml").unlink()
    folder.write("a.yaml", "mine: 1\n", version)
    assert (root / "a.yaml").read_text() == "mine: 1\n"


def test_a_file_that_cannot_be_written_stays_as_it_was(folder: Folder, root: Path) -> None:
    (root / "a.yaml").chmod(0o444)
    _, version = folder.read("a.yaml")
    with pytest.raises(UsageError, match="write-protected"):
        folder.write("a.yaml", "x", version)
    with pytest.raises(UsageError, match="there is no folder"):
        folder.write("nowhere/b.yaml", "x", None)
    assert [each.name for each in root.iterdir()] == ["a.yaml"]


def test_what_is_no_text_or_too_large_is_said(folder: Folder, root: Path) -> None:
    (root / "b.yaml").write_bytes(b"\xff\xfe")
    (root / "c.yaml").write_bytes(b"#" * (LARGEST + 1))
    (root / "d.yaml").mkdir()
    os.mkfifo(root / "e.yaml")
    for name, words in (
        ("b.yaml", "is not UTF-8 text"),
        ("c.yaml", "is larger than"),
        ("d.yaml", "cannot be read"),
        ("missing.yaml", "no such file"),
    ):
        with pytest.raises(UsageError, match=words):
            folder.read(name)
    with pytest.raises(UsageError, match="would be larger"):
        folder.write("a.yaml", "#" * (LARGEST + 1), folder.read("a.yaml")[1])


def test_hidden_folders_and_caches_are_not_listed_and_not_too_many(
    folder: Folder, root: Path
) -> None:
    for name in (".git/x.yaml", "__pycache__/x.py", "sub/policy.py"):
        (root / name).parent.mkdir()
        (root / name).write_text("")
    assert folder.names() == ["a.yaml", "sub/policy.py"]
    for number in range(MOST + 5):
        (root / f"many{number}.yaml").write_text("")
    assert len(folder.names()) == MOST


def test_policies_beside_a_scenario_go_with_it(folder: Folder, root: Path) -> None:
    (root / "sub").mkdir()
    for name in ("mine.py", "sub/other.py", "sub/helper.py"):
        (root / name).write_text(f"# {name}\n")
    assert folder.beside("a.yaml") == {"mine.py": "# mine.py\n"}
    assert set(folder.beside("sub/new.yaml")) == {"sub/other.py", "sub/helper.py"}
    assert folder.beside("../secret.yaml") == {}
    assert folder.beside("not/here.yaml") == {}
