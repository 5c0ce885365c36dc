"""A clock and a piece of work for exercises on timing.

Apart from the exercises: the guard takes a call into those for an answer that uses the course's own solution.
"""


class Workshop:
    """A piece of work and a clock that knows how long it takes: time passes in ``f`` only."""

    def __init__(self, *durations: float):
        self.durations = durations
        self.now = 100.0
        self.work_done = 0
        self.clock_read = 0

    def f(self) -> None:
        self.now += self.durations[self.work_done % len(self.durations)]
        self.work_done += 1

    def clock(self) -> float:
        self.clock_read += 1
        return self.now
