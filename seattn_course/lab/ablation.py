"""Ablations: a grid of configurations x paired seeds that fills while it runs, on any executor, each run once.

All runs of one seed see the same images in the same order, so that two models are compared pair by pair.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field

from seattn_course import arguments
from seattn_course.lab.configuration import Configuration, Factory, Outcome, train
from seattn_course.lab.statistics import Interval, PairedTest, interval, paired
from seattn_course.lab.store import Store
from seattn_course.lab.workers import close

ATTEMPTS = 3  # of a run whose worker died

Pool = None | Executor | Callable[[], Executor]


@dataclass
class Results:
    """The table of an ablation: its cells are outcomes by model and seed, and it may still be filling.

    made: how many runs this call made; the others were stored before. interrupted: Ctrl-C ended it.
    """

    models: Mapping[str, Configuration]
    seeds: tuple[int, ...]
    outcomes: dict[tuple[str, int], Outcome] = field(default_factory=dict)
    made: int = 0
    interrupted: bool = False

    @property
    def total(self) -> int:
        """The number of cells."""
        return len(self.models) * len(self.seeds)

    @property
    def finished(self) -> bool:
        """Whether all cells are filled."""
        return len(self.outcomes) == self.total

    def accuracies(self, model: str) -> dict[int, float]:
        """The test accuracy in percent of each finished run, by seed."""
        self._known(model)
        cells = ((seed, self.outcomes.get((model, seed))) for seed in self.seeds)
        return {seed: 100 * outcome.accuracy for seed, outcome in cells if outcome is not None}

    def only(self, seeds: Iterable[int]) -> "Results":
        """The same table with fewer seeds; ValueError for a seed that is not in it."""
        chosen = tuple(seeds)
        if not chosen or not set(chosen) <= set(self.seeds):
            raise ValueError(f"seeds must be some of {self.seeds}, got {chosen}")
        kept = {cell: outcome for cell, outcome in self.outcomes.items() if cell[1] in chosen}
        return Results(self.models, chosen, kept)

    def interval(self, model: str, confidence: float = 0.95) -> Interval:
        """The mean accuracy in percent with its t interval over the seeds; ValueError with fewer than 2 runs."""
        return interval(list(self.accuracies(model).values()), confidence)

    def compare(self, model: str, baseline: str, confidence: float = 0.95) -> PairedTest:
        """``model`` minus ``baseline`` in percentage points, over the seeds for which both are finished."""
        mine, other = self.accuracies(model), self.accuracies(baseline)
        common = [seed for seed in mine if seed in other]
        return paired([mine[seed] for seed in common], [other[seed] for seed in common], confidence)

    def curves(self, model: str, what: str = "training_accuracy") -> dict[int, tuple[float, ...]]:
        """The training curve of each finished run, by seed: "loss" or "training_accuracy"."""
        self._known(model)
        what = arguments.choice("what", what, ("loss", "training_accuracy"))
        cells = ((seed, self.outcomes.get((model, seed))) for seed in self.seeds)
        return {seed: getattr(outcome, what) for seed, outcome in cells if outcome is not None}

    def __str__(self) -> str:
        """The table as text: accuracies in percent, "..." where a run is missing, then mean and interval."""
        width = max(map(len, self.models))
        lines = [" " * width + "".join(f"{seed:>6}" for seed in self.seeds) + "    mean [95 %]"]
        for model in self.models:
            found = self.accuracies(model)
            cells = "".join(f"{found[seed]:6.1f}" if seed in found else "   ..." for seed in self.seeds)
            summary = ""
            if len(found) > 1:
                mean = self.interval(model)
                summary = f"{mean.mean:8.1f} [{mean.lower:.1f}, {mean.upper:.1f}]"
            lines.append(f"{model:<{width}}{cells}{summary}")
        return "\n".join(lines)

    def _known(self, model: str) -> None:
        if model not in self.models:
            raise ValueError(f"model must be one of {', '.join(map(repr, self.models))}, got {model!r}")


def ablation(
    models: Mapping[str, Configuration],
    seeds: Iterable[int],
    *,
    executor: Pool = None,
    store: Store | None = None,
    factories: Mapping[str, Factory] | None = None,
    watch: Callable[[Results], None] | None = None,
) -> Results:
    """Trains each of ``models`` with each of ``seeds``, all models of a seed before the next one.

    executor: None runs here, one run after another. A function without arguments that makes a
    ``concurrent.futures.Executor``, such as :func:`~seattn_course.lab.workers.processes`: it is closed at the end,
    and made anew if its workers die. Or an executor that is yours to close, such as Dask's
    ``Client.get_executor()``. The numbers are the same. store: runs it holds are not run again, and each finished
    run is in it at once; None keeps them in memory. factories: your own attention modules, by the name their
    configuration has. watch: called with the results at the start and after each run.

    Ctrl-C returns what there is, with ``interrupted`` True. A run whose worker died is tried again, 3 times in
    all. An error in a run is raised when all others are finished and stored.

    >>> from seattn_course.lab.training import Settings
    >>> short = Settings(steps=2)
    >>> models = {"plain": Configuration(settings=short), "SE": Configuration(attention="se", settings=short)}
    >>> ablation(models, seeds=[0, 1]).finished
    True
    """
    if not isinstance(models, Mapping) or not models:
        raise ValueError(f"models must map at least one name to a configuration, got {models!r}")
    seeds = tuple(arguments.positive_int("seeds", seed, at_least=0) for seed in seeds)
    if len(set(seeds)) != len(seeds) or not seeds:
        raise ValueError(f"seeds must be at least one integer, each once, got {seeds}")
    _distinct(models, factories or {})
    results = Results(dict(models), seeds)
    jobs = {}
    with _opened(store) as kept:
        for seed in seeds:
            for name, configuration in models.items():
                outcome = kept.get(configuration, seed)
                if outcome is not None:
                    results.outcomes[name, seed] = outcome
                else:
                    factory = factories[configuration.attention] if configuration.source else None
                    jobs[name, seed] = (configuration, seed, factory)
        watch = watch or (lambda results: None)
        watch(results)

        def finished(cell: tuple[str, int], outcome: Outcome) -> None:
            kept.put(jobs[cell][0], cell[1], outcome)
            results.outcomes[cell] = outcome
            results.made += 1
            watch(results)

        try:
            errors = _serially(jobs, finished) if executor is None else _by_executor(executor, jobs, finished)
        except KeyboardInterrupt:
            results.interrupted = True
            return results
    if errors:
        cell, error = next(iter(errors.items()))
        raise RuntimeError(
            f"{len(errors)} of {results.total} runs failed, first {cell[0]!r} with seed {cell[1]} "
            f"({type(error).__name__}: {error}); the others are finished"
        ) from error
    return results


def _distinct(models: Mapping[str, Configuration], factories: Mapping[str, Factory]) -> None:
    names: dict[str, str] = {}
    for name, configuration in models.items():
        if not isinstance(configuration, Configuration):
            raise TypeError(f"models[{name!r}] must be a Configuration, got {configuration!r}")
        same = names.setdefault(configuration.canonical(), name)
        if same != name:
            raise ValueError(f"models must be different configurations, got {same!r} equal to {name!r}")
        if configuration.source and configuration.attention not in factories:
            raise ValueError(f"factories must hold {configuration.attention!r}, got {sorted(factories)}")


Jobs = Mapping[tuple[str, int], tuple[Configuration, int, Factory | None]]
Finished = Callable[[tuple[str, int], Outcome], None]
Errors = dict[tuple[str, int], Exception]


def _serially(jobs: Jobs, finished: Finished) -> Errors:
    errors: Errors = {}
    for cell, job in jobs.items():
        try:
            outcome = train(*job)
        except Exception as error:  # a learner's module: anything may go wrong in it
            errors[cell] = error
        else:
            finished(cell, outcome)
    return errors


def _by_executor(pool: Pool, jobs: Jobs, finished: Finished) -> Errors:
    """Submits all, stores each result as it comes, and submits again what was lost with its worker."""
    theirs = isinstance(pool, Executor)
    if not theirs and not callable(pool):
        raise TypeError(f"executor must be None, an Executor or a function that makes one, got {pool!r}")
    errors: Errors = {}
    waiting, deaths = dict(jobs), dict.fromkeys(jobs, 0)
    while waiting:
        executor = pool if theirs else pool()
        try:
            lost = _round(executor, waiting, finished, errors)
        finally:
            if not theirs:
                close(executor)
        for cell, error in lost.items():
            deaths[cell] += 1
            if deaths[cell] == ATTEMPTS or (theirs and isinstance(error, BrokenExecutor)):
                errors[cell] = error
        waiting = {cell: job for cell, job in waiting.items() if cell in lost and cell not in errors}
    return errors


def _round(executor: Executor, jobs: Jobs, finished: Finished, errors: Errors) -> Errors:
    """Runs ``jobs`` and returns those whose worker died."""
    lost: Errors = {}
    futures: dict[Future, tuple[str, int]] = {}
    for cell, job in jobs.items():
        try:
            futures[executor.submit(train, *job)] = cell
        except BrokenExecutor as error:
            lost[cell] = error
    pending = set(futures)
    try:
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                cell = futures[future]
                error = future.exception()
                if error is None:
                    finished(cell, future.result())
                elif isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker":  # Dask's
                    lost[cell] = error
                else:
                    errors[cell] = error
    finally:
        for future in pending:
            future.cancel()
    return lost


@contextmanager
def _opened(store: Store | None) -> Iterator[Store]:
    if store is not None:
        yield store
        return
    with Store() as temporary:
        yield temporary
