"""se_in_networks.choose_reduction: the largest r of 4, 8, 16 that leaves enough hidden units."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def reductions_for(channels, min_hidden=8):
    chosen = []
    for width in channels:
        enough = [r for r in (4, 8, 16) if width // r >= min_hidden]
        chosen.append(max(enough, default=4))
    return chosen


def _cases(generator):
    return [
        Case(([64, 128, 256, 512],)),
        Case(([127, 128, 63, 64, 31, 32],)),
        Case(([16, 24, 40, 80, 200],), {"min_hidden": 4}),
        Case(([62, 65, 40, 33],), {"min_hidden": 4}),
        Case(([30, 71, 143], 9)),
        Case(([8, 12, 20], 1)),
        Case(([],)),
    ]


def _one(generator):
    return [Case(([64, 256],))]


EXERCISE = Exercise(
    id="se_in_networks.choose_reduction",
    kind="function",
    name="reductions_for",
    reference=reductions_for,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
    equivalent_mutants={
        "`enough = [r for r in (4, 8, 16) if width // r >= min_hidden]` → "
        "`enough = [r for r in (8, 16) if width // r >= min_hidden]`": "4 is also the default",
        "`enough = [r for r in (4, 8, 16) if width // r >= min_hidden]` → "
        "`enough = [r for r in (4, 8, 16) if width / r >= min_hidden]`": "the same for a whole min_hidden",
    },
)


def _wrong(key, choose):
    def answer(channels, min_hidden=8):
        return [choose(width, min_hidden) for width in channels]

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _largest(fits, otherwise=4, choices=(4, 8, 16)):
    return lambda width, floor: max((r for r in choices if fits(width, r, floor)), default=otherwise)


_wrong("always_sixteen", lambda width, floor: 16)
_wrong("always_four", lambda width, floor: 4)
_wrong("more_than", _largest(lambda width, r, floor: width // r > floor))
_wrong("rounded_width", _largest(lambda width, r, floor: round(width / r) >= floor))
_wrong("floor_ignored", _largest(lambda width, r, floor: width // r >= 8))
_wrong("floor_of_one", _largest(lambda width, r, floor: width // r >= 1))
_wrong("sixteen_when_none_fits", _largest(lambda width, r, floor: width // r >= floor, otherwise=16))
_wrong("none_when_none_fits", _largest(lambda width, r, floor: width // r >= floor, otherwise=None))
_wrong("eight_left_out", _largest(lambda width, r, floor: width // r >= floor, choices=(4, 16)))
_wrong("all_powers", _largest(lambda width, r, floor: width // r >= floor, choices=(2, 4, 8, 16, 32)))
_wrong("hidden_returned", lambda width, floor: width // _largest(lambda w, r, f: w // r >= f)(width, floor))
_wrong("quotient", lambda width, floor: max(4, min(16, width // floor)))


@EXERCISE.wrong("one_for_all")
def _one_for_all(channels, min_hidden=8):
    found = reductions_for(channels, min_hidden)
    return [min(found, default=4)] * len(found)


@EXERCISE.wrong("unfit_left_out")
def _unfit_left_out(channels, min_hidden=8):
    return reductions_for([width for width in channels if width // 4 >= min_hidden], min_hidden)


@EXERCISE.wrong("as_mapping")
def _as_mapping(channels, min_hidden=8):
    return dict(zip(channels, reductions_for(channels, min_hidden)))


@EXERCISE.wrong("sorted_in_place")
def _sorted_in_place(channels, min_hidden=8):
    found = reductions_for(channels, min_hidden)
    channels.sort(reverse=True)
    return found


@EXERCISE.accepted
def downwards(channels, min_hidden=8):
    return [next((r for r in (16, 8) if C // r >= min_hidden), 4) for C in channels]


@EXERCISE.accepted
def by_doubling(channels, min_hidden=8):
    chosen = []
    for C in channels:
        r = 4
        while r < 16 and C // (2 * r) >= min_hidden:
            r *= 2
        chosen.append(r)
    return chosen
