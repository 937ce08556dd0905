"""The code's shape holds: no circle of imports, and no class or function too large to read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from benchmarks import structure
from tests.paths import ROOT

DEFENCE = "# What stays large\n"  # a section of docs/decisions.md; its items begin with the name


@cache
def _arrows() -> dict[str, set[str]]:
    return structure.imports(structure.sources())


def test_no_modules_import_each_other() -> None:
    assert structure.circles(_arrows()) == []


def test_no_folders_or_files_beside_each_other_import_each_other() -> None:
    assert structure.circles(structure.siblings(_arrows())) == []


def test_what_is_large_is_defended_in_the_decisions_and_nothing_else_is() -> None:
    pieces = structure.all_pieces(structure.sources())
    large = {piece.path: str(piece) for piece in pieces if piece.too_large}
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    section = decisions.partition(DEFENCE)[2].partition("\n#")[0]
    defended = set(re.findall(r"^- `([\w.]+)`", section, re.MULTILINE))
    assert sorted(large[name] for name in large.keys() - defended) == []
    assert sorted(defended - large.keys()) == []


def test_an_import_counts_inside_a_function_for_types_only_and_relative(tmp_path: Path) -> None:
    graph = _graph(
        tmp_path,
        {
            "kernel/a.py": "def f():\n    import sim.b\n",
            "sim/b.py": "if TYPE_CHECKING:\n    from timeline import c\n",
            "timeline/c.py": "from .d import x\n",
            "timeline/d.py": "from kernel.a import f\n",
        },
    )
    assert structure.circles(graph) == [["kernel.a", "sim.b", "timeline.c", "timeline.d"]]


def test_folders_form_a_circle_though_no_modules_do(tmp_path: Path) -> None:
    graph = _graph(
        tmp_path,
        {
            "kernel/memory/a.py": "import kernel.system.a\n",
            "kernel/system/a.py": "",
            "kernel/system/b.py": "import kernel.memory.b\n",
            "kernel/memory/b.py": "",
        },
    )
    assert structure.circles(graph) == []
    assert structure.circles(structure.siblings(graph)) == [["kernel.memory", "kernel.system"]]


def test_a_class_has_the_lines_that_a_reader_sees_and_a_function_lines_of_code() -> None:
    source = '''
class Queue:
    """Hold what waits."""

    def put(self):
        """Add one."""
        # a reason

        return 1
'''
    assert [str(piece) for piece in structure.pieces("kernel.queue", source)] == [
        "kernel.queue.Queue: 8 lines, 1 methods",
        "kernel.queue.Queue.put: 2 lines",
    ]


def _graph(root: Path, files: dict[str, str]) -> dict[str, set[str]]:
    (root / "cli.py").touch()
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return structure.imports(structure.sources(root))
