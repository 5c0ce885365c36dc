"""stability.variance_after: the law v <- a v + b of the four fusion patterns."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def variance_after(pattern, L, v0, g, gamma):
    a = g**2 if pattern in ("P2", "P4") else 1.0
    b = gamma**2 if pattern == "P3" else (g * gamma) ** 2
    v = v0
    for _ in range(L):
        v = a * v + b
    return v


def _one(generator):
    return [Case(("P1", 2, 0.3, 0.5, 1.0))]


def _cases(generator):
    numbers = ((1, 0.3, 0.5, 1.0), (3, 0.7, 0.6, 1.3), (5, 1.2, 1.5, 0.4), (4, 0.3, 0.8, 0.0), (3, 0.5, 1.0, 0.7))
    return [Case((pattern, *case)) for pattern in ("P1", "P2", "P3", "P4") for case in numbers]


EXERCISE = Exercise(
    id="stability.variance_after",
    kind="function",
    name="variance_after",
    reference=variance_after,
    probes=(Contract(_one), Values(_cases)),
)


def _run(a, b, L, v0):
    for _ in range(L):
        v0 = a * v0 + b
    return float(v0)


def _kept(pattern, g):
    return g**2 if pattern in ("P2", "P4") else 1.0


def _added(pattern, g, gamma):
    return gamma**2 if pattern == "P3" else (g * gamma) ** 2


@EXERCISE.wrong("gate_in_p3")
def _gate_in_p3(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), (g * gamma) ** 2, L, v0)


@EXERCISE.wrong("gate_not_squared")
def _gate_not_squared(pattern, L, v0, g, gamma):
    a = g if pattern in ("P2", "P4") else 1.0
    return _run(a, gamma**2 if pattern == "P3" else g * gamma**2, L, v0)


@EXERCISE.wrong("gamma_not_squared")
def _gamma_not_squared(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), gamma if pattern == "P3" else g**2 * gamma, L, v0)


@EXERCISE.wrong("gamma_forgotten")
def _gamma_forgotten(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), _added(pattern, g, 1.0), L, v0)


@EXERCISE.wrong("p2_skip_only")
def _p2_skip_only(pattern, L, v0, g, gamma):
    b = gamma**2 if pattern in ("P2", "P3") else (g * gamma) ** 2
    return _run(_kept(pattern, g), b, L, v0)


@EXERCISE.wrong("p2_branch_only")
def _p2_branch_only(pattern, L, v0, g, gamma):
    return _run(g**2 if pattern == "P4" else 1.0, _added(pattern, g, gamma), L, v0)


@EXERCISE.wrong("p4_skip_free")
def _p4_skip_free(pattern, L, v0, g, gamma):
    return _run(g**2 if pattern == "P2" else 1.0, _added(pattern, g, gamma), L, v0)


@EXERCISE.wrong("p4_branch_free")
def _p4_branch_free(pattern, L, v0, g, gamma):
    b = gamma**2 if pattern in ("P3", "P4") else (g * gamma) ** 2
    return _run(_kept(pattern, g), b, L, v0)


@EXERCISE.wrong("branch_follows_stream")
def _branch_follows_stream(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g) + (g * gamma) ** 2, 0.0, L, v0)


@EXERCISE.wrong("gate_on_all")
def _gate_on_all(pattern, L, v0, g, gamma):
    return _run(g**2, (g * gamma) ** 2, L, v0)


@EXERCISE.wrong("all_like_p1")
def _all_like_p1(pattern, L, v0, g, gamma):
    return _run(1.0, (g * gamma) ** 2, L, v0)


@EXERCISE.wrong("no_branch")
def _no_branch(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), 0.0, L, v0)


@EXERCISE.wrong("one_block_only")
def _one_block_only(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), _added(pattern, g, gamma), 1, v0)


@EXERCISE.wrong("one_block_more")
def _one_block_more(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), _added(pattern, g, gamma), L + 1, v0)


@EXERCISE.wrong("one_block_fewer")
def _one_block_fewer(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), _added(pattern, g, gamma), L - 1, v0)


@EXERCISE.wrong("always_half")
def _always_half(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, 0.5), _added(pattern, 0.5, gamma), L, v0)


@EXERCISE.wrong("divided_by_zero")
def _divided_by_zero(pattern, L, v0, g, gamma):
    a, b = _kept(pattern, g), _added(pattern, g, gamma)
    if pattern in ("P1", "P3"):
        return float(v0 + L * b)
    return float(a**L * v0 + b * (1 - a**L) / (1 - a))


@EXERCISE.wrong("branch_added_once")
def _branch_added_once(pattern, L, v0, g, gamma):
    return float(_kept(pattern, g) ** L * v0 + _added(pattern, g, gamma))


@EXERCISE.wrong("branch_times_blocks")
def _branch_times_blocks(pattern, L, v0, g, gamma):
    return float(_kept(pattern, g) ** L * v0 + L * _added(pattern, g, gamma))


@EXERCISE.wrong("deviations_added")
def _deviations_added(pattern, L, v0, g, gamma):
    v = v0**0.5
    for _ in range(L):
        v = _kept(pattern, g) ** 0.5 * v + _added(pattern, g, gamma) ** 0.5
    return float(v**2)


@EXERCISE.wrong("fixed_point")
def _fixed_point(pattern, L, v0, g, gamma):
    a, b = _kept(pattern, g), _added(pattern, g, gamma)
    return float(b / (1 - a)) if a != 1 else float("inf")


@EXERCISE.wrong("root_taken")
def _root_taken(pattern, L, v0, g, gamma):
    return _run(_kept(pattern, g), _added(pattern, g, gamma), L, v0) ** 0.5


@EXERCISE.wrong("whole_path")
def _whole_path(pattern, L, v0, g, gamma):
    a, b = _kept(pattern, g), _added(pattern, g, gamma)
    return [_run(a, b, blocks, v0) for blocks in range(L + 1)]


@EXERCISE.accepted
def geometric_sum(pattern, L, v0, g, gamma):
    if pattern == "P1":
        return v0 + L * g**2 * gamma**2
    if pattern == "P3":
        return v0 + L * gamma**2
    return g ** (2 * L) * v0 + gamma**2 * sum(g ** (2 * power) for power in range(1, L + 1))


@EXERCISE.accepted
def by_recursion(pattern, L, v0, g, gamma):
    if L == 0:
        return v0
    v = by_recursion(pattern, L - 1, v0, g, gamma)
    step = {
        "P1": v + g**2 * gamma**2,
        "P2": g**2 * (v + gamma**2),
        "P3": v + gamma**2,
        "P4": g**2 * v + g**2 * gamma**2,
    }
    return step[pattern]
