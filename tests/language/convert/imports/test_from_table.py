"""Tables of processes as spreadsheets save them, textbooks print them and people type them."""

from __future__ import annotations

import pytest

from tests.language.convert.imports.conftest import Import

PLAIN = "Process,Arrival,Burst\nP1,0,8\nP2,1,4\n"
MADE = ["  - {name: P1, arrival: 0, cpu: 8}", "  - {name: P2, arrival: 1, cpu: 4}"]
CHINESE = "进程,到达时间,服务时间\nP1,0,8\nP2,1,4\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "  "),
        "sep=;\n" + PLAIN.replace(",", ";"),
        "# by hand\n\n" + PLAIN,
        "P1,0,8\nP2,1,4\n",
        "P1 0 8\nP2 1 4\n",
        "| Process | Arrival | Burst |\n|:--|--:|--:|\n| P1 | 0 | 8 |\n| P2 | 1 | 4 |\n",
        '"Process" , "Arrival Time" ,"CPU Burst"\n"P1","0","8"\nP2, 1 , "4"\n',
        "PID,AT,BT,CT,TAT,WT\n1,0,8,8,8,0\n2,1,4,12,11,7\n",
        "Process,P1,P2\nArrival time,0,1\nBurst time,8,4\n",
        "Burst,Arrival\n8,0\n4,1\n",
        PLAIN + "Average,,6\n",
        CHINESE,
        "作业号 提交时间 运行时间\n1 0 8\n2 1 4\n",
        "進程,到達時間,執行時間\nP1,０,８\nP2,１,４\n",
        CHINESE.encode("gbk"),
        CHINESE.encode("utf-8-sig"),
        CHINESE.encode("utf-16"),
        CHINESE.encode("utf-16-le"),
        CHINESE.encode("utf-16-be"),
    ],
    ids=repr,
)
def test_a_table_is_understood_however_it_was_saved(text: str | bytes, import_text: Import) -> None:
    assert import_text(text) == MADE or sorted(import_text(text)) == sorted(MADE)


def _row(row: str, headings: str = "name;arrival;burst;priority;memory") -> str:
    return f"{headings}\n{row}\n"


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (_row("A;0;2,5;3;100K"), "{name: A, arrival: 0, memory: 100KiB, priority: 3, cpu: 2.5}"),
        (_row("A;1s;20 ms;;"), "{name: A, arrival: 1s, cpu: 20ms}"),
        (_row("A;;5,io 3,2;;"), "{name: A, program: [{cpu: 5}, {io: 3}, {cpu: 2}]}"),
        (_row("A;;5 I/O:3ms 2;;"), "{name: A, program: [{cpu: 5}, {io: 3ms}, {cpu: 2}]}"),
        (_row("A;;5 3 2;;"), "{name: A, program: [{cpu: 5}, {io: 3}, {cpu: 2}]}"),
        (_row("A;;计算50ms 打印100ms 计算50ms;;"),
         "{name: A, program: [{cpu: 50ms}, {io: 100ms}, {cpu: 50ms}]}"),
        (_row('A,"5,io 3,2"', "name,burst"),
         "{name: A, program: [{cpu: 5}, {io: 3}, {cpu: 2}]}"),
        (_row('A,"2,5"', "name,burst"), "{name: A, cpu: 2.5}"),
        (_row("A,4,2,4,0", "name,cpu 1,io 1,cpu 2,io 2"),
         "{name: A, program: [{cpu: 4}, {io: 2}, {cpu: 4}]}"),
        (_row("A,4,10", "name,Burst Time (ms),内存（MB）"),
         "{name: A, memory: 10MiB, cpu: 4ms}"),
        (_row("no,4", "name,burst"), "{name: no, cpu: 4}"),
        (_row("0x10,4", "name,burst"), '{name: "0x10", cpu: 4}'),
        (_row("李 四: #1,4", "name,burst"), '{name: "李 四: #1", cpu: 4}'),
        (_row("A,-3,1,5", "name,nice,core,burst"), "{name: A, nice: -3, cores: 1, cpu: 5}"),
        (_row("A,1,4,5", "task,C,T,D"), "{name: A, period: 4, deadline: 5, cpu: 1}"),
    ],
)  # fmt: skip
def test_a_row_becomes_the_entry_that_a_person_would_write(
    text: str, entry: str, import_text: Import
) -> None:
    assert import_text(text) == [f"  - {entry}"]


def test_times_of_day_count_from_the_first_in_minutes(import_text: Import) -> None:
    made = import_text("作业,进入时间,运行时间(小时)\nJ1,8:30,2\nJ2,8：00,0.5\n")
    assert made == [
        "  - {name: J1, arrival: 30min, cpu: 2h}",
        "  - {name: J2, arrival: 0, cpu: 0.5h}",
    ]


def test_columns_without_headings_can_be_named(import_text: Import) -> None:
    made = import_text("0 1 5 64\n", columns=("arrival", "priority", "cpu", "memory"))
    assert made == ["  - {name: P1, arrival: 0, memory: 64KiB, priority: 1, cpu: 5}"]
    assert import_text("x 7 0\n", columns=("name", "burst", "-")) == ["  - {name: x, cpu: 7}"]


def test_only_the_first_rows_are_taken_if_asked(import_text: Import) -> None:
    assert import_text(PLAIN, first=1) == MADE[:1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "f: is empty"),
        ("\n \n", "f: is empty"),
        ("a,b\n\0\n", "f: is not text"),
        (b"PK\x03\x04xx", "f: is a spreadsheet's own file or a zip archive; save the table as CSV"),
        ("name,arrival\nA,1\n", "f:1:1: there is no column of burst times (CPU time)"),
        ("foo,bar\nx,y\n", "f:1:1: no heading here is known; write process, arrival time, "
         "burst time, priority; or give --columns name,arrival,burst"),
        ("name,burst\n", "f: the table has no rows of processes"),
        (PLAIN + "P1,3,4\n", "f:4:1: the name 'P1' is that of line 2, too"),
        (PLAIN + "P3,x,4\n", "f:4:4: arrival: must be a duration of 0 or more, like 5, 2.5 or "
         "20ms (got 'x')"),
        (PLAIN + "P3,-1,4\n", "f:4:4: arrival: must be a duration of 0 or more, like 5, 2.5 or "
         "20ms (got '-1')"),
        (PLAIN + "P3,1,4,5\n", "f:4:8: the row has more cells than the 3 columns"),
        (PLAIN + "P3,1\n", "f:4:1: the process needs a CPU burst above 0"),
        (PLAIN + 'P3,1,"4\n', "f:4:6: the quote that begins here has no end"),
        (PLAIN + 'P3,1,"4"x\n', "f:4:6: behind the second quote there must be a separator"),
        ("name,burst,burst 2,name\nA,1,2,B\n", "f:1:20: a second column of name"),
        ("name;burst;priority\nA;1;high\n", "f:2:5: priority: must be a whole number from "
         "-1,000,000,000 to 1,000,000,000 (got 'high')"),
        ("name;burst\nA;5 parsec\n", "f:2:3: burst: must be a duration of 0 or more, like 5, 2.5 "
         "or 20ms (units: ns, us, µs, ms, s, min, h) (got '5 parsec')"),
        ("1 2 3 4\n", "f:1:1: 4 columns without headings: say what they are, like --columns "
         "arrival,priority,burst,memory, or --from bursts or nyu"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place_and_says_what_would_be_right(
    text: str | bytes, told: str, import_text: Import
) -> None:
    assert import_text(text) == [told]


def test_all_mistakes_of_a_table_are_told_at_once(import_text: Import) -> None:
    told = import_text("name,arrival,burst\nA,x,1\nB,1,y\nB,2,3\n")
    assert [line.split(" ")[0] for line in told] == ["f:2:3:", "f:3:5:", "f:4:1:"]


def test_an_unknown_column_is_told_with_the_known_ones(import_text: Import) -> None:
    told = import_text("A 1\n", columns=("name", "brst"))
    assert told == ["f: --columns: unknown column 'brst' (did you mean 'burst'?)"]
