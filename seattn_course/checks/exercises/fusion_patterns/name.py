"""fusion_patterns.name: which pattern is it? Eight forwards, 0 for none of the four."""

from seattn_course.checks.exercise import Exercise
from seattn_course.checks.probes.value import MappingOfNumbers


def patterns():
    return {
        "a": 1,  # relu(A(F(x)) + x)
        "b": 3,  # relu(x + F(A(x)))
        "c": 2,  # u = x + F(x); relu(u * gate(u))
        "d": 0,  # x = A(x); relu(x + F(x))
        "e": 1,  # v = F(x); relu(x + v * gate(v))
        "f": 0,  # relu(x + F2(A(F1(x))))
        "g": 4,  # relu(A(x) + B(F(x)))
        "h": 4,  # relu(A(x) + F(x))
    }


EXERCISE = Exercise(
    id="fusion_patterns.name",
    kind="mapping",
    name="patterns",
    reference=patterns,
    probes=(MappingOfNumbers(),),
)


def _but(**changed):
    return patterns() | changed


EXERCISE.wrong_values(
    a_is_three=_but(a=3),
    a_is_two=_but(a=2),
    b_is_one=_but(b=1),
    c_is_one=_but(c=1),
    c_is_none=_but(c=0),
    d_is_three=_but(d=3),
    d_is_two=_but(d=2),
    d_is_four=_but(d=4),
    e_is_two=_but(e=2),
    e_is_three=_but(e=3),
    e_is_none=_but(e=0),
    f_is_one=_but(f=1),
    f_is_three=_but(f=3),
    g_is_two=_but(g=2),
    g_is_none=_but(g=0),
    h_is_none=_but(h=0),
    h_is_one=_but(h=1),
    h_is_three=_but(h=3),
    none_forgotten=_but(d=3, f=1),
    middle_and_first=_but(d=3, f=3),
    overwritten_and_identity=_but(d=3, h=0),
    all_three=_but(d=3, f=1, h=0),
    one_and_three_swapped=_but(a=3, b=1, e=3),
    two_and_three_swapped=_but(b=2, c=3),
    texts={letter: f"P{number}" for letter, number in patterns().items()},
    listed=list(patterns().values()),
)
EXERCISE.accepted_values(
    other_order=dict(reversed(patterns().items())),
    as_pairs=dict([("h", 4), ("g", 4), ("f", 0), ("e", 1), ("d", 0), ("c", 2), ("b", 3), ("a", 1)]),
)
