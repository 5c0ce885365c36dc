"""residual_blocks.bottleneck_count: parameters of a bottleneck, with groups and projection."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def bottleneck_parameters(cin, cout, width, groups=1, stride=1):
    convolutions = cin * width + 9 * width * width // groups + width * cout
    norms = 2 * width + 2 * width + 2 * cout
    projection = 0 if stride == 1 and cin == cout else cin * cout + 2 * cout
    return convolutions + norms + projection


def _cases(generator):
    return [
        Case((256, 256, 64)),
        Case((64, 256, 64)),
        Case((256, 512, 128), {"stride": 2}),
        Case((256, 256, 64), {"stride": 2}),
        Case((96, 96, 24), {"stride": 3}),
        Case((256, 256, 128, 32)),
        Case((512, 512, 96, 4, 2)),
        Case((48, 80, 24, 3)),
        Case((512, 256, 64)),
    ]


def _one(generator):
    return [Case((256, 256, 64))]


EXERCISE = Exercise(
    id="residual_blocks.bottleneck_count",
    kind="function",
    name="bottleneck_parameters",
    reference=bottleneck_parameters,
    probes=(Contract(_one), Values(_cases)),
)


def _needs(cin, cout, stride):
    return stride != 1 or cin != cout


def _wrong(
    key,
    reduce=lambda cin, cout, w: cin * w,
    spatial=lambda w, g: 9 * w * w // g,
    expand=lambda cin, cout, w: w * cout,
    norms=lambda cin, cout, w: 4 * w + 2 * cout,
    projection=lambda cin, cout: cin * cout + 2 * cout,
    needs=_needs,
):
    """Registers a mistake in one part of the count."""

    def answer(cin, cout, width, groups=1, stride=1):
        total = reduce(cin, cout, width) + spatial(width, groups) + expand(cin, cout, width)
        total += norms(cin, cout, width)
        return total + (projection(cin, cout) if needs(cin, cout, stride) else 0)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("all_three_by_three", reduce=lambda cin, cout, w: 9 * cin * w, expand=lambda cin, cout, w: 9 * w * cout)
_wrong("pointwise_in_the_middle", spatial=lambda w, g: w * w // g)
_wrong("three_not_nine", spatial=lambda w, g: 3 * w * w // g)
_wrong("groups_ignored", spatial=lambda w, g: 9 * w * w)
_wrong("groups_squared", spatial=lambda w, g: 9 * (w // g) ** 2)
_wrong("multiplied_by_groups", spatial=lambda w, g: 9 * w * w * g)
_wrong("norms_forgotten", norms=lambda cin, cout, w: 0)
_wrong("one_number_a_norm", norms=lambda cin, cout, w: 2 * w + cout)
_wrong("statistics_counted", norms=lambda cin, cout, w: 8 * w + 4 * cout)
_wrong("last_norm_missing", norms=lambda cin, cout, w: 4 * w)
_wrong("first_norm_of_the_input", norms=lambda cin, cout, w: 2 * (cin + w + cout))
_wrong("norms_all_wide", norms=lambda cin, cout, w: 6 * cout)
_wrong("biased", norms=lambda cin, cout, w: 4 * w + 2 * cout + 2 * w + cout)
_wrong("projection_forgotten", needs=lambda cin, cout, s: False)
_wrong("projection_always", needs=lambda cin, cout, s: True)
_wrong("projection_for_channels_only", needs=lambda cin, cout, s: cin != cout)
_wrong("projection_for_stride_only", needs=lambda cin, cout, s: s != 1)
_wrong("projection_for_stride_two", needs=lambda cin, cout, s: s == 2 or cin != cout)
_wrong("projection_for_both_only", needs=lambda cin, cout, s: s != 1 and cin != cout)
_wrong("projection_when_growing", needs=lambda cin, cout, s: s != 1 or cout > cin)
_wrong("projection_without_norm", projection=lambda cin, cout: cin * cout)
_wrong("projection_three_by_three", projection=lambda cin, cout: 9 * cin * cout + 2 * cout)
_wrong("output_taken_for_input", reduce=lambda cin, cout, w: cout * w)


@EXERCISE.wrong("as_parts")
def _as_parts(cin, cout, width, groups=1, stride=1):
    return [cin * width, 9 * width * width // groups, width * cout, 4 * width + 2 * cout]


@EXERCISE.wrong("as_float")
def _as_float(cin, cout, width, groups=1, stride=1):
    return bottleneck_parameters(cin, cout, width, groups, stride) / 1


@EXERCISE.accepted
def layer_by_layer(cin, cout, width, groups=1, stride=1):
    total = 0
    for inner, outer, k, g in ((cin, width, 1, 1), (width, width, 3, groups), (width, cout, 1, 1)):
        total += outer * (inner // g) * k * k
        total += 2 * outer
    if (stride, cin) != (1, cout):
        total += (cin + 2) * cout
    return total


@EXERCISE.accepted
def from_modules(cin, cout, width, groups=1, stride=1):
    from torch import nn

    layers = [
        nn.Conv2d(cin, width, 1, bias=False, device="meta"),
        nn.BatchNorm2d(width, device="meta"),
        nn.Conv2d(width, width, 3, groups=groups, bias=False, device="meta"),
        nn.BatchNorm2d(width, device="meta"),
        nn.Conv2d(width, cout, 1, bias=False, device="meta"),
        nn.BatchNorm2d(cout, device="meta"),
    ]
    if stride > 1 or cin != cout:
        layers += [nn.Conv2d(cin, cout, 1, bias=False, device="meta"), nn.BatchNorm2d(cout, device="meta")]
    return sum(p.numel() for layer in layers for p in layer.parameters())
