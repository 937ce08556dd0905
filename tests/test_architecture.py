"""The docs name files, classes and functions that exist.

`kernel/system/system.py::System.settle` is a place, written as pytest writes it: the file must
exist and define the name there. A path that begins with one of our folders must exist (with `*`,
match something). A class, a module, a command and a target of make must exist, a link must lead
somewhere.
A message says where a name that has moved is now.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cli import cli
from tests.paths import DOCS, ROOT

PAGES = [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
FOLDERS = (
    *("benchmarks", "commands", "docs", "experiments", "kernel", "language", "multiprog"),
    *(
        "playground",
        "real",
        "report",
        "scenarios",
        "sim",
        "teaching",
        "tests",
        "timeline",
        "tools",
        "translation",
    ),
)
SPAN = re.compile(r"`([^`\n]+)`")
PLACE = re.compile(r"([\w./-]+\.py)::([\w.]+)")
PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./*-]*|cli\.py|pyproject\.toml")
MODULE = re.compile(rf"(?:{'|'.join(FOLDERS)})(?:\.\w+)+")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OF_A_STUDENT = ("report.py",)  # files that the pages speak of, and that are not ours
CLASS = re.compile(r"[A-Z]\w*[a-z]\w*(\.\w+)?")
OF_OTHERS = {
    "Barrier.wait",
    "Dockerfile",
    "InterpreterPoolExecutor",
    "README.md",
    "ProcessPoolExecutor",
    "Resource",
    "PriorityResource",
    "PreemptiveResource",
}
RUNS = re.compile(r"python -m ([\w.]+)|\bmake ([a-z][a-z-]*)`|cli\.py ([a-z][a-z-]*)\b(?!/)")
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def prose(page: Path) -> str:
    """The page without its code blocks, which other tests run or compare."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def spans(page: Path) -> list[str]:
    """What the page writes as code, within lines."""
    return list(dict.fromkeys(SPAN.findall(prose(page))))


@cache
def names_in(file: Path) -> frozenset[str]:
    """Each name that the file defines: `Class`, `Class.method`, `function`, `CONSTANT`."""
    return frozenset(_defined(ast.parse(file.read_text(encoding="utf-8")).body))


def _defined(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name
            yield from (f"{node.name}.{inner}" for inner in _defined(node.body))
        elif isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                yield from (part.id for part in parts if isinstance(part, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


@cache
def places() -> dict[str, list[str]]:
    """Where each last part of a name is defined in the project: `settle` in `…::System.settle`."""
    found = defaultdict(list)
    files = [ROOT / "cli.py", *(each for name in FOLDERS for each in (ROOT / name).rglob("*.py"))]
    for file in files:
        for name in names_in(file):
            found[name.rpartition(".")[2]].append(f"{file.relative_to(ROOT)}::{name}")
    return found


def missing(place: str) -> str | None:
    """Why the place does not exist, and where its name is defined now; None if it exists."""
    path, name = place.split("::")
    file = ROOT / path
    if file.is_file() and name in names_in(file):
        return None
    near = (f"{path}::", f"{Path(path).parent}/", f"{path.partition('/')[0]}/")  # the nearest first
    known = places().get(name.rpartition(".")[2], ())
    now = sorted(known, key=lambda one: [not one.startswith(each) for each in near])[:4]
    what = f"{path} does not define {name}" if file.is_file() else f"there is no {path}"
    return f"{place}: {what}" + (f"; now: {', '.join(now)}" if now else "")


def is_there(path: str) -> bool:
    """Whether the path exists, or, with `*`, matches something."""
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_path_on_a_page_exists(page: Path) -> None:
    paths = [span for span in spans(page) if PATH.fullmatch(span)]
    assert [path for path in paths if not is_there(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_place_on_a_page_is_defined_there(page: Path) -> None:
    found = [missing(span) for span in spans(page) if PLACE.fullmatch(span)]
    if wrong := [each for each in found if each is not None]:
        pytest.fail("\n".join(wrong))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_class_on_a_page_is_ours_or_known(page: Path) -> None:
    ours = {place.partition("::")[2] for known in places().values() for place in known}
    ours.update(OF_OTHERS, dir(builtins))
    named = [span for span in spans(page) if CLASS.fullmatch(span)]
    assert [name for name in named if name not in ours] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_on_a_page_exists(page: Path) -> None:
    for module, target, command in RUNS.findall(page.read_text(encoding="utf-8")):
        file = module.replace(".", "/")
        assert not module.startswith(FOLDERS) or is_there(file) or is_there(f"{file}.py"), module
        assert not target or target in TARGETS, target
        assert not command or command in cli.commands, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_module_on_a_page_exists(page: Path) -> None:
    wrong = []
    for span in spans(page):
        if MODULE.fullmatch(span) and span not in OF_A_STUDENT:
            path = span.replace(".", "/")
            above, _, name = span.rpartition(".")
            package = ROOT / above.replace(".", "/")
            files = [package / "__init__.py", package.with_suffix(".py")]
            texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
            known = any(re.search(rf"\b{name}\b", text) for text in texts)
            if not (is_there(path) or is_there(f"{path}.py") or known):
                wrong.append(span)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_link_on_a_page_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in LINK.findall(prose(page)):
        path, _, heading = link.partition("#")
        if "://" in path:
            continue
        file = page.parent / path if path else page
        if not file.exists() or (heading and heading not in anchors(file)):
            wrong.append(link)
    assert wrong == []


@cache
def anchors(page: Path) -> frozenset[str]:
    """The headings of a page, as links write them."""
    titles = re.findall(r"^#+ (.*)$", prose(page), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)


def test_the_map_names_many_places() -> None:
    assert sum(bool(PLACE.fullmatch(span)) for span in spans(DOCS / "architecture.md")) > 100


ENTRY = re.compile(r"^\*\*(.+?)\*\* (.*)$", re.MULTILINE)


def test_the_glossary_is_alphabetical_and_has_each_term_once() -> None:
    terms = [term.lower() for term, _ in ENTRY.findall(prose(DOCS / "glossary.md"))]
    assert len(terms) > 80
    assert terms == sorted(set(terms))


def test_each_term_of_the_glossary_names_its_place_in_the_code() -> None:
    entries = ENTRY.findall(prose(DOCS / "glossary.md"))
    assert [term for term, text in entries if "`" not in text] == []


def test_the_map_names_each_inner_folder_with_code() -> None:
    text = prose(DOCS / "architecture.md")
    inner = {file.parent for name in FOLDERS[1:] for file in (ROOT / name).rglob("*.py")}
    top = {folder for folder in inner if folder.relative_to(ROOT).parts[0] not in ("tests", "docs")}
    rooms = [folder.relative_to(ROOT).as_posix() for folder in top]
    deep = [room for room in rooms if room.count("/") <= 1 and room != "scenarios"]
    assert sorted(room for room in deep if f"`{room}/" not in text) == []
