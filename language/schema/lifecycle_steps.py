"""The table of the lifecycle steps, by which processes start, join, end and watch each other."""

from __future__ import annotations

from collections.abc import Mapping

from language.schema.lifecycle_base import LifecycleStep
from language.schema.own_state_steps import (
    ExitStep,
    OsExitStep,
    PrintStep,
    RaiseStep,
    SetStep,
    ShowStep,
    YieldStep,
)
from language.schema.process_object_steps import (
    ActiveChildrenStep,
    CallStep,
    CloseStep,
    DaemonStep,
    JoinStep,
    KillStep,
    ObserveStep,
    StartStep,
    TerminateStep,
)
from language.schema.shared_object_steps import (
    BarrierStep,
    LockStep,
    ReceiveStep,
    SendStep,
    UnlockStep,
)

LIFECYCLE_STEPS: Mapping[str, type[LifecycleStep]] = {
    kind.kind: kind
    for kind in (
        StartStep,
        JoinStep,
        TerminateStep,
        KillStep,
        CloseStep,
        DaemonStep,
        ExitStep,
        RaiseStep,
        OsExitStep,
        CallStep,
        ObserveStep,
        ActiveChildrenStep,
        SetStep,
        ShowStep,
        PrintStep,
        LockStep,
        UnlockStep,
        SendStep,
        ReceiveStep,
        BarrierStep,
        YieldStep,
    )
}
"""Each lifecycle step, by its key in a program."""
