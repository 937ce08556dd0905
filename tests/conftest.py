"""Set the same surroundings for all tests, whatever shell they are started from."""

import locale
import os
import signal

from hypothesis import HealthCheck, settings

from tests.effort import cases

# How long an example takes says something of the machine's other work, not of the code.
settings.register_profile(
    "unhurried",
    deadline=None,
    max_examples=max(25, cases(100)),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")

# A program that a shell starts in the background ignores Ctrl-C, and so do its children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# One that is started by nohup ignores SIGHUP.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What the caller's shell says of its terminal and of Python is not what a test is about; a test
# that needs such a variable sets it. A developer's shell and a bare one (`env -i`) are the same.
for name in (
    *("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "LANG", "LANGUAGE"),
    *("PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS", "PYTHONOPTIMIZE"),
    *("PYTHONPATH", "PYTHONDEVMODE", "PYTHONHASHSEED", "PYTHONINSPECT", "PYTHONVERBOSE"),
    *("XDG_CACHE_HOME", "MPLBACKEND", "MULTIPROG_LIMITS", "MULTIPROG_LANG"),
    *(name for name in os.environ if name.startswith("LC_")),
):
    os.environ.pop(name, None)
os.environ["LC_ALL"] = "C.UTF-8"
locale.setlocale(locale.LC_ALL, "C.UTF-8")
os.umask(0o022)
