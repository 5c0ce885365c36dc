"""se_residual.totals: parameters of SEResNetTiny, by arithmetic."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def tiny_total(base=32, n=2, reduction=16, preact=False):
    total = 3 * base * 9 + 2 * base
    cin = base
    for cout in (base, 2 * base, 4 * base):
        hidden = max(4, cout // reduction)
        for number in range(n):
            total += 9 * cin * cout + 9 * cout * cout
            total += 2 * cout + (2 * cin if preact else 2 * cout)
            total += 2 * cout * hidden + hidden + cout
            if cin != cout:
                total += cin * cout + (0 if preact else 2 * cout)
            cin = cout
    return total + 2 * cin + cin * 10 + 10


def _cases(generator):
    return [
        Case(),  # 702,986
        Case((), {"preact": True}),  # 702,410
        Case((8, 1)),
        Case((8, 1, 16, True)),
        Case((16, 3, 4)),
        Case((64, 1)),  # 256 channels tell the default reduction from 15 and 17
        Case((48, 2, 8, True)),
        Case((48, 1, 7)),  # a reduction that divides no width
    ]


def _one(generator):
    return [Case((8, 1))]


EXERCISE = Exercise(
    id="se_residual.totals",
    kind="function",
    name="tiny_total",
    reference=tiny_total,
    probes=(Contract(_one), Values(_cases)),
)


def _convolutions(cin, cout):
    return 9 * cin * cout + 9 * cout * cout


def _norms(cin, cout, preact):
    return 2 * cout + (2 * cin if preact else 2 * cout)


def _se(cout, reduction):
    hidden = max(4, cout // reduction)
    return 2 * cout * hidden + hidden + cout


def _projection(cin, cout, preact, number):
    return 0 if cin == cout else cin * cout + (0 if preact else 2 * cout)


def _wrong(
    key,
    stem=lambda base: 27 * base + 2 * base,
    convolutions=_convolutions,
    norms=_norms,
    se=_se,
    projection=_projection,
    head=lambda width: 2 * width,
    last=lambda width: 10 * width + 10,
    moves_on=True,
):
    """Registers a mistake in one part of the count."""

    def answer(base=32, n=2, reduction=16, preact=False):
        total, cin = stem(base), base
        for cout in (base, 2 * base, 4 * base):
            for number in range(n):
                total += convolutions(cin, cout) + norms(cin, cout, preact) + se(cout, reduction)
                total += projection(cin, cout, preact, number)
                cin = cout if moves_on else cin
            cin = cout
        return total + head(cin) + last(cin)

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _hidden_width(cout, hidden):
    return 2 * cout * hidden + hidden + cout


_wrong("stem_forgotten", stem=lambda base: 0)
_wrong("stem_without_norm", stem=lambda base: 27 * base)
_wrong("one_channel_image", stem=lambda base: 9 * base + 2 * base)
_wrong("head_forgotten", head=lambda width: 0)
_wrong("last_layer_forgotten", last=lambda width: 0)
_wrong("last_layer_without_bias", last=lambda width: 10 * width)
_wrong("without_se", se=lambda cout, r: 0)
_wrong("se_without_bias", se=lambda cout, r: 2 * cout * max(4, cout // r))
_wrong("no_floor", se=lambda cout, r: _hidden_width(cout, cout // r))
_wrong("floor_of_one", se=lambda cout, r: _hidden_width(cout, max(1, cout // r)))
_wrong("floor_of_eight", se=lambda cout, r: _hidden_width(cout, max(8, cout // r)))
_wrong("rounded_up", se=lambda cout, r: _hidden_width(cout, max(4, -(-cout // r))))
_wrong("true_division", se=lambda cout, r: _hidden_width(cout, max(4, cout / r)))
_wrong("no_projection", projection=lambda a, b, pre, i: 0)
_wrong("projection_in_stage1", projection=lambda a, b, pre, i: a * b + (0 if pre else 2 * b) if i == 0 else 0)
_wrong("projection_norm_in_both", projection=lambda a, b, pre, i: 0 if a == b else a * b + 2 * b)
_wrong("projection_norm_in_none", projection=lambda a, b, pre, i: 0 if a == b else a * b)
_wrong("first_norm_always_wide", norms=lambda a, b, pre: 4 * b)
_wrong("first_norm_always_narrow", norms=lambda a, b, pre: 2 * a + 2 * b)
_wrong("norms_forgotten", norms=lambda a, b, pre: 0)
_wrong("one_number_a_norm", norms=lambda a, b, pre: b + (a if pre else b))
_wrong("convolutions_both_wide", convolutions=lambda a, b: 18 * b * b)
_wrong("convolutions_with_bias", convolutions=lambda a, b: _convolutions(a, b) + 2 * b)
_wrong("one_convolution", convolutions=lambda a, b: 9 * a * b)
_wrong("pointwise", convolutions=lambda a, b: a * b + b * b)
_wrong("every_block_projects", projection=lambda a, b, pre, i: a * b + (0 if pre else 2 * b))
_wrong("projection_3x3", projection=lambda a, b, pre, i: 0 if a == b else 9 * a * b + (0 if pre else 2 * b))
_wrong("projection_with_bias", projection=lambda a, b, pre, i: 0 if a == b else a * b + b + (0 if pre else 2 * b))
_wrong("stem_with_bias", stem=lambda base: 27 * base + 3 * base)
_wrong("reduction_ignored", se=lambda cout, r: _se(cout, 16))
_wrong("every_block_changes_channels", moves_on=False)


def _per_channel(numbers):
    """The parts of the count where a norm has so many numbers for each channel."""
    return {
        "stem": lambda base: 27 * base + numbers * base,
        "norms": lambda a, b, pre: numbers * (b + (a if pre else b)),
        "projection": lambda a, b, pre, i: 0 if a == b else a * b + (0 if pre else numbers * b),
        "head": lambda width: numbers * width,
    }


_wrong("statistics_counted", **_per_channel(4))
_wrong("one_number_a_channel", **_per_channel(1))


@EXERCISE.wrong("order_ignored")
def _order_ignored(base=32, n=2, reduction=16, preact=False):
    return tiny_total(base, n, reduction)


@EXERCISE.wrong("depth_ignored")
def _depth_ignored(base=32, n=2, reduction=16, preact=False):
    return tiny_total(base, 2, reduction, preact)


@EXERCISE.wrong("as_float")
def _as_float(base=32, n=2, reduction=16, preact=False):
    return float(tiny_total(base, n, reduction, preact))


@EXERCISE.wrong("in_thousands")
def _in_thousands(base=32, n=2, reduction=16, preact=False):
    return round(tiny_total(base, n, reduction, preact) / 1000, 1)


@EXERCISE.accepted
def stage_by_stage(base=32, n=2, reduction=16, preact=False):
    def block(a, b):
        h = max(b // reduction, 4)
        norms = 2 * (a + b) if preact else 4 * b
        return 9 * b * (a + b) + norms + b * (2 * h + 1) + h

    total = 29 * base + n * block(base, base)
    for a in (base, 2 * base):
        b = 2 * a
        total += block(a, b) + (n - 1) * block(b, b) + a * b + 2 * b * (not preact)
    return total + 8 * base + 10 * (4 * base + 1)


@EXERCISE.accepted
def from_modules(base=32, n=2, reduction=16, preact=False):
    from torch import nn

    layers = [nn.Conv2d(3, base, 3, bias=False), nn.BatchNorm2d(base)]
    a = base
    for b in (base, 2 * base, 4 * base):
        for _ in range(n):
            layers += [nn.Conv2d(a, b, 3, bias=False), nn.Conv2d(b, b, 3, bias=False)]
            layers += [nn.BatchNorm2d(a if preact else b), nn.BatchNorm2d(b)]
            h = max(4, b // reduction)
            layers += [nn.Linear(b, h), nn.Linear(h, b)]
            if a != b:
                layers.append(nn.Conv2d(a, b, 1, bias=False))
                layers += [] if preact else [nn.BatchNorm2d(b)]
            a = b
    layers += [nn.BatchNorm2d(a), nn.Linear(a, 10)]
    return sum(p.numel() for layer in layers for p in layer.parameters())
