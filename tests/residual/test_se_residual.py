"""The SE-residual blocks of lesson 10: counts, stages, and the four points of a right join."""

from functools import partial

import pytest
import torch
from residual_cases import randn

from seattn_course.attention import SEBlock, SEStable
from seattn_course.models import count_params
from seattn_course.residual import SEResBlockPostAct, SEResBlockPreAct, make_stage, shared_modules


@pytest.mark.parametrize(
    ("block_cls", "arguments", "total"),
    [
        (SEResBlockPostAct, (32, 32), 18_852),
        (SEResBlockPreAct, (32, 32), 18_852),
        (SEResBlockPostAct, (32, 64, 2), 58_308),
        (SEResBlockPreAct, (32, 64, 2), 58_116),
    ],
)
def test_parameter_counts(block_cls, arguments, total):
    assert count_params(block_cls(*arguments)) == total


def test_where_the_192_parameters_go():
    post, pre = SEResBlockPostAct(32, 64, 2), SEResBlockPreAct(32, 64, 2)
    norm_of_projection = count_params(post.proj) - count_params(pre.proj)
    narrower_first_norm = count_params(post.bn1) - count_params(pre.bn1)
    assert (norm_of_projection, narrower_first_norm) == (128, 64)


@pytest.mark.parametrize("block_cls", [SEResBlockPostAct, SEResBlockPreAct])
def test_shapes_of_the_lesson(block_cls):
    x = randn(2, 32, 32, 32, dtype=torch.float32)
    assert block_cls(32, 32)(x).shape == (2, 32, 32, 32)
    assert block_cls(32, 64, stride=2)(x).shape == (2, 64, 16, 16)
    assert block_cls(32, 32, stride=2)(x).shape == (2, 32, 16, 16)  # the stride alone calls for a projection
    assert block_cls(32, 64)(x).shape == (2, 64, 32, 32)


@pytest.mark.parametrize("block_cls", [SEResBlockPostAct, SEResBlockPreAct])
def test_se_is_the_last_module_before_the_sum(block_cls):
    block = block_cls(8, 8).eval()
    outputs = []
    block.se.register_forward_hook(lambda module, arguments, y: outputs.append(y))
    x = randn(2, 8, 5, 4, dtype=torch.float32)
    y = block(x)
    merged = outputs[0] + x
    expected = torch.nn.functional.silu(merged) if block_cls is SEResBlockPostAct else merged
    assert torch.equal(y, expected)


def test_the_last_activation_is_optional():
    x = randn(1, 8, 4, 4, dtype=torch.float32)
    block = SEResBlockPostAct(8, 8, out_act=False, zero_init=True)
    assert torch.equal(block(x), x)


def test_the_floor_under_the_width_can_be_chosen():
    """E09: four hidden units at C = 32 are r = 8 in effect; the sources' blocks could not say otherwise."""
    assert SEResBlockPostAct(32, 32).se.fc1.out_channels == 4
    assert SEResBlockPostAct(32, 32, attention=partial(SEStable, min_hidden=2)).se.fc1.out_channels == 2
    assert SEResBlockPostAct(32, 32, attention=SEBlock(32, 4)).se.fc1.out_channels == 8


def test_stage_strides_and_widths():
    stage = make_stage(SEResBlockPreAct, 8, 16, 3, first_stride=2, reduction=4)
    assert [(b.cin, b.cout, b.conv1.stride[0]) for b in stage] == [(8, 16, 2), (16, 16, 1), (16, 16, 1)]
    assert stage(randn(1, 8, 9, 7, dtype=torch.float32)).shape == (1, 16, 5, 4)
    assert all(block.se.fc1.out_channels == 4 for block in stage)
    assert shared_modules(stage) == []


def test_stage_refuses_one_attention_for_several_blocks():
    """E20, as a module and as a factory that always returns the same one."""
    se = SEBlock(16)
    for attention in (se, lambda channels: se):
        with pytest.raises(ValueError, match=r"attention must be .* shared 0\.se = 1\.se"):
            make_stage(SEResBlockPostAct, 16, 16, 2, attention=attention)
    assert count_params(make_stage(SEResBlockPostAct, 16, 16, 1, attention=se).get_submodule("0.se")) == 49
