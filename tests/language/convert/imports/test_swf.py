"""Job logs in the Standard Workload Format."""

from __future__ import annotations

from pathlib import Path

from language import Options, load
from language.convert.imports.importing import import_file
from language.convert.imports.options import ImportOptions

LOG = """\
; MaxProcs: 8
1 0 5 60 1 60 -1 1 -1 -1 1 3 4 -1 1 -1 -1 -1
2 60 5 30 4 30 -1 4 -1 -1 2 3 4 -1 1 -1 -1 -1
2 160 5 20 4 20 -1 4 -1 -1 3 3 4 -1 1 -1 -1 -1
"""


def test_a_job_that_was_suspended_has_a_process_for_each_part(tmp_path: Path) -> None:
    log, scenario = tmp_path / "log.swf", tmp_path / "s.yaml"
    log.write_text(LOG)
    scenario.write_text(import_file(log, "swf", ImportOptions()).text)
    names = [spec.name for spec in load(scenario, Options()).workload.processes]
    assert names == ["job-1", *(f"job-2-{k}" for k in range(1, 5)),
                     *(f"job-2#2-{k}" for k in range(1, 5))]  # fmt: skip
