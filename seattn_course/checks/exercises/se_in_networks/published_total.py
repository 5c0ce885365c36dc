"""se_in_networks.published_total: totals of published SE networks, from the network without SE."""

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def se_total(plain, depths, widths, reduction=16, bias=True, multiple=None):
    total = plain
    for depth, width in zip(depths, widths):
        if multiple is None:
            hidden = max(1, width // reduction)
        else:
            hidden = max(multiple, int(width / reduction + multiple / 2) // multiple * multiple)
        biases = width + hidden if bias else 0
        total += depth * (2 * width * hidden + biases)
    return total


BASIC = [64, 128, 256, 512]
EXPANDED = [256, 512, 1024, 2048]


def _cases(generator):
    return [
        Case((25_557_032, [3, 4, 6, 3], EXPANDED), note="default"),  # 28,088,024
        Case((25_557_032, [3, 4, 6, 3], EXPANDED), {"bias": False}),  # 28,071,976
        Case((25_557_032, [3, 4, 6, 3], EXPANDED, 4, False)),  # 35,616,808
        Case((44_549_160, [3, 4, 23, 3], EXPANDED)),  # 49,326,872
        Case((11_689_512, [2, 2, 2, 2], BASIC), {"multiple": 8}),  # 11,779,624, timm's seresnet18
        Case((21_797_672, [3, 4, 6, 3], BASIC), {"multiple": 8}),  # 21,960,416
        Case((1000, [1, 2, 1], [200, 24, 12]), {"multiple": 8, "bias": False}),
        Case((1000, [1, 2], [100, 200], 4), {"multiple": 16}),
        Case((1000, [1], [320]), {"multiple": 8}),  # 20 lies between 16 and 24, and goes up
        Case((1000, [1], [72]), {"multiple": 3}),  # 4.5 lies between 3 and 6; 72 // 16 = 4 does not
        Case((1000, [1, 3], [6, 23]), {"bias": False}, note="few_channels"),
        Case((1000, [2, 1], [46, 11], 4), note="not_divisible"),
    ]


def _one(generator):
    return [Case((1000, [1, 2], [32, 64]), {"reduction": 8, "bias": False})]


EXERCISE = Exercise(
    id="se_in_networks.published_total",
    kind="function",
    name="se_total",
    reference=se_total,
    probes=(Contract(_one), Values(_cases)),
)


def _plain_width(C, r):
    return max(1, C // r)


def _nearest(C, r, m):
    return max(m, int(C / r + m / 2) // m * m)


def _wrong(key, width=_plain_width, rounded=_nearest, biases=lambda C, h: C + h, weights=lambda C, h: 2 * C * h):
    """Registers a mistake in one part: the hidden width, its rounding, the biases or the weights."""

    def answer(plain, depths, widths, reduction=16, bias=True, multiple=None):
        total = plain
        for depth, C in zip(depths, widths):
            h = width(C, reduction) if multiple is None else rounded(C, reduction, multiple)
            total += depth * (weights(C, h) + (biases(C, h) if bias else 0))
        return total

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


_wrong("one_layer", weights=lambda C, h: C * h)
_wrong("narrow_width", weights=lambda C, h: 2 * (C // 4) * h)
_wrong("biases_wide", biases=lambda C, h: 2 * C)
_wrong("first_bias_only", biases=lambda C, h: h)
_wrong("second_bias_only", biases=lambda C, h: C)
_wrong("biases_left_out", biases=lambda C, h: 0)
_wrong("unguarded_width", width=lambda C, r: C // r)
_wrong("rounded_without_multiple", width=lambda C, r: max(1, round(C / r)))
_wrong("multiple_ignored", rounded=lambda C, r, m: max(1, C // r))
_wrong("always_eight", rounded=lambda C, r, m: _nearest(C, r, 8))
_wrong("rounded_down", rounded=lambda C, r, m: max(m, C // r // m * m))
_wrong("half_to_even", rounded=lambda C, r, m: max(m, round(C / r / m) * m))
_wrong("floored_first", rounded=lambda C, r, m: max(m, (C // r + m // 2) // m * m))
_wrong("rounded_up", rounded=lambda C, r, m: -(-C // r // m) * m)
_wrong("multiple_unguarded", rounded=lambda C, r, m: int(C / r + m / 2) // m * m)
_wrong("multiple_as_floor", rounded=lambda C, r, m: max(m, C // r))
_wrong("multiple_as_width", rounded=lambda C, r, m: m)


@EXERCISE.wrong("biases_always")
def _biases_always(plain, depths, widths, reduction=16, bias=True, multiple=None):
    return se_total(plain, depths, widths, reduction, True, multiple)


@EXERCISE.wrong("blocks_not_counted")
def _blocks_not_counted(plain, depths, widths, reduction=16, bias=True, multiple=None):
    return se_total(plain, [1] * len(depths), widths, reduction, bias, multiple)


@EXERCISE.wrong("plain_left_out")
def _plain_left_out(plain, depths, widths, reduction=16, bias=True, multiple=None):
    return se_total(0, depths, widths, reduction, bias, multiple)


@EXERCISE.wrong("in_millions")
def _in_millions(plain, depths, widths, reduction=16, bias=True, multiple=None):
    return round(se_total(plain, depths, widths, reduction, bias, multiple) / 1e6, 2)


@EXERCISE.wrong("as_float")
def _as_float(plain, depths, widths, reduction=16, bias=True, multiple=None):
    return float(se_total(plain, depths, widths, reduction, bias, multiple))


@EXERCISE.wrong("reduction_ignored")
def _reduction_ignored(plain, depths, widths, reduction=16, bias=True, multiple=None):
    return se_total(plain, depths, widths, 16, bias, multiple)


@EXERCISE.accepted
def with_sum(plain, depths, widths, reduction=16, bias=True, multiple=None):
    def hidden(C):
        if multiple:
            return max(multiple, (2 * C + multiple * reduction) // (2 * multiple * reduction) * multiple)
        return C // reduction or 1

    return plain + sum(n * (hidden(C) * (C + bias) + C * (hidden(C) + bias)) for n, C in zip(depths, widths))


@EXERCISE.accepted
def block_by_block(plain, depths, widths, reduction=16, bias=True, multiple=None):
    total = plain
    for depth, C in zip(depths, widths):
        for _ in range(depth):
            h = _plain_width(C, reduction) if multiple is None else _nearest(C, reduction, multiple)
            total += C * h + h * C
            if bias:
                total += h
                total += C
    return total
