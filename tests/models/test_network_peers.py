"""The networks beside timm's and torchvision's: the same totals, and with copied weights the same outputs."""

import copy
import re
from functools import partial

import pytest
import torch

from seattn_course.models import (
    count_params,
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnext50_32x4d,
    wide_resnet50_2,
)
from seattn_course.residual import PreActBlock

pytestmark = pytest.mark.reference

timm_se = {"attention": "se", "hidden_rounding": 8}
TIMM_ECA = {"block_args": {"attn_layer": "eca"}}

NETWORKS = {
    "resnet18": resnet18,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet101": resnet101,
    "resnet152": resnet152,
    "resnext50_32x4d": resnext50_32x4d,
    "wide_resnet50_2": wide_resnet50_2,
}


@pytest.mark.parametrize("name", NETWORKS)
def test_totals_of_torchvision_and_timm(peers, name):
    with torch.device("meta"):
        ours = count_params(NETWORKS[name]())
        assert ours == count_params(getattr(peers.torchvision.models, name)())
        assert ours == count_params(peers.timm.create_model(name))


@pytest.mark.parametrize("name", ["18", "34", "50", "101", "152", "xt50_32x4d"])
def test_totals_of_timm_with_se(peers, name):
    ours = NETWORKS[f"resne{name}" if name.startswith("x") else f"resnet{name}"]
    theirs = f"seresne{name}" if name.startswith("x") else f"seresnet{name}"
    with torch.device("meta"):
        assert count_params(ours(**timm_se)) == count_params(peers.timm.create_model(theirs))


def test_total_of_timm_with_eca(peers):
    with torch.device("meta"):
        theirs = count_params(peers.timm.create_model("resnet50", **TIMM_ECA))
        assert count_params(resnet50(attention="eca")) == theirs == 25_557_118


@pytest.mark.parametrize(
    ("library", "name", "total"),
    [
        ("torchvision", "mobilenet_v3_large", 5_483_032),
        ("torchvision", "mobilenet_v3_small", 2_542_856),
        ("torchvision", "efficientnet_b0", 5_288_548),
        ("timm", "mobilenetv3_large_100", 5_483_032),
        ("timm", "mobilenetv3_small_100", 2_542_856),
        ("timm", "efficientnet_b0", 5_288_548),
        ("timm", "resnetv2_50", 25_549_352),
    ],
)
def test_totals_that_the_course_cites_of_networks_it_does_not_build(peers, library, name, total):
    with torch.device("meta"):
        timm = library == "timm"
        network = peers.timm.create_model(name) if timm else getattr(peers.torchvision.models, name)()
        assert count_params(network) == total


def peer_name(name):
    """Our name of a parameter or buffer -> timm's and torchvision's."""
    name = name.replace("stem.0.conv.", "conv1.").replace("stem.0.bn.", "bn1.")
    name = re.sub(r"^stage(\d)", r"layer\1", name)
    return name.replace(".proj.", ".downsample.").replace(".attn.", ".se.")


def fill(network):
    """Random numbers everywhere: no gamma stays 0 or 1, no mean 0, which would hide mistakes."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in network.state_dict().items():
        noise = torch.rand(tensor.shape, generator=generator)
        if "num_batches" in name:
            tensor.zero_()
        elif "running_var" in name or (tensor.dim() == 1 and name.endswith("weight")):
            tensor.copy_(noise + 0.5)
        elif "running_mean" in name or name.endswith("bias"):
            tensor.copy_(noise / 5 - 0.1)
        else:  # weights: variance 2 / fan in, so that the signal keeps its size
            fan_in = tensor[0].numel()
            tensor.copy_((noise - 0.5) * (24 / fan_in) ** 0.5)


def largest_difference(ours, theirs, training=False):
    """Relative to the largest logit, in float64, on a small, oblong batch. Both are builders of networks."""
    with torch.device("meta"):  # no time for initializations that are overwritten
        ours, theirs = ours(num_classes=10), theirs(num_classes=10)
    theirs = theirs.double().to_empty(device="cpu")
    fill(theirs)
    weights = theirs.state_dict()
    ours.load_state_dict({name: weights[peer_name(name)] for name in ours.state_dict()}, assign=True)
    assert len(weights) == len(ours.state_dict())
    ours = copy.deepcopy(ours)  # statistics of its own: those of training move
    x = torch.randn(2, 3, 48, 35, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        a, b = ours.train(training)(x), theirs.train(training)(x)
    return ((a - b).abs().max() / b.abs().max()).item()


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2"])
def test_outputs_of_torchvision(peers, name):
    assert largest_difference(NETWORKS[name], getattr(peers.torchvision.models, name)) < 1e-11


def test_outputs_of_torchvision_in_training(peers):
    assert largest_difference(resnet18, peers.torchvision.models.resnet18, training=True) < 1e-9


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (resnet50, "resnet50", {}),
        (partial(resnet18, **timm_se), "seresnet18", {}),
        (partial(resnet50, **timm_se), "seresnet50", {}),
        (partial(resnet18, attention="eca"), "resnet18", TIMM_ECA),
    ],
)
def test_outputs_of_timm(peers, ours, theirs, options):
    assert largest_difference(ours, partial(peers.timm.create_model, theirs, **options)) < 1e-11


@pytest.mark.parametrize(("cin", "cout", "stride"), [(8, 8, 1), (8, 16, 2), (8, 16, 1)])  # timm rounds widths to 8
def test_pre_activation_block_of_timm(peers, cin, cout, stride):
    from timm.layers import BatchNormAct2d, create_conv2d
    from timm.models.resnetv2 import DownsampleConv, PreActBasic

    layers = {"conv_layer": create_conv2d, "norm_layer": BatchNormAct2d, "proj_layer": DownsampleConv}
    theirs = PreActBasic(cin, cout, stride=stride, **layers)
    fill(theirs)
    weights = theirs.state_dict()
    ours = PreActBlock(cin, cout, stride)
    names = {name: name.replace("proj.", "downsample.conv.").replace("bn", "norm") for name in ours.state_dict()}
    ours.load_state_dict({name: weights[there] for name, there in names.items()})
    x = torch.randn(2, cin, 7, 6, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))
