"""Run periodic tasks in SimSo.

SimSo needs SimPy 2, so it is installed in an environment of its own. This file is run there as a
script:

    python simso_tasks.py POLICY HORIZON_NS '[[period_ns, burst_ns], …]'

It prints as JSON the seconds of CPU time that the simulation took, and how many jobs were done and
how many of these were late.
"""

import io
import json
import sys
import time
from contextlib import redirect_stdout

from simso.configuration import Configuration
from simso.core import Model

MS = 1_000_000  # ns, and SimSo's cycles

policy, horizon, tasks = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
setup = Configuration()
setup.cycles_per_ms = MS
setup.duration = horizon
for number, (period, burst) in enumerate(tasks):
    setup.add_task(
        name=f"T{number}",
        identifier=number,
        period=period / MS,
        deadline=period / MS,
        wcet=burst / MS,
        activation_date=0,
    )
setup.add_processor(name="core 0", identifier=0)
setup.scheduler_info.clas = f"simso.schedulers.{policy.upper()}"
with redirect_stdout(io.StringIO()):  # its scheduler prints each decision
    setup.check_all()
    model = Model(setup)
    began = time.process_time()
    model.run_model()
    seconds = time.process_time() - began
jobs = [job for task in model.results.tasks.values() for job in task.jobs]
done = [job for job in jobs if job.end_date is not None and job.end_date <= horizon]
late = sum(job.end_date - job.activation_date > job.task.period * MS for job in done)
print(json.dumps({"seconds": seconds, "jobs": len(done), "late": late}))
