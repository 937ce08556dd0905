from kernel.scheduling import Policy


class Mine(Policy):
    def setup(self):
        self.waiting = []

    def ready(self, process, why):
        self.waiting.append(process)

    def pick(self, core):
        if self.waiting:
            best = min(self.waiting, key=lambda process: process.left)
            self.waiting.remove(best)
            return best, None

    def loses(self, running):
        worst = max(running, key=lambda process: process.left)
        if self.waiting and min(each.left for each in self.waiting) < worst.left:
            return worst
