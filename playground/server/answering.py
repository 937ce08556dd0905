"""The child that answers what the front end asks of the model, as the browser's Python would.

Each line of stdin is a question; each line of the answers is `{"answer": TEXT}` or
`{"error": TEXT}`.
"""

from __future__ import annotations

import json
import sys
from typing import TextIO

from playground.answers import answer, warm_up
from playground.server.child import live


def _answer_all(answers: TextIO) -> int:
    warm_up()
    for question in sys.stdin:
        try:
            found = {"answer": answer(question)}
        except Exception as error:  # a fault of ours: this question has no answer, others have
            found = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(found) + "\n")
        answers.flush()
    return 0


def main() -> None:
    """Answer until stdin ends."""
    live(_answer_all)
