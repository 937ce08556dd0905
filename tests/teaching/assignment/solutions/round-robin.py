from collections import deque

from kernel.scheduling import Duration, Policy, ms


class Mine(Policy):
    quantum: Duration = ms(20)

    def setup(self):
        self.queue = deque()

    def ready(self, process, why):
        self.queue.append(process)

    def pick(self, core):
        if self.queue:
            return self.queue.popleft(), self.quantum
