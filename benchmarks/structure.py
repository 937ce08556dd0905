"""What the code is made of, by folder, and its circles of imports: `make structure`.

Lines are those of the source without docstrings, comments and blank lines. An import counts
wherever it stands: at the top of a file, inside a function, or for types only.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
FOLDERS = ("commands", "language", "kernel", "sim", "timeline", "real", "report")
MOST_CLASS_LINES, MOST_METHODS, MOST_FUNCTION_LINES = 250, 25, 45


class Piece(NamedTuple):
    """A function or a class: where it is, and how large."""

    module: str
    name: str
    lines: int
    methods: int = 0  # of a class

    @property
    def too_large(self) -> bool:
        """Is it a class or function beyond the limits?"""
        if self.methods:
            return self.lines > MOST_CLASS_LINES or self.methods > MOST_METHODS
        return self.lines > MOST_FUNCTION_LINES


def sources() -> dict[str, Path]:
    """Every module of the project: its name to its file."""
    files = [ROOT / "cli.py"]
    for folder in FOLDERS:
        files += sorted((ROOT / folder).rglob("*.py"))
    return {_module(file): file for file in files}


def _module(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code: no docstring, no comment, not blank."""
    kinds = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in kinds:
            found.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def pieces(module: str, source: str) -> Iterator[Piece]:
    """Every function and class of a module."""
    code = code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            lines = len(code.intersection(range(node.lineno, (node.end_lineno or 0) + 1)))
            methods = 0
            if isinstance(node, ast.ClassDef):
                methods = sum(isinstance(part, ast.FunctionDef) for part in node.body) or 1
            yield Piece(module, node.name, lines, methods)


def imports(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Which modules of the project each module imports, wherever the import stands."""
    found: dict[str, set[str]] = {}
    for module, file in modules.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.update(
                    full if (full := f"{node.module}.{alias.name}") in modules else node.module
                    for alias in node.names
                )
        found[module] = {name for name in names if name in modules and name != module}
    return found


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Sets of modules that import each other, directly or through others (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return [circle for circle in found if len(circle) > 1]


def packages(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same arrows between siblings: for each folder, between what lies directly in it."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, others in graph.items():
        for other in others:
            left, right = module.split("."), other.split(".")
            shared = next(
                (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None
            )
            if shared is not None:
                a, b = (".".join(name[: shared + 1]) for name in (left, right))
                found[a].add(b)
                found.setdefault(b, set())
    return found


def _table(found: list[Piece], files: Mapping[str, Path]) -> Iterator[str]:
    yield "| folder | files | lines | functions | median | 90 % | largest class | most methods |"
    yield "|---|---|---|---|---|---|---|---|"
    for folder in FOLDERS:
        inside = [piece for piece in found if piece.module.split(".")[0] == folder]
        functions = [piece.lines for piece in inside if not piece.methods]
        classes = [piece for piece in inside if piece.methods]
        texts = [
            file.read_text(encoding="utf-8")
            for name, file in files.items()
            if name.split(".")[0] == folder
        ]
        widest = max(classes, key=lambda piece: piece.lines)
        busiest = max(classes, key=lambda piece: piece.methods)
        yield (
            f"| {folder} | {len(texts)} | {sum(len(code_lines(text)) for text in texts)} "
            f"| {len(functions)} | {median(functions):.0f} | {quantiles(functions, n=10)[-1]:.0f} "
            f"| {widest.name} {widest.lines} | {busiest.name} {busiest.methods} |"
        )


def main() -> int:
    """Print the table, what is too large, and the circles. 1 if there is a circle."""
    files = sources()
    found = [
        piece for name, file in files.items() for piece in pieces(name, file.read_text("utf-8"))
    ]
    print("\n".join(_table(found, files)))
    for piece in found:
        if piece.too_large:
            of = f", {piece.methods} methods" if piece.methods else ""
            print(f"large: {piece.module}.{piece.name}: {piece.lines} lines{of}")
    graph = imports(files)
    wrong = circles(graph)
    between = circles(packages(graph))
    for circle in wrong:
        print(f"circle of modules: {', '.join(circle)}")
    for circle in between:
        print(f"circle of siblings: {', '.join(circle)}")
    print(f"{len(wrong)} circles of modules, {len(between)} circles of siblings")
    return 1 if wrong or between else 0


if __name__ == "__main__":
    sys.exit(main())
