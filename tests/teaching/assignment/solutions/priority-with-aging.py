from kernel.scheduling import Duration, Policy, ms


class Mine(Policy):
    aging: Duration = ms(50)

    def setup(self):
        self.waiting = []  # in the order in which they became ready
        self.levels = {}

    def ready(self, process, why):
        self.waiting.append(process)
        self.levels[process] = process.priority

    def age(self):
        for process in self.waiting:
            waited = (self.now - process.ready_since) // self.aging
            self.levels[process] = process.priority - waited

    def best(self):
        return min(self.waiting, key=self.levels.get, default=None)

    def pick(self, core):
        self.age()
        process = self.best()
        if process is not None:
            self.waiting.remove(process)
            return process, None

    def loses(self, running):
        self.age()
        worst = max(reversed(running), key=self.levels.get)
        best = self.best()
        if best is not None and self.levels[best] < self.levels[worst]:
            return worst

    def next_review(self):
        ages = (self.now - each.ready_since for each in self.waiting)
        return min((self.now + self.aging - age % self.aging for age in ages), default=None)

    def review(self):
        self.age()
