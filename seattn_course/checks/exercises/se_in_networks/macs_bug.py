"""se_in_networks.macs_bug: the operations of an SE block, whose layers see a map of one place."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def se_macs(channels, height, width, reduction=16):
    hidden = max(1, channels // reduction)
    places = height * width
    return {"fc": 2 * channels * hidden, "pool": channels * places, "scale": channels * places}


def _cases(generator):
    return [
        Case((128, 56, 56), note="default"),
        Case((240, 7, 5), note="default"),
        Case((64, 14, 9, 4), note="not_square"),
        Case((11, 3, 5), {"reduction": 4}, note="not_divisible"),
        Case((8, 6, 4), note="few_channels"),
        Case((32, 1, 1, 8), note="one_pixel"),
    ]


def _one(generator):
    return [Case((64, 14, 9, 4), note="not_square")]


EXERCISE = Exercise(
    id="se_in_networks.macs_bug",
    kind="function",
    name="se_macs",
    reference=se_macs,
    probes=(Contract(_one), Values(_cases)),
)


def _wrong(key, fc=None, pool=None, scale=None, hidden=None):
    """Registers a mistake in one of the three counts, or in the hidden width."""

    def answer(channels, height, width, reduction=16):
        right = se_macs(channels, height, width, reduction)
        h = (hidden or (lambda C, r: max(1, C // r)))(channels, reduction)
        count = fc or (lambda C, h, HW: 2 * C * h)
        right["fc"] = count(channels, h, height * width)
        if pool:
            right["pool"] = pool(channels, height, width)
        if scale:
            right["scale"] = scale(channels, height, width)
        return right

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("fc_at_every_place", fc=lambda C, h, HW: 2 * C * h * HW)
_wrong("fc_one_layer", fc=lambda C, h, HW: C * h)
_wrong("fc_in_flops", fc=lambda C, h, HW: 4 * C * h)
_wrong("fc_with_biases", fc=lambda C, h, HW: 2 * C * h + h + C)
_wrong("fc_as_three_by_three", fc=lambda C, h, HW: 18 * C * h)
_wrong("pool_counts_outputs", pool=lambda C, H, W: C)
_wrong("pool_and_scale_once_a_channel", pool=lambda C, H, W: C, scale=lambda C, H, W: C)
_wrong(
    "everything_in_flops",
    fc=lambda C, h, HW: 4 * C * h,
    pool=lambda C, H, W: 2 * C * H * W,
    scale=lambda C, H, W: 2 * C * H * W,
)
_wrong("pool_counts_places", pool=lambda C, H, W: H * W)
_wrong("scale_once_a_channel", scale=lambda C, H, W: C)
_wrong("scale_in_and_out", scale=lambda C, H, W: 2 * C * H * W)
_wrong("square_only", pool=lambda C, H, W: C * H * H, scale=lambda C, H, W: C * H * H)
_wrong("nothing_per_place", pool=lambda C, H, W: 0, scale=lambda C, H, W: 0)
_wrong("true_division", hidden=lambda C, r: max(1, C / r))
_wrong("rounded_width", hidden=lambda C, r: max(1, round(C / r)))
_wrong("unguarded_width", hidden=lambda C, r: C // r)
_wrong("reduction_ignored", hidden=lambda C, r: max(1, C // 16))


@EXERCISE.wrong("one_total")
def _one_total(channels, height, width, reduction=16):
    return sum(se_macs(channels, height, width, reduction).values())


@EXERCISE.wrong("as_tuple")
def _as_tuple(channels, height, width, reduction=16):
    return tuple(se_macs(channels, height, width, reduction).values())


@EXERCISE.accepted
def layer_by_layer(channels, height, width, reduction=16):
    h = channels // reduction or 1
    touched = height * channels * width
    return {"scale": touched, "fc": channels * h + h * channels, "pool": touched}


@EXERCISE.accepted
def with_loop(channels, height, width, reduction=16):
    hidden = max(channels // reduction, 1)
    counts = {"fc": 0, "pool": 0, "scale": 0}
    for _ in range(channels):
        counts["fc"] += 2 * hidden
        counts["pool"] += height * width
        counts["scale"] += height * width
    return counts
