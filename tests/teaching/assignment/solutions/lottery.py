from kernel.scheduling import Duration, Policy, ms


class Mine(Policy):
    quantum: Duration = ms(10)

    def setup(self):
        self.waiting = []

    def ready(self, process, why):
        self.waiting.append(process)

    def pick(self, core):
        if not self.waiting:
            return None
        drawn = self.random.random() * sum(each.tickets for each in self.waiting)
        for process in self.waiting:
            drawn -= process.tickets
            if drawn < 0:
                break
        self.waiting.remove(process)
        return process, self.quantum
