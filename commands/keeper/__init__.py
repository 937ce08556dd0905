"""The keeper: a command that executes an own policy goes on in a process that can be killed.

An own policy is code of the user. It may loop in C, where Python calls no signal handler. It may
stop or kill its own process, or leave processes behind. So before a file of policies is read for
the first time, the command becomes three processes:

    first process  the shell waits for it; it forwards signals, and ends as the command does
    keeper         its child, in a separate session; it watches the command, then clears up
    command        the keeper's child; it continues where the first process was, and does the work

To clear up is to end all processes that the command has left. The command and the first process
stay in the shell's process group, so that the terminal's signals reach both. All three share the
cells of `kernel.current_call` and the cells of `cells`. The first process and the keeper
are both subreapers: if a policy kills one of them, the other one clears up. A process that the
command starts does not have the cells. So a copy of the command, made by a policy's fork, dies when
it tries to write to a cell.

    keep           the command becomes three processes
    first_process  the first process
    watch          the keeper; `judge` says when it must kill, `policy_output` copies output
    command        what the command prepares, so that the keeper sees what a policy does to it
    traces         which line of Python another process executes
    descendants    other processes: their states, and how they are ended
    messages       messages that name the policy that was asked last
"""
