from kernel.scheduling import Policy, ms


class Mine(Policy):
    """The process that has used the least of its last burst runs first, for 10 ms."""

    def setup(self):
        self.waiting = []

    def ready(self, process, why):
        self.waiting.append(process)
        if why in ("arrived", "woke"):
            process.account = 0

    def ran(self, process, duration, why):
        process.account += duration

    def pick(self, core):
        if self.waiting:
            process = min(self.waiting, key=lambda each: each.account)
            self.waiting.remove(process)
            return process, ms(10)
