from collections import deque

from kernel.scheduling import Duration, Policy, ms


class Standing:
    def __init__(self, process):
        self.level = 0
        self.since = process.cpu_used  # its CPU time when its allotment began
        self.rest = 0  # of its slice, if it lost the core
        self.slice = self.started = 0


class Mine(Policy):
    quanta: list[Duration] = [ms(10), ms(20), ms(40)]
    boost: Duration = ms(200)

    def setup(self):
        self.queues = [deque() for _ in self.quanta]
        self.running = []
        self.known = set()

    def ready(self, process, why):
        if process.account is None:
            process.account = Standing(process)
            self.known.add(process)
        queue = self.queues[process.account.level]
        if why == "preempted":
            queue.appendleft(process)
        else:
            process.account.rest = 0
            queue.append(process)

    def pick(self, core):
        for level, queue in enumerate(self.queues):
            if queue:
                process = queue.popleft()
                standing = process.account
                left = self.quanta[level] - (process.cpu_used - standing.since)
                standing.slice = standing.rest or min(left, self.quanta[level])
                standing.started = process.cpu_used
                self.running.append(process)
                return process, standing.slice

    def ran(self, process, duration, why):
        self.running.remove(process)
        standing = process.account
        standing.rest = standing.slice - duration
        if process.cpu_used - standing.since >= self.quanta[standing.level]:
            standing.level = min(standing.level + 1, len(self.quanta) - 1)
            standing.since = process.cpu_used

    def loses(self, running):
        best = next((level for level, queue in enumerate(self.queues) if queue), None)
        worst = max(running, key=lambda process: process.account.level)
        if best is not None and best < worst.account.level:
            return worst

    def next_review(self):
        return (self.now // self.boost + 1) * self.boost

    def review(self):
        waiting = [process for queue in self.queues for process in queue]
        self.queues = [deque(waiting), *(deque() for _ in self.quanta[1:])]
        for process in self.known:
            standing = process.account
            standing.level, standing.since = 0, process.cpu_used
        for process in self.running:
            ran = process.cpu_used - process.account.started
            process.account.slice = ran + self.quanta[0]
        return {process: self.quanta[0] for process in self.running}
