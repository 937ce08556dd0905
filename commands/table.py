"""The commands of Multiprog by group: what `--help` says of each, and where each is defined.

`--help` needs nothing but this table; the module of a command is imported when it is called.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One command. `help` is the first sentence of its docstring; a test compares them."""

    name: str
    module: str  # in commands/cli, or its whole name; its object `command` is the command
    help: str


GROUPS: dict[str, tuple[Entry, ...]] = {
    "Run a scenario": (
        Entry("simulate", "simulate", "Run the model of a scenario."),
        Entry("run-real", "run_real", "Run a scenario on real processes."),
        Entry("compare", "compare", "Compare the model with a real run, or two saved runs."),
        Entry("sweep", "sweep", "Run a scenario at many points, with replications."),
        Entry(
            "playground",
            "playground.command",
            "Open the playground in the browser, real runs included.",
        ),
    ),
    "Learn and teach": (
        Entry("lessons", "lessons", "List the lessons, textbook examples or exercises."),
        Entry("policies", "policies", "List the scheduling policies, or describe one."),
        Entry("exercise", "exercise", "Pose an exercise, with other numbers for each student."),
        Entry(
            "answer", "answer", "Answer an exercise in the terminal, then see the right answers."
        ),
        Entry("grade", "grade", "Grade answers, and name the misconceptions behind wrong ones."),
    ),
    "Scenarios of your own": (
        Entry("check", "check", "Validate scenario files."),
        Entry("import", "import_", "Make a scenario from a table, a trace or a job log."),
        Entry("record", "record", "Watch a program, and write what it did as a scenario."),
        Entry("export", "export", "Write a scenario in another form."),
        Entry("open", "open_", "Write the scenario of a playground's link into a file."),
        Entry("schema", "schema", "Print the JSON Schema of the scenario language."),
    ),
    "This machine": (
        Entry(
            "calibrate",
            "calibrate",
            "Measure what switches, signals and starts cost on this machine.",
        ),
    ),
}
"""The groups in the order in which `--help` shows them."""

ENTRIES = {entry.name: entry for entries in GROUPS.values() for entry in entries}

EXAMPLES = (
    ("simulate overlap", "simulate a lesson"),
    ("compare overlap", "compare the model with real processes"),
    ("lessons zombie", "list the lessons and exercises on zombies"),
    ("simulate convoy --policy fcfs,rr", "compare policies, with a row for each"),
)
"""Commands that a newcomer can type as they stand, and what each shows."""
