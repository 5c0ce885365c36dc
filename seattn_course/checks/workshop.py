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


class TwoJobs(Workshop):
    """Two pieces of work on one clock, on a machine that slows down: both of a round are hit alike.

    The k-th round (two calls, whichever job they are) is ``slowness[k]`` times as slow. ``calls`` tells the order:
    "a" for ``f``, "b" for ``g``.
    """

    def __init__(self, first: float, second: tuple[float, ...], slowness: tuple[float, ...]):
        super().__init__(first)
        self.second = second
        self.slowness = slowness
        self.calls = ""

    def f(self) -> None:
        self._work("a", self.durations)

    def g(self) -> None:
        self._work("b", self.second)

    def _work(self, job: str, durations: tuple[float, ...]) -> None:
        turn = len(self.calls) // 2 % len(self.slowness)
        self.now += durations[self.calls.count(job) % len(durations)] * self.slowness[turn]
        self.calls += job
