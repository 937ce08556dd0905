from kernel.scheduling import LeastFirst


class Mine(LeastFirst):
    takes_cores = True

    def key(self, process):
        return process.priority
