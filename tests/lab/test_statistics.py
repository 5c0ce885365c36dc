"""Against formulas written out, enumeration by hand, tables, and simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seattn_course.lab.statistics import (
    Interval,
    corrected,
    interval,
    paired,
    power,
    seeds_needed,
    sign_flip,
    verdict,
)

SEEDS = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=9)


def test_t_interval_by_its_formula():
    values = [70.1, 72.3, 68.8, 71.0, 74.2, 69.9]
    found = interval(values)
    half = 2.570582 * np.std(values, ddof=1) / math.sqrt(6)  # t of 5 degrees of freedom at 97.5 %, from a table
    assert found.mean == pytest.approx(np.mean(values))
    assert (found.lower, found.upper) == pytest.approx((np.mean(values) - half, np.mean(values) + half), abs=1e-5)
    assert found.contains(71)
    assert not found.contains(80)
    assert interval(values, 0.99).lower < found.lower


def test_bootstrap_interval_is_near_t_for_many_and_too_narrow_for_few():
    many = np.random.default_rng(0).normal(10, 2, 200)
    t, bootstrap = interval(many), interval(many, method="bootstrap")
    assert bootstrap.lower == pytest.approx(t.lower, abs=0.05)
    assert bootstrap.upper == pytest.approx(t.upper, abs=0.05)
    assert bootstrap == interval(many, method="bootstrap")
    few = many[:5]
    t, bootstrap = interval(few), interval(few, method="bootstrap")
    assert bootstrap.upper - bootstrap.lower < t.upper - t.lower


@pytest.mark.parametrize("method", ["t", "bootstrap"])
def test_equal_values_have_an_interval_of_one_point(method):
    found = interval([3.0, 3.0, 3.0], method=method)
    assert (found.lower, found.mean, found.upper) == (3, 3, 3)


@settings(max_examples=50, deadline=None)
@given(SEEDS)
def test_sign_flip_is_the_enumeration(differences):
    all_signs = itertools.product((1, -1), repeat=len(differences))
    patterns = [np.mean(np.multiply(signs, differences)) for signs in all_signs]
    observed = abs(np.mean(differences))
    expected = np.mean([abs(mean) >= observed - 1e-9 for mean in patterns])
    assert sign_flip(differences) == pytest.approx(min(1, expected), abs=1e-12)


@pytest.mark.parametrize("n", [4, 5, 6, 8])
def test_what_few_seeds_cannot_show(n):
    """All differences of one sign is the most extreme there is: 2/2^n, .0625 for five seeds."""
    test = paired(np.arange(n) + 10.0, np.arange(n) * 0.5)
    assert test.p_sign_flip == test.smallest_p == 2 / 2**n
    assert test.n == n


def test_sign_flip_of_many_pairs_is_drawn():
    differences = np.random.default_rng(1).normal(0.5, 1, 20)
    found = sign_flip(differences)
    assert found == sign_flip(differences)
    assert found == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.02)


def test_paired_by_its_formula():
    a, b = [71, 74, 70, 75, 72, 73], [69, 70, 69, 71, 70, 70]
    test = paired(a, b)
    d = np.subtract(a, b)
    assert test.differences == tuple(d)
    assert test.t == pytest.approx(d.mean() / (d.std(ddof=1) / math.sqrt(6)))
    assert test.interval == interval(d)
    assert test.sd == pytest.approx(d.std(ddof=1))
    back = paired(b, a)
    assert (back.mean, back.t, back.p_t, back.p_sign_flip) == (-test.mean, -test.t, test.p_t, test.p_sign_flip)


def test_pairing_removes_the_luck_of_the_seed():
    """A difference of 1 under seed-to-seed swings of 10: unpaired nothing, paired everything."""
    random = np.random.default_rng(0)
    luck = random.normal(0, 10, 8)
    a, b = luck + 1 + random.normal(0, 0.3, 8), luck + random.normal(0, 0.3, 8)
    assert stats.ttest_ind(a, b).pvalue > 0.5
    assert paired(a, b).p_t < 0.001


def test_equal_differences_have_no_t():
    test = paired([3.0, 4.0], [1.0, 2.0])
    assert math.isnan(test.t)
    assert math.isnan(test.p_t)
    assert (test.mean, test.sd, test.p_sign_flip) == (2, 0, 0.5)
    assert paired([1.0, 2.0], [1.0, 2.0]).p_sign_flip == 1


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (5.1, 9.0, "better"), (-9.0, -5.1, "worse"), (-4.9, 4.9, "none"), (1.0, 4.9, "none"), (5.0, 9.0, "open"),
        (-1.0, 5.0, "open"), (-9.0, 9.0, "open"), (-9.0, -5.0, "open"),
    ],
)  # fmt: skip
def test_a_verdict_asks_for_what_matters(lower, upper, expected):
    found = Interval((lower + upper) / 2, lower, upper, 0.95, "t")
    assert verdict(found, worth=5) == expected


def test_a_verdict_needs_a_difference_that_matters():
    with pytest.raises(ValueError, match="worth"):
        verdict(interval([1.0, 2.0]), worth=0)


def test_corrections_by_hand():
    """Holm (1979), worked out: 4 x .01, then max with 3 x .02, 2 x .03, 1 x .05."""
    p = {"d": 0.05, "a": 0.01, "c": 0.03, "b": 0.02}
    assert corrected(p) == pytest.approx({"d": 0.06, "a": 0.04, "c": 0.06, "b": 0.06})
    assert list(corrected(p)) == list(p)
    assert corrected(p, "Bonferroni") == pytest.approx({"d": 0.2, "a": 0.04, "c": 0.12, "b": 0.08})
    assert corrected({"one": 0.6, "two": 0.9}) == {"one": 1, "two": 1}


def test_thirteen_comparisons():
    """EXPERIMENTS of the course: |t| = 5.7 with 5 seeds is p = .005, times 13 is .06."""
    p = 2 * stats.t.sf(5.7, 4)
    assert p == pytest.approx(0.005, abs=0.0005)
    assert corrected({"T=2": p} | {str(i): 1.0 for i in range(12)})["T=2"] == pytest.approx(0.06, abs=0.005)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_between_raw_and_bonferroni(values):
    p = {str(i): value for i, value in enumerate(values)}
    holm, bonferroni = corrected(p), corrected(p, "bonferroni")
    assert all(p[name] <= holm[name] <= bonferroni[name] for name in p)
    order = sorted(p, key=p.get)
    assert [holm[name] for name in order] == sorted(holm[name] for name in order)


@pytest.mark.parametrize(("effect", "sd", "n"), [(1.0, 1.0, 6), (2.0, 1.0, 5), (0.0, 1.0, 8), (-3.0, 4.0, 12)])
def test_power_by_simulation(effect, sd, n):
    samples = np.random.default_rng(0).normal(effect, sd, (20_000, n))
    found = (stats.ttest_1samp(samples, 0, axis=1).pvalue < 0.05).mean()
    assert power(effect, sd, n) == pytest.approx(found, abs=0.012)


def test_seeds_needed():
    assert seeds_needed(1.0, 1.0) == 10  # Cohen's tables: d = 1, 80 %
    assert seeds_needed(0.5, 1.0) == 34
    assert seeds_needed(100, 1.0) == 2
    assert seeds_needed(1.0, 1.0, alpha=0.05 / 13) > seeds_needed(1.0, 1.0)
    for effect in (0.05, 0.3, 0.8, 2.0):
        n = seeds_needed(effect, 1.0)
        assert power(effect, 1.0, n) >= 0.8
        assert n == 2 or power(effect, 1.0, n - 1) < 0.8
    assert power(50, 1.0, 1000) == 1


@pytest.mark.parametrize(
    ("call", "error", "content"),
    [
        (lambda: interval([1.0]), ValueError, ["values", "at least 2", "[1.0]"]),
        (lambda: interval([1.0, math.nan]), ValueError, ["values", "finite"]),
        (lambda: interval([1.0, 2.0], 1), ValueError, ["confidence", "below 1"]),
        (lambda: interval([1.0, 2.0], method="z"), ValueError, ["method", "'t', 'bootstrap'", "'z'"]),
        (lambda: interval([1.0, 2.0], method="bootstrap", seed=-1), ValueError, ["seed", "-1"]),
        (lambda: paired([1.0, 2.0], [1.0, 2.0, 3.0]), ValueError, ["b must", "2 seeds", "got 3"]),
        (lambda: paired([[1.0, 2.0]], [1.0, 2.0]), ValueError, ["a must"]),
        (lambda: sign_flip([]), ValueError, ["differences", "[]"]),
        (lambda: corrected([0.1]), ValueError, ["p_values", "map"]),
        (lambda: corrected({"x": 1.2}), ValueError, ["p_values['x']", "1.2"]),
        (lambda: corrected({"x": 0.2}, "fdr"), ValueError, ["method", "'holm', 'bonferroni'", "'fdr'"]),
        (lambda: power(1, 0, 5), ValueError, ["sd", "above 0"]),
        (lambda: power(1, 1, 1), ValueError, ["n must", "at least 2"]),
        (lambda: seeds_needed(0, 1), ValueError, ["effect", "100000"]),
        (lambda: seeds_needed(1, 1, wanted=1), ValueError, ["wanted", "below 1"]),
    ],
    ids=[
        "one value", "nan", "confidence", "method", "seed", "lengths", "matrix", "empty", "list", "p", "fdr",
        "sd", "n", "no effect", "wanted",
    ],
)  # fmt: skip
def test_wrong_arguments_of_statistics(call, error, content):
    with pytest.raises(error) as caught:
        call()
    assert all(part in str(caught.value) for part in content)
