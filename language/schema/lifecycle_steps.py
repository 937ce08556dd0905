"""The table of the lifecycle steps, by which processes start, join, end and watch each other."""

from __future__ import annotations

from collections.abc import Mapping

from language.schema.lifecycle_base import LifecycleStep
from language.schema.lock_steps import AcquireStep, LockStep, ReleaseStep, UnlockStep
from language.schema.message_steps import (
    CloseEndStep,
    JoinQueueStep,
    PollStep,
    ReceiveStep,
    SendStep,
    TaskDoneStep,
)
from language.schema.own_state_steps import (
    AtexitStep,
    ExitStep,
    FinallyStep,
    OsExitStep,
    PrintStep,
    RaiseStep,
    SetStep,
    ShowStep,
    YieldStep,
)
from language.schema.pool_steps import (
    ClosePoolStep,
    GetStep,
    JoinPoolStep,
    MapStep,
    OpenPoolStep,
    ReturnStep,
    ShutdownStep,
    SubmitStep,
    TerminatePoolStep,
)
from language.schema.process_object_steps import (
    ActiveChildrenStep,
    CallStep,
    CloseStep,
    DaemonStep,
    InterruptStep,
    JoinStep,
    KillStep,
    ObserveStep,
    StartStep,
    TerminateStep,
)
from language.schema.shared_memory_steps import AddStep, ReadStep, WriteStep
from language.schema.signalling_steps import (
    AbortStep,
    BarrierStep,
    ClearEventStep,
    NotifyAllStep,
    NotifyStep,
    ResetStep,
    SetEventStep,
    WaitEventStep,
    WaitStep,
)

LIFECYCLE_STEPS: Mapping[str, type[LifecycleStep]] = {
    kind.kind: kind
    for kind in (
        StartStep,
        JoinStep,
        TerminateStep,
        KillStep,
        InterruptStep,
        CloseStep,
        DaemonStep,
        ExitStep,
        RaiseStep,
        OsExitStep,
        AtexitStep,
        FinallyStep,
        CallStep,
        ObserveStep,
        ActiveChildrenStep,
        SetStep,
        ShowStep,
        PrintStep,
        LockStep,
        UnlockStep,
        AcquireStep,
        ReleaseStep,
        SetEventStep,
        ClearEventStep,
        WaitEventStep,
        WaitStep,
        NotifyStep,
        NotifyAllStep,
        BarrierStep,
        AbortStep,
        ResetStep,
        SendStep,
        ReceiveStep,
        PollStep,
        CloseEndStep,
        TaskDoneStep,
        JoinQueueStep,
        ReadStep,
        WriteStep,
        AddStep,
        YieldStep,
        OpenPoolStep,
        SubmitStep,
        MapStep,
        GetStep,
        ClosePoolStep,
        JoinPoolStep,
        TerminatePoolStep,
        ShutdownStep,
        ReturnStep,
    )
}
"""Each lifecycle step, by its key in a program."""
