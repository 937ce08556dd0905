"""Full-width signs in a scenario: the message says which sign it is, and what to write instead."""

import pytest

from language.answers import AnswerText, parse_text, read_answer
from language.schema.context import CheckContext, Names
from language.source.errors import Problem
from language.source.full_width import plain, with_hints
from tests.language.conftest import Load, Wrong
from translation import speaking

COLON, COMMA, SPACE = "\uff1a", "\uff0c", "\u3000"
TWO = "processes: [{name: A, cpu: 3}, {name: B, cpu: 3}]\n"

TYPED = [  # the text, the place of the hint, the sign, what to write
    (f"processes:\n- name: A\n  cpu{COLON}30ms\n", "3:3", COLON, ": "),
    (f"processes{COLON}\n- name: A\n  cpu: 30ms\n", "1:10", COLON, ": "),
    (f"processes:\n- {{name: A, cpu{COLON}30ms}}\n", "2:13", COLON, ": "),
    (f"processes:\n- {{name: A{COMMA} cpu: 30ms}}\n", "2:11", COMMA, ","),
    (TWO + f"expect: {{order: [A{COMMA}B]}}\n", "2:18", COMMA, ","),
    (TWO + "expect: {deadlock: [A\u3001B]}\n", "2:21", "\u3001", ","),
    ("processes:\n- {name: A, cpu: 3, cores: \u30100\u3011}\n", "2:28", "\u3010", "["),
    ("processes:\n- {name: A, cpu: 3, cores: [0\u3011}\n", "2:30", "\u3011", "]"),
    ("processes:\n- \uff5bname: A, cpu: 3}\n", "2:3", "\uff5b", "{"),
    ("processes:\n- {name: A, cpu: \uff0830ms\uff09}\n", "2:18", "\uff08", "("),
    ('processes:\n- name: "A\u201d\n  cpu: 30ms\n', "2:9", "\u201d", '"'),
    ('processes:\n- name: "A\u201d\n  cpu: 3\n- {name: "B", cpu: 3}\n', "2:11", "\u201d", '"'),
    ('processes:\n- name: \u201cA"\n  cpu: x\n', "2:9", "\u201c", '"'),
    (f"processes:\n- name: A\n  cpu:{SPACE}30ms\n", "3:7", SPACE, " "),
    (f"machine:\n{SPACE}cores: 2\n{TWO}", "2:1", SPACE, " "),
    (f"machine: {{cores: \uff12}}\n{TWO}", "1:18", "\uff12", "2"),
    ("processes:\n- {name: A, cpu: 3, count: \uff13\uff10}\n", "2:28", "\uff13\uff10", "30"),
    (TWO + "expect: {tolerance: 2\uff05}\n", "2:21", "\uff05", "%"),
    ("processes:\n\uff0d name: A\n  cpu: 3\n", "2:1", "\uff0d", "-"),
    (TWO + "scheduler: {policy: \uff52\uff52}\n", "2:21", "\uff52\uff52", "rr"),
]


@pytest.mark.parametrize(("text", "place", "sign", "instead"), TYPED)
def test_a_sign_of_an_input_method_is_named_with_what_to_write(
    wrong: Wrong, text: str, place: str, sign: str, instead: str
) -> None:
    english, chinese = wrong(text), []
    with speaking("zh"):
        chinese = wrong(text)
    if sign == SPACE:
        hints = (
            "there is a full-width space (U+3000); write a plain one",
            "有一个全角空格\uff08U+3000\uff09",
        )
    else:
        hints = (
            f"{sign!r} is a full-width sign; write {instead!r}",
            f"{sign!r} 是全角\uff08中文\uff09字符\uff1b请改成半角的 {instead!r}",
        )
    for lines, hint in zip((english, chinese), hints, strict=True):
        assert [line for line in lines if line.startswith(f"f.yaml:{place}: ") and hint in line]


def test_names_and_texts_may_have_them(load: Load) -> None:
    text = (
        f"title: 先来先服务{COLON}演示{COMMA}一\n"
        f"about: |\n  cpu{COLON}中央处理器\n"
        "processes: [{name: 甲\uff08一\uff09, cpu: 3}, {name: 乙, cpu: 3}]\n"
    )
    assert [each.name for each in load(text).workload.processes] == ["甲\uff08一\uff09", "乙"]


def test_another_mistake_says_nothing_of_them(wrong: Wrong) -> None:
    text = (
        f"title: 进程{COLON}演示{COMMA}一\n"
        f"about: |\n  cpu{COLON}中央处理器\n"
        f"# cpu{COLON}3\n"
        "processes: [{name: 甲\uff08一\uff09, cpu: x}]\n"
    )
    assert "full-width" not in "".join(wrong(text))


def test_an_option_has_them_too(wrong: Wrong) -> None:
    told = wrong(TWO, sets=("machine.cores=\uff12",))
    assert told[0].startswith("--set machine.cores=\uff12: machine.cores: must be a whole number")
    assert told[0].endswith("'\uff12' is a full-width sign; write '2'")


def test_an_answer_has_them_too() -> None:
    context = CheckContext(0, 0, names=Names(plain={"A"}))
    text = AnswerText("a.yaml", f"preemptions: {{A: \uff12}}\nwaiting:\n  A{COLON}20\n")
    told = [str(each) for each in read_answer(parse_text(text), context).problems]
    assert [line.partition(": ")[0] for line in told] == ["a.yaml:1:18", "a.yaml:3:3"]
    assert all("is a full-width sign; write" in line for line in told)


def test_every_full_width_form_of_ascii_is_known() -> None:
    assert plain("\uff01\uff20\uff3f\uff5e") == "!@_~"
    assert plain("中 A\uff0c\u3000") == "中 A, "


def test_a_very_long_line_takes_no_time() -> None:
    mistake = Problem("f.yaml", 1, 1, "", "is wrong")
    for line in ("[" * 300_000 + COLON, "{a" + COMMA * 300_000, '"' + "\u201d" * 300_000):
        [found] = [each for each in with_hints(line, [mistake]) if "is wrong" in each.message]
        assert len(found.message) < 2_000
