"""spatial_eca_cbam_coordinate.eca_kernel: the kernel size of ECA, as code in use computes it."""

import math

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def eca_kernel(channels):
    t = int((math.log2(channels) + 1) / 2)
    return max(3, t if t % 2 else t + 1)


def _one(generator):
    return [Case((64,))]


def _cases(generator):
    """Both sides of every step, the ties, and widths that are no powers of two."""
    powers = (64, 128, 256, 512, 1024, 2048, 1, 8, 4096, 2**15, 2**26)
    widths = (*powers, 3, 24, 100, 127, 129, 200, 1023, 1500, 2047, 2049)
    return [Case((width,)) for width in widths]


EXERCISE = Exercise(
    id="spatial_eca_cbam_coordinate.eca_kernel",
    kind="function",
    name="eca_kernel",
    reference=eca_kernel,
    probes=(Contract(_one), Values(_cases)),
)


def _odd_up(t):
    return t if t % 2 else t + 1


def _wrong(key, answer):
    def function(channels):
        return answer(channels)

    function.__name__ = "eca_kernel"
    EXERCISE.wrong(key)(function)


_wrong("always_three", lambda C: 3)
_wrong("tie_down", lambda C: max(3, 2 * math.ceil((math.log2(C) + 1) / 4) - 1))
_wrong("even_minus_one", lambda C: max(3, _odd_up(int((math.log2(C) + 1) / 2) - 1)))
_wrong("may_be_even", lambda C: max(3, int((math.log2(C) + 1) / 2)))
_wrong("no_minimum", lambda C: _odd_up(int((math.log2(C) + 1) / 2)))
_wrong("natural_logarithm", lambda C: max(3, _odd_up(int((math.log(C) + 1) / 2))))
_wrong("decimal_logarithm", lambda C: max(3, _odd_up(int((math.log10(C) + 1) / 2))))
_wrong("one_forgotten", lambda C: max(3, _odd_up(int(math.log2(C) / 2))))
_wrong("not_halved", lambda C: max(3, _odd_up(int(math.log2(C) + 1))))
_wrong("rounded", lambda C: max(3, _odd_up(round((math.log2(C) + 1) / 2))))
_wrong("rounded_up", lambda C: max(3, _odd_up(math.ceil((math.log2(C) + 1) / 2))))
_wrong("root", lambda C: max(3, _odd_up(int(math.sqrt(C) / 2))))
_wrong("as_float", lambda C: float(eca_kernel(C)))
_wrong("as_text", lambda C: str(eca_kernel(C)))
_wrong("at_most_seven", lambda C: min(7, eca_kernel(C)))
_wrong("table_of_powers", lambda C: {64: 3, 128: 5, 256: 5, 512: 5, 1024: 5, 2048: 7}[C])
_wrong("printed", lambda C: None)


@EXERCISE.accepted
def with_bits(channels):
    """The length in bits is one more than the whole part of the logarithm; | 1 makes a number odd."""
    return max(3, channels.bit_length() // 2 | 1)


@EXERCISE.accepted
def by_steps(channels):
    kernel = 3
    while channels >= 2 ** (2 * kernel + 1):  # the tie between this odd number and the next
        kernel += 2
    return kernel
