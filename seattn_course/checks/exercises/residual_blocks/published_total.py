"""residual_blocks.published_total: published totals of networks made of bottlenecks."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def resnet_total(depths, width=64, groups=1, num_classes=1000):
    total = 3 * 64 * 7 * 7 + 2 * 64
    cin = 64
    for stage, depth in enumerate(depths):
        w = width * 2**stage
        cout = 256 * 2**stage
        for number in range(depth):
            total += cin * w + 9 * w * w // groups + w * cout + 2 * w + 2 * w + 2 * cout
            if number == 0:
                total += cin * cout + 2 * cout
            cin = cout
    return total + cin * num_classes + num_classes


def _cases(generator):
    return [
        Case(([3, 4, 6, 3],)),  # 25,557,032
        Case(([3, 4, 23, 3],)),  # 44,549,160
        Case(([3, 8, 36, 3],)),  # 60,192,808
        Case(([3, 4, 6, 3], 128, 32)),  # 25,028,904
        Case(([3, 4, 6, 3], 128)),  # 68,883,240
        Case(([1, 2],), {"num_classes": 10}),
        Case(([2, 1, 1], 32, 4, 7)),
    ]


def _one(generator):
    return [Case(([1, 2],), {"num_classes": 10})]


EXERCISE = Exercise(
    id="residual_blocks.published_total",
    kind="function",
    name="resnet_total",
    reference=resnet_total,
    probes=(Contract(_one), Values(_cases)),
)


def _block(cin, w, cout, groups):
    return cin * w + 9 * w * w // groups + w * cout + 4 * w + 2 * cout


def _wrong(
    key,
    stem=3 * 64 * 49 + 128,
    block=_block,
    projects=lambda stage, number: number == 0,
    projection=lambda cin, cout: cin * cout + 2 * cout,
    inner=lambda width, stage: width * 2**stage,
    outer=lambda width, stage: 256 * 2**stage,
    head=lambda cin, classes: cin * classes + classes,
):
    """Registers a mistake in one part of the network."""

    def answer(depths, width=64, groups=1, num_classes=1000):
        total, cin = stem, 64
        for stage, depth in enumerate(depths):
            w, cout = inner(width, stage), outer(width, stage)
            for number in range(depth):
                total += block(cin, w, cout, groups)
                if projects(stage, number):
                    total += projection(cin, cout)
                cin = cout
        return total + head(cin, num_classes)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("stem_forgotten", stem=0)
_wrong("stem_without_norm", stem=3 * 64 * 49)
_wrong("stem_three_by_three", stem=3 * 64 * 9 + 128)
_wrong("grey_image", stem=64 * 49 + 128)
_wrong("head_forgotten", head=lambda cin, classes: 0)
_wrong("head_without_bias", head=lambda cin, classes: cin * classes)
_wrong("always_a_thousand", head=lambda cin, classes: cin * 1000 + 1000)
_wrong("head_of_each_place", head=lambda cin, classes: 49 * cin * classes + classes)
_wrong("no_projections", projects=lambda stage, number: False)
_wrong("projections_everywhere", projects=lambda stage, number: True)
_wrong("first_stage_not_projected", projects=lambda stage, number: stage > 0 and number == 0)
_wrong("projection_without_norm", projection=lambda cin, cout: cin * cout)
_wrong("norms_forgotten", block=lambda cin, w, cout, g: _block(cin, w, cout, g) - 4 * w - 2 * cout)
_wrong("last_norm_missing", block=lambda cin, w, cout, g: _block(cin, w, cout, g) - 2 * cout)
_wrong("one_number_a_norm", stem=3 * 64 * 49 + 64, block=lambda cin, w, cout, g: _block(cin, w, cout, g) - 2 * w - cout,
       projection=lambda cin, cout: cin * cout + cout)  # fmt: skip
_wrong("statistics_counted", block=lambda cin, w, cout, g: _block(cin, w, cout, g) + 4 * w + 2 * cout)
_wrong("groups_ignored", block=lambda cin, w, cout, g: _block(cin, w, cout, 1))
_wrong("width_not_doubled", inner=lambda width, stage: width)
_wrong("output_from_width", outer=lambda width, stage: 4 * width * 2**stage)
_wrong("width_ignored", inner=lambda width, stage: 64 * 2**stage)
_wrong("each_block_from_its_output", block=lambda cin, w, cout, g: _block(cout, w, cout, g))


@EXERCISE.wrong("one_block_a_stage")
def _one_block_a_stage(depths, width=64, groups=1, num_classes=1000):
    return resnet_total([1] * len(depths), width, groups, num_classes)


@EXERCISE.wrong("as_float")
def _as_float(depths, width=64, groups=1, num_classes=1000):
    return float(resnet_total(depths, width, groups, num_classes))


@EXERCISE.wrong("in_millions")
def _in_millions(depths, width=64, groups=1, num_classes=1000):
    return round(resnet_total(depths, width, groups, num_classes) / 1e6, 2)


@EXERCISE.accepted
def stage_by_stage(depths, width=64, groups=1, num_classes=1000):
    total, cin, cout = 9408 + 128, 64, 256
    for depth in depths:
        inner = 9 * width * width // groups + width * cout + 4 * width + 2 * cout
        total += cin * width + (depth - 1) * cout * width + depth * inner + (cin + 2) * cout
        cin, cout, width = cout, 2 * cout, 2 * width
    return total + (cin + 1) * num_classes


@EXERCISE.accepted
def layer_by_layer(depths, width=64, groups=1, num_classes=1000):
    layers, cin = [(3, 64, 49)], 64  # channels in, channels out, weights for each pair
    for stage, depth in enumerate(depths):
        w, cout = width << stage, 256 << stage
        layers.append((cin, cout, 1))
        for _ in range(depth):
            layers += [(cin, w, 1), (w // groups, w, 9), (w, cout, 1)]
            cin = cout
    weights_and_norms = sum(a * b * k + 2 * b for a, b, k in layers)
    return weights_and_norms + (cin + 1) * num_classes
