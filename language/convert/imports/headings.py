"""The headings of tables of processes, as textbooks and exercises write them in two languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kernel.units import BYTES_PER, NS_PER

NAME, ARRIVAL, BURST, IO = "name", "arrival", "burst", "io"
PRIORITY, NICE, TICKETS, MEMORY = "priority", "nice", "tickets", "memory"
PERIOD, DEADLINE, CORE = "period", "deadline", "core"
LEFT_OUT = "left out"  # a column whose meaning is known and has no place in a scenario

TIMES = (ARRIVAL, BURST, IO, PERIOD, DEADLINE)
MEANINGS = (NAME, *TIMES, PRIORITY, NICE, TICKETS, MEMORY, CORE)

_KNOWN: dict[str, str] = {
    NAME: "name process processname processid processno processnumber proc pid id job jobname jobid"
    " jobno jobnumber task taskname taskid thread program p 进程 进程名 进程名称 进程号 进程标识"
    " 进程id 进程编号 作业 作业名 作业号 作业名称 作业编号 任务 任务名 任务号 线程 线程名 程序"
    " 名称 编号 序号 行程 行程名稱 程序名 進程 工作",
    ARRIVAL: "arrival arrivaltime arrivaltimes arrivesat arrives arrived arrive arr at submit"
    " submittime submitted submissiontime start starttime startat release releasetime ready"
    " readytime entrytime entertime 到达 到达时间 到达时刻 到达系统时间 提交 提交时间 提交时刻"
    " 进入时间 进入时刻 进入系统时间 就绪时间 开始时间 释放时间 到達時間 抵達時間 提交時間",
    BURST: "burst bursts bursttime bursttimes cpu cputime cpuburst cpubursts cpubursttime"
    " cpucycle service servicetime run runtime runningtime exec execution executiontime exectime"
    " execute length duration bt st et time joblength timerequired requiredtime total totaltime"
    " totalcputime cpurequired computationtime wcet c 服务时间 运行时间 执行时间 估计运行时间"
    " 要求服务时间 要求运行时间 需要运行时间 所需时间 所需运行时间 处理时间 需要时间 cpu时间"
    " cpu运行时间 cpu区间 cpu区间时间 cpu执行时间 区间时间 突发时间 计算时间 服務時間 執行時間"
    " 運行時間 cpu時間 執行時間長度",
    IO: "io iotime iotimes ioburst iobursts iobursttime iowait iowaittime ioduration blocked"
    " blockedtime blocktime wait sleep io时间 io操作 io操作时间 io等待时间 输入输出 输入输出时间"
    " 阻塞时间 等待io时间 io時間",
    PRIORITY: "priority prio pri pr prioritylevel prioritynumber importance 优先级 优先数 优先权"
    " 优先级数 优先级别 优先权数 優先權 優先級 優先順序",
    NICE: "nice nicevalue nice值",
    TICKETS: "tickets ticket share shares weight 彩票 彩票数 份额 权重 票數",
    MEMORY: "memory mem size memorysize memoryneeded memoryrequired memoryrequirement"
    " requiredmemory ram space 内存 内存大小 内存需求 内存需求量 所需内存 主存 主存大小 主存需求"
    " 主存需求量 所需主存 占用内存 大小 存储量 記憶體 記憶體大小",
    PERIOD: "period periodtime t 周期 周期时间 週期",
    DEADLINE: "deadline relativedeadline d 截止时间 截止时刻 截止期 截止期限 期限 截止時間",
    CORE: "core cores cpuid affinity 核 核心 处理器",
    LEFT_OUT: "waiting waitingtime wt turnaround turnaroundtime tat tt completion completiontime"
    " ct finish finishtime finishingtime finished end endtime response responsetime rt"
    " weightedturnaroundtime starttimeofexecution state status remaining remainingtime 完成时间"
    " 完成时刻 结束时间 周转时间 带权周转时间 平均周转时间 等待时间 响应时间 开始运行时间"
    " 开始执行时间 状态 剩余时间 备注 完成時間 等待時間 周轉時間",
}
_MEANING = {word: meaning for meaning, words in _KNOWN.items() for word in words.split()}

_UNITS = {
    **{unit.lower(): unit for unit in (*NS_PER, *BYTES_PER) if unit != "h"},
    **dict.fromkeys(("毫秒", "msec", "msecs", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("秒", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("微秒", "usec", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("分", "分钟", "分鐘", "minute", "minutes", "mins", "m"), "min"),
    **dict.fromkeys(("小时", "时", "小時", "hour", "hours", "h", "hr", "hrs"), "h"),
    **dict.fromkeys(("kb", "k", "千字节"), "KiB"),
    **dict.fromkeys(("mb", "m字节", "兆"), "MiB"),
    "gb": "GiB",
    "字节": "B",
    "byte": "B",
    "bytes": "B",
}
_HEADING = re.compile(r"(?P<word>[^(\[【/]*(?:/[oO][^(\[【/]*)?)[(\[【/]?\s*(?P<unit>[^)\]】]*)")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a column holds. `unit` is that of bare numbers in it, like `ms`; None: none is named."""

    meaning: str | None  # None: the word is not known
    unit: str | None


def heading_of(text: str) -> Heading:
    """Return the meaning of a heading like `Arrival Time (ms)`, `CPU burst 2` or `到达时间`."""
    found = _HEADING.match(unicodedata.normalize("NFKC", text).strip().lower())
    assert found is not None  # it matches every text
    return Heading(_MEANING.get(_folded(found["word"])), unit_of(found["unit"]))


def _folded(word: str) -> str:
    """Return the word without blanks, signs and a number at its end."""
    letters = re.sub(r"[\s_./'\u2019:*#-]+", "", word)
    unnumbered = letters.rstrip("0123456789")
    return unnumbered if len(unnumbered) > 1 else letters  # P1 is a process, not a heading


def unit_of(text: str) -> str | None:
    """Return the unit of the language that a heading or a value means, like `ms` for 毫秒."""
    return _UNITS.get(text.strip().strip(".").lower())
