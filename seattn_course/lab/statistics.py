"""Few seeds, honest figures: paired differences, intervals, tests, many comparisons, and how many seeds it takes.

Two models trained with the same seed see the same data in the same order: their difference is one observation, and
the luck of the seed cancels. The mathematics is scipy's. Values are per seed, (n,), any sequence of finite
numbers.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from seattn_course import arguments

INTERVALS = ("t", "bootstrap")
CORRECTIONS = ("holm", "bonferroni")
DRAWS = 9999  # resamples of the bootstrap, and sign flips where not all are tried
_EXACT = 13  # 2^13 = 8192 sign patterns are fewer than DRAWS: up to so many seeds all are tried


@dataclass(frozen=True)
class Interval:
    """A mean and where it may well lie: lower <= mean <= upper, at the given confidence."""

    mean: float
    lower: float
    upper: float
    confidence: float
    method: str

    def contains(self, value: float) -> bool:
        """Whether ``value`` lies in it, its ends included."""
        return self.lower <= value <= self.upper


def verdict(found: Interval, worth: float) -> str:
    """What an interval of a difference says where ``worth`` would matter: "better", "worse", "none" or "open".

    better: it lies above worth. worse: below -worth. none: between the two. open: anything else.

    >>> verdict(interval([14.0, 8.0, 20.0, 13.0]), worth=5), verdict(interval([0.5, -1.0, 2.0]), worth=5)
    ('better', 'none')
    """
    worth = arguments.real("worth", worth, above=0)
    if found.lower > worth:
        return "better"
    if found.upper < -worth:
        return "worse"
    return "none" if -worth < found.lower and found.upper < worth else "open"


@dataclass(frozen=True)
class PairedTest:
    """a - b over paired seeds. ``sd`` is the standard deviation (n - 1) of the differences.

    t, p_t: Student's paired test; nan where all differences are equal, because t then has nothing to judge them
    by. p_sign_flip: the share of sign patterns at least as extreme; it needs no normal distribution. smallest_p:
    what p_sign_flip cannot go below with so many seeds, 2/2^n.
    """

    differences: tuple[float, ...]
    mean: float
    sd: float
    interval: Interval
    t: float
    p_t: float
    p_sign_flip: float
    smallest_p: float

    @property
    def n(self) -> int:
        """The number of pairs."""
        return len(self.differences)


def interval(values: Sequence[float], confidence: float = 0.95, method: str = "t", *, seed: int = 0) -> Interval:
    """The mean of ``values`` with its confidence interval.

    method: "t" (Student: right for few values that are roughly normal) or "bootstrap" (resampling, BCa of Efron
    1987: needs no shape, and is too narrow for fewer than about ten values). seed: of the resampling.

    >>> found = interval([70.0, 72.0, 74.0])
    >>> round(found.mean, 1), round(found.lower, 1), round(found.upper, 1)
    (72.0, 67.0, 77.0)
    """
    numbers = _sample("values", values)
    confidence = arguments.real("confidence", confidence, above=0, below=1)
    method = arguments.choice("method", method, INTERVALS)
    mean = float(numbers.mean())
    if np.ptp(numbers) == 0:
        lower = upper = mean
    elif method == "t":
        found = stats.ttest_1samp(numbers, 0).confidence_interval(confidence)
        lower, upper = float(found.low), float(found.high)
    else:
        drawing = np.random.default_rng(arguments.positive_int("seed", seed, at_least=0))
        drawn = stats.bootstrap((numbers,), np.mean, n_resamples=DRAWS, confidence_level=confidence, rng=drawing)
        lower, upper = map(float, drawn.confidence_interval)
    return Interval(mean, lower, upper, confidence, method)


def paired(
    a: Sequence[float], b: Sequence[float], confidence: float = 0.95, method: str = "t", *, seed: int = 0
) -> PairedTest:
    """Compares ``a`` with ``b``, value by value of the same seed; positive means a is larger.

    ValueError unless both have the same length, at least 2. confidence, method, seed: as in :func:`interval`.

    >>> test = paired([71, 74, 70, 75, 72, 73], [69, 70, 69, 71, 70, 70])
    >>> round(test.mean, 2), round(test.p_t, 4), test.p_sign_flip
    (2.67, 0.003, 0.03125)
    """
    first, second = _sample("a", a), _sample("b", b)
    if len(first) != len(second):
        raise ValueError(f"b must have a value for each of the {len(first)} seeds of a, got {len(second)}")
    differences = first - second
    t, p_t = math.nan, math.nan
    if np.ptp(differences) > 0:
        t, p_t = map(float, stats.ttest_1samp(differences, 0))
    return PairedTest(
        differences=tuple(differences.tolist()),
        mean=float(differences.mean()),
        sd=float(differences.std(ddof=1)),
        interval=interval(differences, confidence, method, seed=seed),
        t=t,
        p_t=p_t,
        p_sign_flip=sign_flip(differences, seed=seed),
        smallest_p=2.0 ** (1 - len(differences)),
    )


def sign_flip(differences: Sequence[float], *, seed: int = 0) -> float:
    """The two-sided p of the sign-flip (randomization) test of Fisher: had a and b been swapped in some pairs ...

    If a and b are alike, each difference could as well have had the other sign. p is the share of sign patterns
    whose mean is at least as far from 0. All 2^n are tried for up to 13 pairs, 9,999 random ones (from ``seed``)
    beyond.

    >>> sign_flip([1.0, 2.0, 3.0, 4.0, 5.0])
    0.0625
    """
    numbers = _sample("differences", differences)
    test = stats.permutation_test(
        (numbers,),
        lambda values, axis: values.mean(axis),
        permutation_type="samples",
        n_resamples=math.inf if len(numbers) <= _EXACT else DRAWS,
        vectorized=True,
        rng=np.random.default_rng(arguments.positive_int("seed", seed, at_least=0)),
    )
    return float(test.pvalue)


def corrected(p_values: Mapping[str, float], method: str = "holm") -> dict[str, float]:
    """The p-values after correction for there being many: each still compares with 0.05, and all hold together.

    method: "bonferroni" multiplies each by their number; "holm" (1979) multiplies the smallest by n, the next by n
    - 1, ..., and never lets a larger p end below a smaller one. Holm is never worse and asks for nothing more.

    >>> corrected({"a": 0.01, "b": 0.03, "c": 0.04})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    if not isinstance(p_values, Mapping) or not p_values:
        raise ValueError(f"p_values must map at least one name to a probability, got {p_values!r}")
    method = arguments.choice("method", method, CORRECTIONS)
    for name, p in p_values.items():
        if not 0 <= arguments.real(f"p_values[{name!r}]", p) <= 1:
            raise ValueError(f"p_values[{name!r}] must be a probability from 0 to 1, got {p!r}")
    n = len(p_values)
    if method == "bonferroni":
        return {name: min(1.0, n * p) for name, p in p_values.items()}
    found, largest = {}, 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (n - rank) * p_values[name]))
        found[name] = largest
    return {name: found[name] for name in p_values}


def power(effect: float, sd: float, n: int, alpha: float = 0.05) -> float:
    """How often a two-sided paired t-test with ``n`` seeds finds a true mean difference of ``effect``.

    sd: standard deviation of the differences, in the units of effect. alpha: the p below which it counts as found;
    for k comparisons with Bonferroni, 0.05 / k. From the noncentral t distribution.

    >>> round(power(effect=1.0, sd=1.0, n=10), 2)
    0.8
    """
    effect, sd = abs(arguments.real("effect", effect)), arguments.real("sd", sd, above=0)
    n = arguments.positive_int("n", n, at_least=2)
    alpha = arguments.real("alpha", alpha, above=0, below=1)
    critical = stats.t.ppf(1 - alpha / 2, n - 1)
    shift = effect / sd * math.sqrt(n)
    wrong_side = float(stats.nct.cdf(-critical, n - 1, shift))  # nan at times where it is below 1e-20
    return float(stats.nct.sf(critical, n - 1, shift)) + (0.0 if math.isnan(wrong_side) else wrong_side)


def seeds_needed(
    effect: float, sd: float, wanted: float = 0.8, alpha: float = 0.05, at_most: int = 100_000
) -> int:
    """How many paired seeds it takes to find ``effect`` with probability ``wanted``; see :func:`power`.

    ValueError if more than ``at_most`` are needed, as for an effect of 0.

    >>> seeds_needed(effect=1.0, sd=1.0), seeds_needed(effect=0.3, sd=1.0)
    (10, 90)
    """
    wanted = arguments.real("wanted", wanted, above=0, below=1)
    at_most = arguments.positive_int("at_most", at_most, at_least=2)
    if power(effect, sd, at_most, alpha) < wanted:
        raise ValueError(f"effect must be one that {at_most} seeds can find, got {effect!r} at sd {sd!r}")
    low, high = 1, at_most  # power grows with n: halve the interval that holds the first n that suffices
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, sd, middle, alpha) >= wanted else (middle, high)
    return high


def _sample(name: str, values: Sequence[float]) -> np.ndarray:
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be at least 2 finite numbers, one a seed, got {values!r}")
    return numbers
