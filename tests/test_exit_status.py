"""The end of a command as one line on stderr and an exit status."""

from __future__ import annotations

import pytest
from pydantic_core import SchemaError

from commands.exit_status import exit_status_of


def test_an_interrupt_in_compiled_code_is_an_interrupt(capsys: pytest.CaptureFixture[str]) -> None:
    def build() -> int:
        raise SchemaError('Error building "tagged-union" validator:\n  KeyboardInterrupt: ')

    assert exit_status_of(build) == 130
    assert capsys.readouterr().err == "interrupted\n"
