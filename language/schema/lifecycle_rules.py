"""Rules between lifecycle steps and the places where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from language.schema.written_programs import programs_of, steps_in
from language.source.errors import Problem
from language.source.tree import Node


def lifecycle_problems(file: str, root: Node) -> Iterator[Problem]:
    """Yield a problem for each `finally` in a repetition.

    A `finally` concerns the rest of its program, and a repetition has no rest.
    """
    for path, program in programs_of(root):
        for place, key, step in steps_in(path, program):
            if key == "finally" and "repeat" in place[len(path) :]:
                message = (
                    "stands in a repeat; write it outside, as it concerns the rest of the program"
                )
                yield step.key_problem(file, (*place, key), message)
