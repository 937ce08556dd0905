"""Print the sizes of the code by folder, what is too large, and all circles of imports.

    python -m benchmarks.structure [CHECKOUT]

CHECKOUT is another copy of the project, such as an older commit, to compare with; without it the
project of this file is read. `make structure` does that. `tests/test_structure.py` fails if this
script finds a circle, or a size that `docs/decisions.md` does not defend.

The lines of a class are all lines from `class` to its end, with docstrings, comments and blank
lines. The lines of a function and of a folder are lines of code, without these. All imports count:
at the top of a file, inside a function, and for types only.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
FOLDERS = (
    "multiprog",
    "commands",
    "experiments",
    "language",
    "kernel",
    "sim",
    "timeline",
    "translation",
    "real",
    "report",
)
MOST_CLASS_LINES, MOST_METHODS, MOST_FUNCTION_LINES = 250, 25, 45
NO_CODE = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)

DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Piece(NamedTuple):
    """A function or a class: its module, its name in that module, and its size."""

    module: str
    name: str
    lines: int
    methods: int | None = None  # of a class; None for a function

    @property
    def path(self) -> str:
        """The full name, with the module."""
        return f"{self.module}.{self.name}"

    @property
    def too_large(self) -> bool:
        """Whether it is beyond the limits for a class or for a function."""
        if self.methods is None:
            return self.lines > MOST_FUNCTION_LINES
        return self.lines > MOST_CLASS_LINES or self.methods > MOST_METHODS

    def __str__(self) -> str:
        methods = "" if self.methods is None else f", {self.methods} methods"
        return f"{self.path}: {self.lines} lines{methods}"


def sources(root: Path = ROOT) -> dict[str, Path]:
    """Return the name of every module of the project, and its file.

    Of `scenarios/` only the files directly in it count. Its folders hold scenarios, and files that
    students keep with them.
    """
    files = [root / "cli.py", *sorted((root / "scenarios").glob("*.py"))]
    for folder in FOLDERS:
        files += sorted((root / folder).rglob("*.py"))
    return {_module(file.relative_to(root)): file for file in files}


def _module(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def code_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold code: no docstring, no comment, not blank."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            found.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def pieces(module: str, source: str) -> Iterator[Piece]:
    """Yield every function and class of a module, nested ones too, in the order of the source."""
    code = code_lines(source)

    def below(node: ast.AST, outer: str) -> Iterator[Piece]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, DEFINITION):
                yield from below(child, outer)
                continue
            name = f"{outer}{child.name}"
            seen = range(child.lineno, (child.end_lineno or child.lineno) + 1)
            if isinstance(child, ast.ClassDef):
                methods = sum(isinstance(part, DEFINITION) for part in child.body)
                yield Piece(module, name, len(seen), methods)
            else:
                yield Piece(module, name, len(code.intersection(seen)))
            yield from below(child, f"{name}.")

    return below(ast.parse(source), "")


def all_pieces(modules: Mapping[str, Path]) -> list[Piece]:
    """Return every function and class of the given modules."""
    return [
        piece for name, file in modules.items() for piece in pieces(name, file.read_text("utf-8"))
    ]


def imports(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return for each of the given modules which of them it imports, anywhere in the file."""
    return {
        module: {
            name
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            for name in _imported(node, module, file, modules)
            if name in modules and name != module
        }
        for module, file in modules.items()
    }


def _imported(node: ast.AST, module: str, file: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:  # relative to the package of the module, or to the module if it is one
            parts = module.split(".")
            kept = len(parts) - node.level + (file.name == "__init__.py")
            base = ".".join([*parts[:kept], *base.split(".")]).rstrip(".")
        for alias in node.names:
            whole = f"{base}.{alias.name}"
            yield whole if whole in modules else base


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """Return each set of two or more nodes that reach one another (Tarjan's algorithm, 1972)."""
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


def siblings(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the imports between siblings: modules and packages directly in the same folder.

    If `real.worker.process` imports `real.host.cpus`, then `real.worker` imports `real.host`. A
    module and the package that contains it are no siblings.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for module, others in graph.items():
        for other in others:
            pairs = list(zip(module.split("."), other.split("."), strict=False))
            for depth, (ours, theirs) in enumerate(pairs):
                if ours != theirs:
                    above = [name for name, _ in pairs[:depth]]
                    found[".".join([*above, ours])].add(".".join([*above, theirs]))
                    found.setdefault(".".join([*above, theirs]), set())
                    break
    return found


def _row(folder: str, files: Iterable[Path], inside: list[Piece]) -> str:
    functions = [piece.lines for piece in inside if piece.methods is None]
    most = quantiles(functions, n=10)[-1] if len(functions) > 1 else sum(functions)
    classes = [piece for piece in inside if piece.methods is not None] or [Piece("", "none", 0, 0)]
    longest = max(classes, key=lambda piece: piece.lines)
    fullest = max(classes, key=lambda piece: piece.methods or 0)
    texts = [file.read_text("utf-8") for file in files]
    cells = (
        folder,
        len(texts),
        sum(len(code_lines(text)) for text in texts),
        len(functions),
        f"{median(functions or [0]):.0f}",
        f"{most:.0f}",
        f"{longest.name} {longest.lines}",
        f"{fullest.name} {fullest.methods}",
    )
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _table(found: list[Piece], files: Mapping[str, Path]) -> Iterator[str]:
    yield "| folder | files | lines | functions | median | 90 % | longest class | most methods |"
    yield "|---|---|---|---|---|---|---|---|"
    for folder in dict.fromkeys(name.split(".")[0] for name in files):
        inside = [piece for piece in found if piece.module.split(".")[0] == folder]
        of_it = [file for name, file in files.items() if name.split(".")[0] == folder]
        yield _row(folder, of_it, inside)
    yield _row("all", files.values(), found)


def main(arguments: list[str]) -> int:
    """Print the table, what is too large, and the circles. Return 1 if there is a circle."""
    files = sources(Path(arguments[0]) if arguments else ROOT)
    found = all_pieces(files)
    print("\n".join(_table(found, files)))
    for piece in found:
        if piece.too_large:
            print(f"large: {piece}")
    graph = imports(files)
    modules, folders = circles(graph), circles(siblings(graph))
    for circle in modules:
        print(f"circle of modules: {', '.join(circle)}")
    for circle in folders:
        print(f"circle of siblings: {', '.join(circle)}")
    print(f"{len(modules)} circles of modules, {len(folders)} circles of siblings")
    return 1 if modules or folders else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
