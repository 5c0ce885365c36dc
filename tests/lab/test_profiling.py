"""Counts against closed forms, clocks and memory against what is known of one operation."""

import os
import time

import pytest
import torch
from torch import nn

from seattn_course.attention import SEBlock, SpatialAttention
from seattn_course.lab.profiling import Parameters, latency, macs, parameters, peak_memory
from seattn_course.models import SEResNetTiny, resnet18, resnet50
from seattn_course.residual import Bottleneck, ResidualAttentionP1

META = torch.device("meta")


def on_meta(build, *shape):
    with META:
        return build(), torch.empty(shape)


def test_parameters_by_kind():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    net[2].bias.requires_grad_(False)
    counted = parameters(net)
    assert counted == Parameters(112 + 8 + 8, frozen=2, statistics=8, by_child={"0": 112, "1": 8, "2": 8})
    assert counted.with_statistics == 112 + 8 + 10 + 8


def test_a_shared_parameter_counts_once():
    conv = nn.Conv2d(4, 4, 1, bias=False)
    assert parameters(nn.Sequential(conv, nn.ReLU(), conv)).trainable == 16
    shared = nn.Sequential(nn.Sequential(conv), nn.Sequential(conv))
    assert parameters(shared).by_child == {"0": 16, "1": 0}


def test_parameters_of_resnet50():
    """C07: 53,120 statistics of batch norm, which some published totals include."""
    with META:
        counted = parameters(resnet50())
    assert (counted.trainable, counted.frozen, counted.statistics) == (25_557_032, 0, 53_120)
    assert sum(counted.by_child.values()) == counted.trainable
    assert list(counted.by_child) == ["stem", "stage1", "stage2", "stage3", "stage4", "fc"]


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_macs_of_se(device):
    """E13: C = 128 at 56x56. After pooling the map is 1x1; what touches each pixel is pooling and scaling."""
    with torch.device(device):
        net = nn.Sequential(nn.Conv2d(128, 128, 3, padding=1, bias=False), SEBlock(128))
        counted = macs(net, torch.empty(1, 128, 56, 56))
    assert counted.by_module["0"] == 462_422_016
    assert counted.by_module["1"] == 2_048
    assert counted.total == counted.by_module[""] == 462_424_064
    assert counted.pool_and_scale == counted.pool_and_scale_by_module["1"] == 802_816
    assert counted.by_module["1.fc1"] == counted.by_module["1.fc2"] == 1_024
    assert round(100 * counted.pool_and_scale / counted.by_module["0"], 2) == 0.17


def test_macs_of_spatial_attention():
    """C26: 98 weights, 307,328 MACs at 56x56; mean, maximum and product touch each value once."""
    counted = macs(*on_meta(SpatialAttention, 1, 64, 56, 56))
    assert counted.total == 307_328
    assert counted.pool_and_scale == 3 * 64 * 56 * 56


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (lambda: nn.Linear(100, 10), (7, 100), 7_000),
        (lambda: nn.Conv2d(8, 16, 3, stride=2, padding=1), (2, 8, 9, 7), 2 * 16 * 5 * 4 * 8 * 9),
        (lambda: nn.Conv2d(8, 16, 3, padding=1, groups=4), (1, 8, 5, 5), 16 * 25 * 2 * 9),
        (lambda: nn.Conv1d(1, 1, 3, padding=1), (2, 1, 64), 2 * 64 * 3),
    ],
)
def test_one_mac_is_a_multiply_and_an_add(layer, shape, expected):
    assert macs(*on_meta(layer, *shape)).total == expected


def test_macs_of_resnets():
    """4.089 and 1.814 GMACs at 224x224 (torchvision's model cards); SE adds its weights once each, 0.06 %."""
    image = (1, 3, 224, 224)
    plain = macs(*on_meta(resnet50, *image))
    assert plain.total == 4_089_184_256
    assert round(macs(*on_meta(resnet18, *image)).total / 1e9, 3) == 1.814
    with_se = macs(*on_meta(lambda: resnet50(attention="se"), *image))
    assert with_se.total - plain.total == 2_514_944
    assert with_se.pool_and_scale - plain.pool_and_scale == 2 * sum(
        blocks * width * size**2
        for blocks, width, size in ((3, 256, 56), (4, 512, 28), (6, 1024, 14), (3, 2048, 7))
    )
    stages = [plain.by_module[name] for name in ("stem", "stage1", "stage2", "stage3", "stage4", "fc")]
    assert sum(stages) == plain.total


@pytest.mark.reference
def test_macs_on_torchvisions_model_cards(peers):
    cards = peers.torchvision.models
    for build, weights in ((resnet18, cards.ResNet18_Weights), (resnet50, cards.ResNet50_Weights)):
        counted = macs(*on_meta(build, 1, 3, 224, 224)).total
        assert round(counted / 1e9, 3) == weights.IMAGENET1K_V1.meta["_ops"]


def test_equal_operations_equal_share():
    """E16: the plain bottleneck and the ResNeXt block of 32 groups cost the same within 1 %."""
    plain = macs(*on_meta(lambda: Bottleneck(256, 256), 1, 256, 14, 14)).total
    grouped = macs(*on_meta(lambda: Bottleneck(256, 256, width=128, groups=32), 1, 256, 14, 14)).total
    assert grouped / plain == pytest.approx(1, abs=0.01)


def test_macs_leaves_the_model_as_it_was():
    net = SEResNetTiny(base=8, n=1).train()
    net.head.eval()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    modes = [module.training for module in net.modules()]
    macs(net, torch.rand(2, 3, 8, 8))
    assert [module.training for module in net.modules()] == modes
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    with pytest.raises(ValueError, match="must have shape"):
        macs(net, torch.rand(2, 4, 8, 8))
    assert [module.training for module in net.modules()] == modes


def test_latency_of_sleeps():
    """Twice the sleep, twice the time; the first candidate is the baseline."""
    timed = latency({"short": lambda: time.sleep(0.004), "long": lambda: time.sleep(0.008)}, rounds=9, warm_up=0)
    assert list(timed) == ["short", "long"]
    assert timed["short"].ratio == 1.0
    assert 1.4 < timed["long"].ratio < 2.6
    assert 0.004 <= timed["short"].lower_quartile <= timed["short"].median <= timed["short"].upper_quartile
    assert timed["long"].rounds == 9


def test_latency_interleaves():
    """Each round calls each candidate, and not always in the same order."""
    calls = []
    candidates = {name: lambda name=name: calls.append(name) for name in "abc"}
    latency(candidates, rounds=3, calls=2, warm_up=1)
    assert "".join(calls) == "abc" + "aabbcc" + "bbccaa" + "ccaabb"
    single = latency({"a": lambda: None}, rounds=1, warm_up=0)["a"]
    assert single.lower_quartile == single.median == single.upper_quartile


def test_peak_memory_of_known_operations():
    x = torch.zeros(256, 1024)  # 1 MiB
    size = x.nbytes
    assert peak_memory(x.clone).peak == size
    assert peak_memory(x.clone).kept == 0
    chain = nn.Sequential(nn.Sigmoid(), nn.Sigmoid(), nn.Sigmoid())
    with torch.no_grad():
        assert peak_memory(lambda: chain(x)).peak == 2 * size  # the input of each step dies after it
    assert (
        peak_memory(lambda: chain(x.requires_grad_())).peak == 3 * size
    )  # each output waits for the backward pass
    held = []
    assert peak_memory(lambda: held.append(x.detach() + 1)).kept == size


def test_memory_that_se_keeps_for_the_backward_pass():
    """One more map: what it scaled. The plain block's sum needs neither of its terms again."""
    x, held = torch.rand(2, 16, 32, 32), []
    plain, gated = ResidualAttentionP1(16), ResidualAttentionP1(16, "se")
    more = peak_memory(lambda: held.append(gated(x))).kept - peak_memory(lambda: held.append(plain(x))).kept
    assert x.nbytes <= more < 1.01 * x.nbytes


def test_peak_memory_says_nothing_on_stderr(capfd):
    """The profiler announces itself there; a notebook would store that. KINETO_LOG_LEVEL, set before, is kept."""
    peak_memory(lambda: torch.zeros(4))
    assert capfd.readouterr().err == ""
    assert os.environ["KINETO_LOG_LEVEL"]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="2026-11-22: needs a GPU, and this machine has none")
def test_on_a_gpu():
    x = torch.zeros(256, 1024, device="cuda")
    assert peak_memory(x.clone, "cuda").peak == x.nbytes
    assert peak_memory(x.clone, "cuda").kept == 0
    timed = latency({"copy": x.clone, "twice": lambda: x.clone().clone()}, device="cuda")
    assert timed["twice"].ratio > 1


@pytest.mark.parametrize(
    ("call", "error", "content"),
    [
        (lambda: parameters("resnet18"), TypeError, ["model", "nn.Module", "'resnet18'"]),
        (lambda: macs(torch.relu, torch.zeros(1)), TypeError, ["model", "nn.Module"]),
        (lambda: latency({}), ValueError, ["candidates", "at least one", "{}"]),
        (lambda: latency([time.time]), ValueError, ["candidates", "map"]),
        (lambda: latency({"x": 3}), TypeError, ["candidates['x']", "callable", "3"]),
        (lambda: latency({"x": int}, rounds=0), ValueError, ["rounds", "at least 1", "got 0"]),
        (lambda: latency({"x": int}, calls=1.5), TypeError, ["calls", "integer", "1.5"]),
        (lambda: latency({"x": int}, warm_up=-1), ValueError, ["warm_up", "at least 0", "-1"]),
        (lambda: peak_memory(torch.zeros(3)), TypeError, ["call", "callable", "tensor"]),
        (lambda: peak_memory(int, "meta"), ValueError, ["device", "'cpu' or 'cuda'", "'meta'"]),
    ],
)
def test_wrong_arguments(call, error, content):
    with pytest.raises(error) as caught:
        call()
    assert all(part in str(caught.value) for part in content)
