"""Hold pages, docstrings and messages to the rules: `python -m tools.prose.check` (`make lint`).

A sentence that breaks a rule is printed with its file and line, and what to write in its place.
`docs/decisions.md` may use long sentences: it records how something came about.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.prose.rules import IN_SCENARIOS, MOST_IN_A_PART, MOST_WORDS, RULES, broken
from tools.prose.sentences import of_page, of_program, of_scenario

ROOT = Path(__file__).parent.parent.parent
PAGES = ("docs/**/*.md", "README.md", "CONTRIBUTING.md")
PROGRAMS = ("cli.py", *(f"{folder}/**/*.py" for folder in ("commands", "report", "teaching")))
PROGRAMS += tuple(
    f"{folder}/**/*.py"
    for folder in ("timeline", "language", "experiments", "tools", "translation")
)
SCENARIOS = "scenarios/**/*.yaml"
READERS = {
    ".md": (of_page, RULES),
    ".py": (of_program, RULES),
    ".yaml": (of_scenario, IN_SCENARIOS),
}
RECORDS = {"docs/decisions.md": (70, 60)}
"""Pages with other bounds for the words of a sentence, and of a part of it."""
NOT_PROSE = {"tools/prose/rules.py", "language/convert/imports/headings.py"}


def mistakes(root: Path = ROOT) -> Iterator[str]:
    """Yield a line for each sentence that breaks a rule."""
    for pattern in (*PAGES, *PROGRAMS, SCENARIOS):
        for file in sorted(root.glob(pattern)):
            name = file.relative_to(root).as_posix()
            if name in NOT_PROSE:
                continue
            text = file.read_text(encoding="utf-8")
            bounds = RECORDS.get(name, (MOST_WORDS, MOST_IN_A_PART))
            read, rules = READERS[file.suffix]
            for line, sentence in read(text):
                for what in broken(sentence, *bounds, rules):
                    yield f"{name}:{line}: {what}: {sentence[:160]}"


def main() -> int:
    """Print all mistakes; return 1 if there are any."""
    found = list(mistakes())
    for each in found:
        print(each)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
