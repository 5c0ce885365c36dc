"""residual_blocks.groups: the ordinary convolution that a grouped one is."""

import torch

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.robustness import InputLeftAlone
from seattn_course.checks.probes.values import Values


def dense_weight(weight, groups):
    cout, cin_group, height, width = weight.shape
    dense = weight.new_zeros(cout, cin_group * groups, height, width)
    size = cout // groups
    for g in range(groups):
        outputs, inputs = slice(g * size, (g + 1) * size), slice(g * cin_group, (g + 1) * cin_group)
        dense[outputs, inputs] = weight[outputs]
    return dense


def _weight(generator, *shape):
    return torch.randn(shape, generator=generator)


def _one(generator):
    return [Case((_weight(generator, 6, 2, 3, 3), 3))]


def _cases(generator):
    return [
        *_one(generator),
        Case((_weight(generator, 4, 3, 3, 1), 2)),
        Case((_weight(generator, 8, 1, 3, 3), 4)),
        Case((_weight(generator, 5, 1, 3, 3), 5)),
        Case((_weight(generator, 4, 3, 1, 1), 1)),
        Case((_weight(generator, 4, 2, 3, 3).double(), 2), note="double"),
    ]


EXERCISE = Exercise(
    id="residual_blocks.groups",
    kind="function",
    name="dense_weight",
    reference=dense_weight,
    probes=(Contract(_one), Values(_cases), InputLeftAlone(_one)),
)


def _placed(key, place, wide=lambda size, groups: size * groups):
    """Registers a mistake in the places: ``place(dense, weight, g, outputs, inputs)`` fills the g-th group."""

    def answer(weight, groups):
        cout, cin_group, height, width = weight.shape
        dense = weight.new_zeros(cout, wide(cin_group, groups), height, width)
        size = cout // groups
        for g in range(groups):
            outputs, inputs = slice(g * size, (g + 1) * size), slice(g * cin_group, (g + 1) * cin_group)
            place(dense, weight, g, outputs, inputs, groups)
        return dense

    answer.__name__ = key
    EXERCISE.wrong(key)(answer)


def _reversed(dense, weight, g, outputs, inputs, groups):
    size = outputs.stop - outputs.start
    dense[outputs, inputs] = weight[(groups - 1 - g) * size : (groups - g) * size]


def _antidiagonal(dense, weight, g, outputs, inputs, groups):
    size = inputs.stop - inputs.start
    dense[outputs, (groups - 1 - g) * size : (groups - g) * size] = weight[outputs]


def _first_only(dense, weight, g, outputs, inputs, groups):
    if g == 0:
        dense[outputs, inputs] = weight[outputs]


def _same_block(dense, weight, g, outputs, inputs, groups):
    dense[outputs, inputs] = weight[: outputs.stop - outputs.start]


def _interleaved(dense, weight, g, outputs, inputs, groups):
    dense[g::groups, g::groups] = weight[outputs]


def _interleaved_inputs(dense, weight, g, outputs, inputs, groups):
    dense[outputs, g::groups] = weight[outputs]


def _interleaved_outputs(dense, weight, g, outputs, inputs, groups):
    dense[g::groups, inputs] = weight[g::groups]


def _first_columns(dense, weight, g, outputs, inputs, groups):
    dense[outputs, : inputs.stop - inputs.start] = weight[outputs]


def _scaled(dense, weight, g, outputs, inputs, groups):
    dense[outputs, inputs] = weight[outputs] / groups


_placed("reversed", _reversed)
_placed("antidiagonal", _antidiagonal)
_placed("first_group_only", _first_only)
_placed("same_block_everywhere", _same_block)
_placed("interleaved", _interleaved)
_placed("interleaved_inputs", _interleaved_inputs)
_placed("interleaved_outputs", _interleaved_outputs)
_placed("first_columns", _first_columns)
_placed("scaled", _scaled)


@EXERCISE.wrong("repeated")
def _repeated(weight, groups):
    return weight.repeat(1, groups, 1, 1)


@EXERCISE.wrong("mean_of_repeats")
def _mean_of_repeats(weight, groups):
    return weight.repeat(1, groups, 1, 1) / groups


@EXERCISE.wrong("unchanged")
def _unchanged(weight, groups):
    return weight.clone()


@EXERCISE.wrong("ones_elsewhere")
def _ones_elsewhere(weight, groups):
    dense = dense_weight(weight, groups)
    return torch.where(dense == 0, torch.ones_like(dense), dense)


@EXERCISE.wrong("axes_swapped")
def _axes_swapped(weight, groups):
    return dense_weight(weight, groups).transpose(0, 1).contiguous()


@EXERCISE.wrong("flat")
def _flat(weight, groups):
    return torch.block_diag(*weight.flatten(1).chunk(groups))


@EXERCISE.wrong("single_precision")
def _single_precision(weight, groups):
    return dense_weight(weight.float(), groups)


@EXERCISE.wrong("outputs_too")
def _outputs_too(weight, groups):
    return dense_weight(weight, groups).repeat(groups, 1, 1, 1)


@EXERCISE.wrong("as_list")
def _as_list(weight, groups):
    return list(dense_weight(weight, groups))


@EXERCISE.wrong("in_place")
def _in_place(weight, groups):
    dense = dense_weight(weight, groups)
    weight.zero_()
    return dense


@EXERCISE.accepted
def by_block_diagonals(weight, groups):
    dense = torch.zeros(weight.shape[0], weight.shape[1] * groups, *weight.shape[2:], dtype=weight.dtype)
    for i in range(weight.shape[2]):
        for j in range(weight.shape[3]):
            dense[:, :, i, j] = torch.block_diag(*weight[:, :, i, j].chunk(groups))
    return dense


@EXERCISE.accepted
def with_a_mask(weight, groups):
    cout, cin_group = weight.shape[:2]
    rows = torch.arange(cout) // (cout // groups)  # (cout,): the group of each output
    columns = torch.arange(cin_group * groups) // cin_group  # (cin,)
    mask = (rows[:, None] == columns).to(weight.dtype)  # (cout, cin)
    return weight.repeat(1, groups, 1, 1) * mask[:, :, None, None]


@EXERCISE.accepted
def from_impulses(weight, groups):
    """Channel by channel: what the grouped convolution answers to one input channel alone."""
    dense = [torch.zeros_like(weight) for _ in range(groups)]
    for g, part in enumerate(weight.split(weight.shape[0] // groups)):
        dense[g][g * len(part) : (g + 1) * len(part)] = part
    return torch.cat(dense, dim=1)
