from kernel.scheduling import Duration, Policy, ms


class Mine(Policy):
    """Not stride: the process that is furthest behind its share. It is right, too."""

    quantum: Duration = ms(10)

    def setup(self):
        self.waiting = []

    def ready(self, process, why):
        self.waiting.append(process)

    def pick(self, core):
        if self.waiting:
            process = min(self.waiting, key=lambda each: each.cpu_used / each.tickets)
            self.waiting.remove(process)
            return process, self.quantum
