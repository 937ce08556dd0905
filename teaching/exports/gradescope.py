"""The zip of an autograder for Gradescope: the grader, the exercise or assignment, two scripts.

Gradescope executes `setup.sh` once, with the internet, and `run_autograder` for each submission.
The student of an exercise is the one who is logged in: the e-mail address decides the variant, as
in `exercise --student ADDRESS`. https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import io
import re
import shlex
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from translation import chosen, tr

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "commands",
    "teaching",
    "experiments",
    "report",
    "sim",
    "real",
    "language",
    "timeline",
    "kernel",
    "translation",
)
_DAY = (1980, 1, 1, 0, 0, 0)  # the oldest that a zip knows: the same input gives the same bytes
_SETUP = """\
#!/bin/sh
# The image must have Python 3.11 or later: choose Ubuntu 24.04.
set -e
apt-get update
apt-get install -y python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Multiprog needs Python 3.11 or later: choose another base image" >&2
    exit 1
}
python3 -m venv /autograder/venv
/autograder/venv/bin/python -m pip install REQUIREMENTS
"""
_RUN = '''\
#!/autograder/venv/bin/python
"""Grade one submission, and leave results.json, whatever happens."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HOME = pathlib.Path("/autograder")
TASK = HOME / "source" / "task" / TASK_FILE
RESULT = HOME / "results" / "results.json"


def student():
    about = json.loads((HOME / "submission_metadata.json").read_text(encoding="utf-8"))
    return str(about["users"][0]["email"]).replace("/", "_")


def handed_in(folder):
    """Return what is graded: the folder, or the answer file under the student's name."""
    submission = HOME / "submission"
    if IS_ASSIGNMENT:
        return submission
    answers = sorted([*submission.glob("*.yaml"), *submission.glob("*.yml")])
    if len(answers) != 1:
        raise SystemExit(HAND_IN_ONE.format(number=len(answers)))
    copy = pathlib.Path(folder) / f"{student()}.yaml"
    shutil.copyfile(answers[0], copy)
    return copy


def main():
    RESULT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        try:
            paths = [str(TASK), str(handed_in(folder))]
            command = [sys.executable, str(HOME / "source" / "cli.py"), "--lang", LANGUAGE]
            command += ["grade", *paths]
            command += ["--format", "gradescope", "--out", str(RESULT), *OPTIONS]
            done = subprocess.run(command, capture_output=True, text=True)
            said = done.stderr.strip() if done.returncode == 2 else ""
        except (SystemExit, KeyError, IndexError, OSError, ValueError) as error:
            said = str(error)
    if said or not RESULT.exists():
        RESULT.write_text(json.dumps({"score": 0, "output": said or FAILED}))


main()
'''


def gradescope(
    task: Path, files: Sequence[Path], *, is_assignment: bool, seed: int | None
) -> bytes:
    """Return the zip for the exercise or assignment in `task`, with further files in its folder.

    `seed` makes the hidden workloads of an assignment, or is the variant that all students have.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _put(archive, "setup.sh", _SETUP.replace("REQUIREMENTS", shlex.join(_requirements())))
        _put(archive, "run_autograder", _run(task, is_assignment, seed))
        for path in [task, *files]:
            _put(archive, f"task/{path.relative_to(task.parent)}", path.read_bytes())
        for path in sorted(_sources()):
            _put(archive, str(path.relative_to(ROOT)), path.read_bytes())
    return out.getvalue()


def _run(task: Path, is_assignment: bool, seed: int | None) -> str:
    options = [] if is_assignment or seed is not None else ["--seed-from", "name"]
    options += ["--seed", str(seed)] if seed is not None else []
    given = {
        "TASK_FILE": task.name,
        "IS_ASSIGNMENT": is_assignment,
        "OPTIONS": options,
        "LANGUAGE": chosen(),
        "HAND_IN_ONE": tr("hand in one file, answer.yaml (there are {number} .yaml files)"),
        "FAILED": tr("the grader failed"),
    }
    text = _RUN
    for name, value in given.items():
        text = text.replace(name, repr(value))
    return text


def _sources() -> Iterator[Path]:
    """Yield the files of Multiprog that the grader needs."""
    yield ROOT / "cli.py"
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _requirements() -> list[str]:
    """Return the packages that a run needs, as the installed Multiprog names them."""
    needed = metadata.requires("multiprog") or []
    return [re.sub(r"\s", "", each) for each in needed if "extra ==" not in each]


def _put(archive: zipfile.ZipFile, name: str, content: str | bytes) -> None:
    about = zipfile.ZipInfo(name, _DAY)
    executable = name in ("setup.sh", "run_autograder")
    about.external_attr = (0o755 if executable else 0o644) << 16
    about.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(about, content)
