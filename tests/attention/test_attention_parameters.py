"""Parameter counts to the unit, names in the state dict, signatures, and the docstrings' examples."""

import doctest
import importlib
import inspect
import pkgutil

import pytest
from attention_cases import CASES

import seattn_course.attention as room
from seattn_course.attention import (
    CBAM,
    ECA,
    ConvSEBlock,
    CoordinateAttention,
    SEAvgMax,
    SEBlock,
    SEBlockLinear,
    SEGated,
    SEPlusPlus,
    SEPlusPlusV2,
    SESafe,
    SEStable,
    SEv2,
    SpatialAttention,
    hidden_width,
)


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (SEBlockLinear, (512, 32, 16)),  # 16 at C = 8, where an unguarded C // 16 had none (E09)
        (SEBlock, (580, 49, 25)),
        (SEv2, (580, 49, 25)),
        (SESafe, (580, 148, 76)),
        (SEStable, (580, 148, 76)),
        (SEAvgMax, (580, 148, 76)),
        (SEGated, (580, 148, 76)),
        (SEPlusPlus, (580, 148, 76)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_se_family_at_64_16_and_8_channels(make, expected):
    assert tuple(count(make(channels)) for channels in (64, 16, 8)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 582),
        ({"fusion": "sum"}, 580),  # fusion_logits exists only where it is used (E03)
        ({"use_max": False}, 580),
        ({"use_avg": False}, 580),
        ({"learnable_temperature": True}, 583),
        ({"residual": True, "learnable_alpha": True}, 583),
        ({"learnable_temperature": True, "residual": True, "learnable_alpha": True}, 584),
        ({"residual": True}, 582),
        ({"bias": False}, 514),
    ],
)
def test_se_plus_plus_v2_at_64_channels(options, expected):
    assert count(SEPlusPlusV2(64, **options)) == expected


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (SEBlock(128), 2184),
        (SEBlock(128, bias=False), 2048),
        (SEBlock(64, hidden_rounding=8), 2 * 64 * 8 + 8 + 64),
        (SEBlock(64, hidden=6), 2 * 64 * 6 + 6 + 64),
        (SEBlock(8, min_hidden=4), 76),
        (ConvSEBlock(64, 128), 76168),
        (SpatialAttention(), 98),
        (SpatialAttention(batch_norm=True), 100),
        (ECA(64), 3),
        (ECA(128), 5),
        (ECA(2048), 7),
        (CoordinateAttention(64), 1688),
        (CoordinateAttention(256), 6680),
        (CoordinateAttention(256, bias=False), 6160),
        (CBAM(256, mlp_bias=True, batch_norm=True, bn_momentum=0.01, order="max_mean"), 8564),
        (CBAM(256, hidden_rounding=1, batch_norm=True), 8292),
        (CBAM(256), 8290),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else str(value),
)
def test_counts_of_the_others(module, expected):
    assert count(module) == expected


def test_eca_on_every_block_of_resnet50_is_86_weights():
    """Three, four, six and three blocks of 256, 512, 1024 and 2048 channels."""
    widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    assert sum(count(ECA(width)) for width in widths) == 86


def test_se_without_biases_on_resnet50_by_reduction():
    """What is left of the published totals after the plain network's 25,557,032."""
    widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    totals = {2: 45_676_584, 4: 35_616_808, 8: 30_586_920, 16: 28_071_976, 32: 26_814_504}
    for reduction, total in totals.items():
        added = sum(count(SEBlock(width, reduction, bias=False)) for width in widths)
        assert 25_557_032 + added == total, reduction


def test_hidden_width_rounds_down_and_keeps_one():
    assert [hidden_width(*case) for case in ((16, 16), (8, 16), (200, 16), (11, 4))] == [1, 1, 12, 2]


def test_min_hidden_decides_for_few_channels():
    """Erratum E09: at C = 32 four units are r = 8 in effect; at C = 3 they expand."""
    assert [hidden_width(channels, min_hidden=4) for channels in (3, 32, 64, 128)] == [4, 4, 4, 8]


def test_state_dict_names():
    assert list(SEBlock(8).state_dict()) == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
    assert list(SEBlockLinear(8).state_dict()) == ["fc1.weight", "fc2.weight"]
    everything = SEPlusPlusV2(8, residual=True, learnable_temperature=True)
    assert set(everything.state_dict()) - set(SEBlock(8).state_dict()) == {"fusion_logits", "t_raw", "alpha"}
    fixed = SEPlusPlusV2(8, fusion="sum")
    assert set(fixed.state_dict()) - set(SEBlock(8).state_dict()) == {"T"}
    for case in CASES:
        module = case.make(8)
        if isinstance(module, SEBlock | SEBlockLinear):
            assert [name for name, _ in module.named_children()] == ["fc1", "act", "fc2", "gate_fn"], case.name


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (SEBlock, "channels reduction"),
        (SEBlockLinear, "channels reduction"),
        (SEv2, "channels reduction"),
        (SESafe, "channels reduction min_hidden"),
        (SEStable, "channels reduction min_hidden"),
        (SEGated, "channels reduction min_hidden gate"),
        (SEPlusPlus, "channels reduction min_hidden gate use_avg use_max"),
        (
            SEPlusPlusV2,
            "channels reduction min_hidden gate use_avg use_max fusion temperature learnable_temperature residual "
            "alpha_init learnable_alpha bias eps",
        ),
        (ConvSEBlock, "cin cout reduction"),
        (ECA, "channels kernel"),
        (CBAM, "channels reduction kernel"),
        (CoordinateAttention, "channels reduction"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_positional_arguments(make, expected):
    parameters = inspect.signature(make).parameters.values()
    assert [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD] == expected.split()


@pytest.mark.parametrize("name", [entry.name for entry in pkgutil.iter_modules(room.__path__)])
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(f"{room.__name__}.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", [name for name in room.__all__ if inspect.isclass(getattr(room, name))])
def test_every_class_states_its_shapes_errors_and_example(name):
    text = inspect.getdoc(getattr(room, name))
    assert "(N, C" in text or "(N, cin" in text or "Shapes" in text, "shapes"
    assert ">>>" in text, "example"
    if name != "IdentityAttention":
        assert "eq." in text or "algorithm" in text, "equation with its source"
        assert "Error" in text or "errors" in text, "errors"
