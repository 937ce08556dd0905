"""Marks as JUnit XML, which nearly every CI shows: an answer is a suite, a question a case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from teaching.marks import UNREAD, Marks, Part, number
from translation import tr

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(all_marks: Sequence[Marks]) -> str:
    """Return the marks as one document."""
    suites = ET.Element("testsuites", name="multiprog")
    for marks in all_marks:
        suites.append(_suite(marks))
    totals = {key: str(sum(int(s.get(key, "0")) for s in suites)) for key in ("tests", "failures")}
    suites.attrib.update(totals | {"errors": str(sum(int(s.get("errors", "0")) for s in suites))})
    suites.set("time", "0")
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(marks: Marks) -> ET.Element:
    suite = ET.Element("testsuite", name=clean(marks.who), time="0")
    failures = errors = 0
    for part in marks.parts:
        case = ET.SubElement(
            suite, "testcase", classname=clean(marks.who), name=clean(part.title), time="0"
        )
        if part.words == UNREAD:
            errors += 1
            _unread(case, marks)
        elif not part.passed:
            failures += 1
            ET.SubElement(case, "failure", message=_message(part)).text = clean(part.feedback)
    if not marks.gradable and not errors:
        errors += 1
        name = tr("the answer file")
        case = ET.SubElement(suite, "testcase", classname=clean(marks.who), name=name, time="0")
        _unread(case, marks)
    counts = {"tests": len(suite), "failures": failures, "errors": errors}
    suite.attrib.update({key: str(value) for key, value in counts.items()})
    if marks.said:
        ET.SubElement(suite, "system-out").text = clean("\n".join(marks.said))
    return suite


def _unread(case: ET.Element, marks: Marks) -> None:
    error = ET.SubElement(case, "error", message=tr(UNREAD))
    error.text = clean("\n".join(marks.problems))


def _message(part: Part) -> str:
    return clean(
        tr(
            "{state}: {points} of {most}",
            state=tr(part.words),
            points=number(part.points),
            most=part.most,
        )
    )


def clean(text: str) -> str:
    """Return the text without the characters that XML does not have."""
    return _NOT_XML.sub("\ufffd", text)
