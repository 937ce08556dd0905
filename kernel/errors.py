"""The errors of Multiprog, with one root class."""

from __future__ import annotations


class MultiprogError(Exception):
    """What went wrong, in one line that says what would be right.

    `exit_status` is what the command ends with: 1 for a run that failed, 2 for a bad scenario or
    usage. The evidence stays in `args`, so the error survives pickling between processes.
    """

    exit_status = 1


class UsageError(MultiprogError):
    """The scenario, an option or an argument asks for something that cannot be."""

    exit_status = 2


class PolicyError(UsageError):
    """A scheduling policy broke a rule of its interface."""


class RuleBroken(BaseException):
    """Raised in a policy that breaks a rule. The text says which one, and follows "pick()"."""


class NoAnswer(RuleBroken):
    """A policy has not answered within its limit. The text follows "pick()"."""


class Interrupted(MultiprogError):  # noqa: N818 - it is not an error
    """A signal ended the run. The text says where, if that was in a policy."""

    exit_status = 130


class InvariantError(MultiprogError):
    """Multiprog contradicts itself: a bug of ours, never the user's fault."""
