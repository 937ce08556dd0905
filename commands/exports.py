"""An exercise as course systems import it, and the autograder of an exercise or assignment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.exercises import Posing, make_folder, save_text, say_written
from kernel.errors import UsageError
from translation import tr, tr_n

if TYPE_CHECKING:
    from kernel.workload import Workload
    from teaching.posed import Posed

USUAL_VARIANTS = 10


def export_exercise(file: Path, posing: Posing) -> int:
    """Write the exercise in the form that is asked for. Return the exit status."""
    if posing.export == "gradescope":
        _write_autograder(file, posing)
        return 0
    from teaching.exports.gift import gift
    from teaching.exports.moodle import moodle
    from teaching.exports.prairielearn import prairielearn

    if posing.export == "prairielearn":
        assert posing.out is not None
        make_folder(posing.out)
        variants = _variants(file, posing)
        for name, text in prairielearn(variants).items():
            save_text(posing.out / name, text)
        _say_variants(len(variants), posing.out)
        return 0
    if posing.out is not None:
        _require_writable(posing.out, file)
    posed = _variants(file, posing)
    text = moodle(posed) if posing.export == "moodle" else gift(posed)
    if posing.out is None:
        click.echo(text, nl=False)
    else:
        save_text(posing.out, text)
        _say_variants(len(posed), posing.out)
    return 0


def _say_variants(many: int, out: Path) -> None:
    say_written(
        tr_n(
            "wrote {n} variant of the exercise into {path}",
            "wrote {n} variants of the exercise into {path}",
            many,
            path=out,
        )
    )


def _require_writable(out: Path, file: Path) -> None:
    from kernel.files.writing import require_another, require_writable

    require_another(out, [file])
    require_writable(out)


def _variants(file: Path, posing: Posing) -> list[Posed]:
    """Return the variants, those of the numbers from --seed on (1 if it is not given)."""
    from language.exercises import read_exercise
    from report.terminal.progress import Progress
    from teaching.variants import pose

    exercise = read_exercise(file)
    first = 1 if posing.seed is None else posing.seed
    many = posing.variants or USUAL_VARIANTS if exercise.varies else 1
    found = []
    with Progress(tr("making variants"), many) as progress:
        for seed in range(first, first + many):
            found.append(pose(exercise, seed))
            progress.update(len(found))
    return found


def _write_autograder(file: Path, posing: Posing) -> None:
    from language.assignments import has_assignment, read_assignment
    from language.exercises import read_exercise
    from language.source.options import Options
    from teaching.exports.gradescope import gradescope

    assert posing.out is not None
    _require_writable(posing.out, file)
    is_assignment = has_assignment(file, Options())
    if is_assignment:
        workload = read_assignment(file, Options()).workload
    else:
        workload = read_exercise(file).as_written().workload
    beside = _policy_files(file, workload)
    content = gradescope(file, beside, is_assignment=is_assignment, seed=posing.seed)
    posing.out.write_bytes(content)
    say_written(tr("wrote the autograder for Gradescope into {path}", path=posing.out))


def _policy_files(file: Path, workload: Workload) -> list[Path]:
    """Return the file of the scenario's own policy, which must be in the scenario's folder."""
    from language.policies.lookup import files_of

    found = files_of(workload.scheduler.policy)[:1]
    for path in found:
        if not path.is_relative_to(file.parent):
            raise UsageError(
                tr(
                    "{path}: must be in the folder of {file}, to be in the zip",
                    path=path,
                    file=file,
                )
            )
    return found
