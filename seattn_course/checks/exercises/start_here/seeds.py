"""start_here.seeds: random numbers with a generator of one's own."""

import random
from typing import Any

import numpy as np
import torch

from seattn_course.checks.bench import Bench
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.compare import observed
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import GlobalsLeftAlone
from seattn_course.checks.probes.values import Form


def noise(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, generator=generator)


def _cases(generator):
    return [Case((7,))]


class Repeatable(CaseProbe):
    """The same seed gives the same numbers, another seed gives others."""

    def __init__(self, cases):
        super().__init__("repeatable", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        torch.default_generator.manual_seed(5)  # the global numbers differ between the calls, so that using them shows
        results = [observed(bench.guard.call(bench.subject, (seed,))) for seed in (7, 7, 8, 9)]
        if any(isinstance(result, Raised) for result in results):
            return next(result for result in results if isinstance(result, Raised))
        first, again, other, third = map(np.asarray, results)
        return [bool(np.array_equal(first, again)), not np.array_equal(first, other) and not (other == third).all()]

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        same_again, others_differ = found
        if not same_again:
            return own_finding("not_repeatable", bench, case)
        return None if others_differ else own_finding("seed_without_effect", bench, case)


class StandardNormal(CaseProbe):
    """600 numbers from 200 seeds have mean 0, standard deviation 1 and the tails of a normal distribution."""

    def __init__(self, cases):
        super().__init__("standard_normal", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        results = bench.guard.call(lambda: torch.stack([bench.subject(seed) for seed in range(200)]))
        if isinstance(results, Raised):
            return results
        numbers = results.double().flatten()
        # Bounds are about five standard errors of 600 numbers; a share of 0.046 lies beyond 2.
        if (numbers == numbers.round()).all():
            return "whole"
        if numbers.min() >= 0:
            return "unit interval" if numbers.max() <= 1 else "positive"
        if abs(numbers.mean()) > 0.2:
            return "shifted"
        if abs(numbers.std() - 1) > 0.15:
            return "scaled"
        return "normal" if 0.01 < (numbers.abs() > 2).double().mean() < 0.09 else "shape"

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        return None if found == "normal" else own_finding("not_normal", bench, case)


EXERCISE = Exercise(
    id="start_here.seeds",
    kind="function",
    name="noise",
    reference=noise,
    probes=(
        Contract(_cases),
        Form(_cases),
        GlobalsLeftAlone(_cases),
        Repeatable(_cases),
        StandardNormal(_cases),
    ),
)

_kept = torch.Generator()


@EXERCISE.wrong("seeds_globally")
def _seeds_globally(seed):
    torch.manual_seed(seed)
    return torch.randn(3)


@EXERCISE.wrong("generator_unused")
def _generator_unused(seed):
    generator = torch.Generator()
    generator.manual_seed(seed)
    return torch.randn(3)


@EXERCISE.wrong("seed_as_generator")
def _seed_as_generator(seed):
    return torch.randn(3, generator=seed)


@EXERCISE.wrong("seed_ignored")
def _seed_ignored(seed):
    return torch.randn(3, generator=torch.Generator().manual_seed(0))


@EXERCISE.wrong("generator_kept")
def _generator_kept(seed):
    return torch.randn(3, generator=_kept)


@EXERCISE.wrong("uniform")
def _uniform(seed):
    return torch.rand(3, generator=torch.Generator().manual_seed(seed))


@EXERCISE.wrong("stretched_uniform")
def _stretched_uniform(seed):
    return torch.rand(3, generator=torch.Generator().manual_seed(seed)) * 12**0.5 - 3**0.5


@EXERCISE.wrong("whole_numbers")
def _whole_numbers(seed):
    return torch.randint(-2, 3, (3,), generator=torch.Generator().manual_seed(seed)).float()


@EXERCISE.wrong("absolute")
def _absolute(seed):
    return torch.randn(3, generator=torch.Generator().manual_seed(seed)).abs()


@EXERCISE.wrong("shifted")
def _shifted(seed):
    return 5 + 2 * torch.randn(3, generator=torch.Generator().manual_seed(seed))


@EXERCISE.wrong("scaled")
def _scaled(seed):
    return 0.1 * torch.randn(3, generator=torch.Generator().manual_seed(seed))


@EXERCISE.wrong("one_number")
def _one_number(seed):
    return torch.randn((), generator=torch.Generator().manual_seed(seed))


@EXERCISE.wrong("matrix")
def _matrix(seed):
    return torch.randn(1, 3, generator=torch.Generator().manual_seed(seed))


@EXERCISE.wrong("numpy")
def _numpy(seed):
    return np.random.default_rng(seed).standard_normal(3)


@EXERCISE.wrong("python_seeded")
def _python_seeded(seed):
    random.seed(seed)
    return torch.tensor([random.gauss(0, 1) for _ in range(3)])


@EXERCISE.wrong("the_generator")
def _the_generator(seed):
    return torch.Generator().manual_seed(seed)


@EXERCISE.accepted
def filled_in_place(seed):
    g = torch.Generator("cpu")
    g.manual_seed(seed)
    return torch.empty(3).normal_(generator=g)


@EXERCISE.accepted
def torch_normal(seed):
    return torch.normal(0.0, 1.0, (3,), generator=torch.Generator().manual_seed(seed + 1))


@EXERCISE.accepted
def inside_fork(seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.randn(3)
