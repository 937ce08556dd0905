"""What travels to each worker, once: the scenario as text, its points, what is measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from experiments.design.axes import Point
from experiments.measures.names import Measure
from experiments.measures.warm_up import Windows
from kernel.linux.policy import USUAL
from kernel.scheduling import Policy
from language.policies import helper_modules
from language.source.options import Options
from translation import chosen, tr


@dataclass(frozen=True)
class Setup:
    """A scenario, the points at which it is run, and what is measured there.

    Own policies travel as text: `files` has the text of each file by its path, and `own` says for
    each point which class of which file is its policy, like `/home/u/mine.py:Mine`; "": none.
    """

    file: str
    text: str
    options: Options
    keys: tuple[str, ...]
    points: tuple[Point, ...]
    measures: tuple[Measure, ...]
    windows: Windows
    profile: Mapping[str, Any] | None = None  # of --costs; None: as in the scenario, or ideal
    own: tuple[str, ...] = ()  # empty: no point has a policy of the user's
    files: Mapping[str, bytes] = field(default_factory=dict)
    kernel: Mapping[str, int | None] = field(default_factory=lambda: USUAL)  # as in `resolve`
    language: str = field(default_factory=chosen)  # of errors

    @property
    def identity(self) -> str:
        """A fingerprint of all that decides the rows, but for which points and replications."""
        asked = self.options
        what = [
            self.text,
            [asked.policy, asked.quantum, asked.cores, asked.seed, asked.time_unit, asked.sets],
            [asked.costs, self.profile, *([self.kernel] if self.kernel != USUAL else [])],
            sorted(self.keys),
            [measure.name for measure in self.measures],
            [self.windows.warmup, self.windows.until, self.windows.batches],
            sorted(sha256(text).hexdigest() for text in self.files.values()),
        ]
        return sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]

    def changes(self, point: int) -> list[str]:
        """Return the `key=value` texts of a point."""
        return [f"{key}={value}" for key, value in zip(self.keys, self.points[point], strict=True)]

    def words(self, point: int) -> str:
        """Return the number of a point, and its values, for a message."""
        return point_words(point, len(self.points), self.changes(point))


def point_words(point: int, points: int, changes: Sequence[str]) -> str:
    """Return the number of a point, of so many, and its values, for a message."""
    return tr(
        "point {number} of {points} ({values})",
        number=point + 1,
        points=points,
        values=", ".join(changes),
    )


def texts_of(policy: type[Policy]) -> tuple[str, dict[str, bytes]]:
    """Return where an own policy is defined, like `/home/u/mine.py:Mine`, and its files' texts.

    They are its file, and the modules beside it that were imported when it was read.
    """
    module = sys.modules[policy.__module__]
    file = Path(str(module.__file__)).absolute()
    found = {str(file): _source(module)}
    for name in helper_modules.helpers(Path(str(module.__file__)).parent):
        helper = sys.modules[name]
        found[str(Path(str(helper.__file__)).absolute())] = _source(helper)
    return f"{file}:{policy.__qualname__}", found


def _source(module: Any) -> bytes:
    source = module.__source__
    assert isinstance(source, bytes)
    return source


def written_out(files: Mapping[str, bytes], folder: Path) -> dict[str, Path]:
    """Write the files below `folder`, each folder of theirs as one below it.

    Return where each is now.
    """
    parents: Sequence[str] = sorted({str(Path(file).parent) for file in files})
    places = {}
    for file, text in files.items():
        parent = folder / str(parents.index(str(Path(file).parent)))
        parent.mkdir(exist_ok=True)
        places[file] = parent / Path(file).name
        places[file].write_bytes(text)
    return places
