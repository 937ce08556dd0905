# %% [markdown]
# # A tour of Multiprog in Python
#
# A scenario says which programs there are, what they need, and how they are scheduled. Multiprog
# runs it as a model and on real processes, and compares the two. This notebook does it from Python;
# `docs/python.md` lists all functions.

# %%
import multiprog

# %% [markdown]
# ## A lesson
#
# Lessons have names. `lessons` finds them by words, by topic and by level.

# %%
for lesson in multiprog.lessons("fragmentation"):
    print(f"{lesson.name} ({lesson.level}): {lesson.title}")

# %% [markdown]
# `simulate` runs the model. Below the cell a notebook shows the run, once the cell is executed: its
# charts, which step from decision to decision, and tables. Before, and on a code host, there is the
# table of processes. Times are integers, in ns.

# %%
run = multiprog.simulate("overlap")
run

# %%
{name: process.waiting_ns / 1e6 for name, process in run.processes.items()}  # ms

# %% [markdown]
# `run.show()` is the same page, complete in itself; `run.plot()` is a picture for a paper. Both
# have a method `save`.

# %%
run.show()

# %% [markdown]
# ## A scenario of your own
#
# It is a file, a text, a dictionary, or built of processes. The keys are those of the scenario
# language.

# %%
scenario = multiprog.Scenario(
    title="Three bursts",
    processes=[
        multiprog.Process("long", cpu="80ms"),
        multiprog.Process("middle", cpu="40ms", arrival="5ms"),
        multiprog.Process("short", cpu="10ms", arrival="10ms"),
    ],
    scheduler={"policy": "fcfs"},
)
print(scenario.text)

# %% [markdown]
# What is wrong in a scenario is said with its place, and with what would be right.

# %%
for problem in multiprog.check({"processes": [{"name": "A", "cpu": "ten", "prioritty": 3}]}):
    print(problem)

# %% [markdown]
# ## Policies
#
# Any argument of the command line is an argument of `simulate`: here the policy.

# %%
for policy in ("fcfs", "rr", "srtf"):
    mean = multiprog.simulate(scenario, policy=policy).averages.turnaround_ns
    assert mean is not None  # None: no process has ended
    print(f"{policy:5} mean turnaround {mean / 1e6:.1f} ms")

# %% [markdown]
# A policy of your own is a class: a method says by what the processes are ordered. Its docstring
# says when it is good and when it fails.

# %%
from kernel.scheduling import LeastFirst, Process


class LongestFirst(LeastFirst):
    """The longest burst first. Good for nobody: every short process waits for all long ones."""

    rule = "the longest burst"

    def key(self, process: Process) -> int:
        """Return what is compared: the least is picked."""
        return -process.burst


multiprog.simulate(scenario, policy=LongestFirst)

# %% [markdown]
# ## Many points
#
# `sweep` runs a scenario at every combination of values, and says which point is best.

# %%
answer = multiprog.sweep(
    scenario, {"scheduler.policy": ["fcfs", "rr", "srtf"]}, measure=["turnaround", "switches"]
)
answer

# %%
answer.best("turnaround")

# %% [markdown]
# ## Real processes
#
# On Linux the same scenario runs on real processes, dispatched by the same policy. `compare` lays
# that run over the model's.

# %% tags=["real"]
comparison = multiprog.compare(scenario, policy="rr", quantum="10ms")
print(comparison.sentence)
comparison
