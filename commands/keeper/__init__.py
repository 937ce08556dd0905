"""The keeper: a command that executes an own policy goes on in a process that can be killed.

A policy is code of the user's. It may loop in C, where no handler of Python's is ever called, stop
or kill its own process, or leave processes behind. So before a file of policies is read for the
first time, the command becomes three processes:

    the first    the shell waits for it; it hands signals on, and ends as the command does
    the keeper   its child, in a session of its own; it watches the command, and clears up behind it
    the command  the keeper's child; it goes on where the first process was, and does all the rest

The command and the first process stay in the shell's process group, so that the terminal's signals
reach both. All three share the cells of `kernel.scheduling.current_call` and those of `cells`. The
first process and the keeper are both subreapers: if a policy kills one of them, the other one
clears up. Processes that the command starts do not have the cells: a copy of the command, made by a
policy's fork, dies when it would write there.

    keep           the command becomes three processes
    first_process  what the first one does
    watch          what the keeper does; judge says when it must kill, policy_output copies output
    command        what the command prepares, so that the keeper sees what a policy does to it
    traces         where another process is in its Python code
    descendants    other processes: their states, and their end
    messages       the policy that was asked last, in the words of a message
"""
