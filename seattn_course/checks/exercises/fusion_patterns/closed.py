"""fusion_patterns.closed: what each pattern returns when all gates are closed and F is constant."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import MappingOfNumbers


def returned():
    x, f = 3, 2
    return {
        "P1": x,  # x + A(F(x)), A(...) = 0
        "P2": 0,  # A(x + F(x))
        "P3": x + f,  # x + F(0), and F(0) is 2 as well
        "P4": 0,  # A_s(x) + A_r(F(x))
        "Identity": f,  # A_s(x) + F(x)
    }


def _five(p1, p2, p3, p4, identity):
    return {"P1": p1, "P2": p2, "P3": p3, "P4": p4, "Identity": identity}


EXERCISE = Exercise(
    id="fusion_patterns.closed",
    kind="mapping",
    name="returned",
    reference=returned,
    probes=(MappingOfNumbers(),),
)

EXERCISE.wrong_values(
    zero_in_zero_out=_five(3, 0, 3, 0, 2),
    branch_always_closed=_five(3, 0, 3, 0, 0),
    all_closed=_five(0, 0, 0, 0, 0),
    nothing_closed=_five(5, 5, 5, 5, 5),
    skip_survives=_five(3, 3, 5, 3, 5),
    skip_survives_in_four=_five(3, 0, 5, 3, 5),
    skip_survives_in_two=_five(3, 3, 5, 0, 2),
    skip_survives_but_in_identity=_five(3, 3, 5, 3, 2),
    one_open=_five(5, 0, 5, 0, 2),
    one_shut=_five(0, 0, 5, 0, 2),
    two_open=_five(3, 5, 5, 0, 2),
    three_shut=_five(3, 0, 0, 0, 2),
    four_open=_five(3, 0, 5, 5, 2),
    four_keeps_x=_five(3, 0, 5, 3, 2),
    four_keeps_the_branch=_five(3, 0, 5, 2, 2),
    one_and_two_swapped=_five(0, 3, 5, 0, 2),
    one_and_three_swapped=_five(5, 0, 3, 0, 2),
    three_skip_closed=_five(3, 0, 2, 0, 2),
    identity_for_skip=_five(3, 0, 5, 0, 3),
    identity_closed=_five(3, 0, 5, 0, 0),
    identity_open=_five(3, 0, 5, 0, 5),
    branch_only=_five(2, 0, 5, 0, 2),
    half_open=_five(4, 2.5, 5, 2.5, 3.5),
    texts=_five("3", "0", "5", "0", "2"),
    listed=[3, 0, 5, 0, 2],
)
EXERCISE.accepted_values(
    other_order=dict(reversed(_five(3, 0, 5, 0, 2).items())),
    computed={"P1": 3 + 0, "P2": 0 * 5, "P3": 3 + 2, "P4": 0 * 3 + 0 * 2, "Identity": 0 * 3 + 2},
)
