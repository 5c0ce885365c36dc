"""placement_and_debugging.place_cost: the weights that SE adds to a network, by its place in the bottlenecks."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def se_weights(stages, reduction=16, after="expand"):
    total = 0
    for depth, width, cout in stages:
        channels = cout if after == "expand" else width
        total += depth * 2 * channels * max(1, channels // reduction)
    return total


RESNET50 = ((3, 64, 256), (4, 128, 512), (6, 256, 1024), (3, 512, 2048))
UNEVEN = ((2, 7, 40), (1, 22, 75))  # narrower than the reduction, and not divisible by it


def _one(generator):
    return [Case((RESNET50,), {"after": "spatial"})]


def _cases(generator):
    return [
        Case((RESNET50,), note="default"),
        *_one(generator),
        Case((UNEVEN, 16, "expand"), note="not_divisible"),
        Case((UNEVEN, 8, "spatial"), note="few_channels"),
        Case((((5, 96, 24),), 4)),  # an inverted bottleneck: wide inside
    ]


EXERCISE = Exercise(
    id="placement_and_debugging.place_cost",
    kind="function",
    name="se_weights",
    reference=se_weights,
    probes=(Contract(_one), Values(_cases)),
)


def _counted(key, count, place=lambda width, cout, after: cout if after == "expand" else width):
    """Registers a sum over the stages of ``count(depth, channels, reduction)``."""

    def answer(stages, reduction=16, after="expand"):
        return sum(count(depth, place(width, cout, after), reduction) for depth, width, cout in stages)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _right(depth, channels, reduction):
    return depth * 2 * channels * max(1, channels // reduction)


_counted("always_expanded", _right, place=lambda width, cout, after: cout)
_counted("always_narrow", _right, place=lambda width, cout, after: width)
_counted("places_swapped", _right, place=lambda width, cout, after: width if after == "expand" else cout)
_counted("both_places", _right, place=lambda width, cout, after: width + cout)
_counted("widest", _right, place=lambda width, cout, after: max(width, cout) if after == "expand" else width)
_counted("one_matrix", lambda n, c, r: n * c * max(1, c // r))
_counted("depth_forgotten", lambda n, c, r: 2 * c * max(1, c // r))
_counted("biases_counted", lambda n, c, r: n * (2 * c * max(1, c // r) + max(1, c // r) + c))
_counted("not_floored", lambda n, c, r: n * 2 * c * c // r)
_counted("no_guard", lambda n, c, r: n * 2 * c * (c // r))
_counted("as_float", lambda n, c, r: n * 2 * c * c / r)
_counted("reduction_ignored", lambda n, c, r: n * 2 * c * max(1, c // 16))
_counted("hidden_of_four", lambda n, c, r: n * 2 * c * max(4, c // r))
_counted("square_forgotten", lambda n, c, r: n * 2 * max(1, c // r))


@EXERCISE.wrong("hidden_of_cout")
def _hidden_of_cout(stages, reduction=16, after="expand"):
    return sum(
        n * 2 * (cout if after == "expand" else width) * max(1, cout // reduction) for n, width, cout in stages
    )


@EXERCISE.wrong("hidden_of_width")
def _hidden_of_width(stages, reduction=16, after="expand"):
    return sum(
        n * 2 * (cout if after == "expand" else width) * max(1, width // reduction) for n, width, cout in stages
    )


@EXERCISE.wrong("four_times")
def _four_times(stages, reduction=16, after="expand"):
    return se_weights([(n, width, 4 * width) for n, width, _ in stages], reduction, after)


@EXERCISE.wrong("quarter")
def _quarter(stages, reduction=16, after="expand"):
    return se_weights([(n, cout // 4, cout) for n, _, cout in stages], reduction, after)


@EXERCISE.wrong("a_sixteenth")
def _a_sixteenth(stages, reduction=16, after="expand"):
    return se_weights(stages, reduction) // (1 if after == "expand" else 16)


@EXERCISE.wrong("last_stage")
def _last_stage(stages, reduction=16, after="expand"):
    return se_weights(stages[-1:], reduction, after)


@EXERCISE.wrong("first_stage")
def _first_stage(stages, reduction=16, after="expand"):
    return se_weights(stages[:1], reduction, after)


@EXERCISE.wrong("list_of_stages")
def _list_of_stages(stages, reduction=16, after="expand"):
    return [se_weights([stage], reduction, after) for stage in stages]


@EXERCISE.accepted
def two_products(stages, reduction=16, after="expand"):
    which = {"spatial": 1, "expand": 2}[after]
    pairs = [(stage[0], stage[which]) for stage in stages]
    return sum(n * (c * max(c // reduction, 1) + max(c // reduction, 1) * c) for n, c in pairs)


@EXERCISE.accepted
def by_blocks(stages, reduction=16, after="expand"):
    total = 0
    for depth, width, cout in stages:
        c = width if after == "spatial" else cout
        h = c // reduction or 1
        for _ in range(depth):
            total += c * h
            total += h * c
    return total
