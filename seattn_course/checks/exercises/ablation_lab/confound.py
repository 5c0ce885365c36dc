"""ablation_lab.confound: what else differs between two runs, beside the factor that is asked about."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def confounds(a, b, asked):
    missing = object()
    names = a.keys() | b.keys()
    return sorted(name for name in names if name != asked and a.get(name, missing) != b.get(name, missing))


PLAIN = {"attention": "none", "width": 24, "steps": 250, "lr": 0.02, "seeds": [0, 1, 2, 3, 4]}
SE = {"attention": "se", "width": 24, "steps": 500, "lr": 0.02, "seeds": [5, 6, 7, 8, 9], "reduction": 8}


def _cases(generator):
    return [
        Case((PLAIN, SE, "attention")),
        Case((SE, PLAIN, "attention")),
        Case((PLAIN, PLAIN | {"attention": "eca", "seeds": [0, 1, 2, 3, 4]}, "attention")),
        Case((PLAIN, PLAIN | {"width": 32, "warm_up": None}, "width")),
        Case((PLAIN | {"warm_up": None}, PLAIN | {"width": 24.0, "lr": 0.01}, "attention")),
        Case((PLAIN | {"clip": 0}, PLAIN | {"steps": 251}, "steps")),
        Case((PLAIN, PLAIN | {"a": 1, "zoom": 2, "batch": 64}, "reduction")),
    ]


def _one(generator):
    return [Case((PLAIN, SE, "attention"))]


EXERCISE = Exercise(
    id="ablation_lab.confound",
    kind="function",
    name="confounds",
    reference=confounds,
    probes=(Contract(_one), Values(_cases)),
)


def _wrong(key, answer):
    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _differing(a, b):
    return confounds(a, b, None)


_wrong("asked_too", lambda a, b, asked: _differing(a, b))
_wrong("common_only", lambda a, b, asked: sorted(n for n in a.keys() & b.keys() if n != asked and a[n] != b[n]))
_wrong("of_the_first", lambda a, b, asked: sorted(n for n in a if n != asked and (n not in b or a[n] != b[n])))
_wrong("of_the_second", lambda a, b, asked: sorted(n for n in b if n != asked and (n not in a or a[n] != b[n])))
_wrong("missing_is_none", lambda a, b, asked: [n for n in _differing(a, b) if n != asked and a.get(n) != b.get(n)])
_wrong("equal_ones", lambda a, b, asked: sorted(n for n in a.keys() & b.keys() if a[n] == b[n]))
_wrong("by_identity", lambda a, b, asked: sorted(
    n for n in a.keys() | b.keys() if n != asked and (n not in a or n not in b or a[n] is not b[n])
))  # fmt: skip
_wrong("as_text", lambda a, b, asked: sorted(
    n for n in a.keys() | b.keys() if n != asked and (n not in a or n not in b or str(a[n]) != str(b[n]))
))  # fmt: skip
_wrong("values", lambda a, b, asked: [b.get(n) for n in confounds(a, b, asked)])
_wrong("how_many", lambda a, b, asked: len(confounds(a, b, asked)))
_wrong("whether", lambda a, b, asked: bool(confounds(a, b, asked)))
_wrong("first_one", lambda a, b, asked: confounds(a, b, asked)[:1])
_wrong("backwards", lambda a, b, asked: confounds(a, b, asked)[::-1])
_wrong("unsorted", lambda a, b, asked: [n for n in {**a, **b} if n in confounds(a, b, asked)])
_wrong("only_asked", lambda a, b, asked: [asked] if asked in _differing(a, b) else [])


@EXERCISE.accepted
def by_loop(a, b, asked):
    found = []
    for name in sorted({**a, **b}):
        if name == asked:
            continue
        if (name in a) != (name in b) or a[name] != b[name]:
            found.append(name)
    return found


@EXERCISE.accepted
def as_tuple(a, b, asked):
    names = set(a) | set(b)
    names.discard(asked)
    return tuple(sorted(n for n in names if not (n in a and n in b and a[n] == b[n])))
