"""The graph of a module: each layer and operation once, in order, with its costs; the module left as it was."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from seattn_course import attention, residual
from seattn_course.lab import profiling
from seattn_course.lab.dataflow import KINDS, dataflow
from seattn_course.models import SEResNetTiny, resnet18

SHAPE = (2, 8, 6, 5)


def line(graph):
    return [(node.kind, node.name, node.sources) for node in graph.nodes]


def test_basic_block_with_its_skip():
    graph = dataflow(residual.BasicBlock(8, 8), SHAPE)
    assert line(graph) == [
        ("input", "x", ()),
        ("conv", "conv1", (0,)),
        ("norm", "bn1", (1,)),
        ("act", "act", (2,)),
        ("conv", "conv2", (3,)),
        ("norm", "bn2", (4,)),
        ("add", "add", (5, 0)),
        ("act", "out_act", (6,)),
    ]
    assert graph.output == 7
    assert graph.used(0) == [1, 6]


def test_projection_of_the_preactivated_input_and_of_the_raw_one():
    """E17: ResNet v2 projects h, the SE-residual block x."""
    v2 = dataflow(residual.PreActBlock(8, 16, 2), SHAPE)
    raw = dataflow(residual.SEResBlockPreAct(8, 16, 2), SHAPE)
    for graph, source in ((v2, "act"), (raw, "input")):
        (projection,) = [node for node in graph.nodes if node.name == "proj"]
        assert graph.nodes[projection.sources[0]].kind == source
        assert projection.shape == (2, 16, 3, 3)


@pytest.mark.parametrize("pattern", ["P1", "P2", "P3", "P4"])
def test_fusion_patterns_show_where_attention_sits(pattern):
    makers = {
        "P1": residual.ResidualAttentionP1(8, "se"),
        "P2": residual.ResidualAttentionP2(8, "se"),
        "P3": residual.ResidualAttentionP3(8, "se"),
        "P4": residual.ResidualAttentionP4(8, "se", "cbam"),
    }
    graph = dataflow(makers[pattern], SHAPE)
    before = [graph.nodes[node.sources[0]].kind for node in graph.nodes if node.kind == "attention"]
    assert before == {"P1": ["norm"], "P2": ["add"], "P3": ["input"], "P4": ["input", "norm"]}[pattern]
    (total,) = [node for node in graph.nodes if node.kind == "add"]
    kinds = sorted(graph.nodes[source].kind for source in total.sources)
    wanted = {"P1": ["attention", "input"], "P2": ["input", "norm"], "P3": ["input", "norm"]}
    assert kinds == wanted.get(pattern, ["attention", "attention"])


def test_the_root_is_opened_and_an_attention_inside_it_is_not():
    se = dataflow(attention.SEBlock(8), SHAPE)
    assert [node.kind for node in se.nodes] == ["input", "pool", "conv", "act", "conv", "act", "mul"]
    assert se.nodes[-1].sources == (0, 5)
    block = dataflow(residual.BasicBlock(8, 8, attention="se"), SHAPE)
    assert [node.name for node in block.nodes if node.kind == "attention"] == ["attn"]


def test_closed_classes_are_one_node():
    stage = residual.make_stage(residual.BasicBlock, 8, 8, 2)
    graph = dataflow(stage, SHAPE, closed=(residual.BasicBlock,))
    assert [(node.name, node.kind) for node in graph.nodes] == [("x", "input"), ("0", "other"), ("1", "other")]
    assert sum(node.parameters for node in graph.nodes) == graph.parameters


class InPlace(nn.Module):
    def __init__(self, inplace):
        super().__init__()
        self.act = nn.ReLU(inplace)
        self.conv = nn.Conv2d(8, 8, 1)

    def forward(self, x):
        return x + self.conv(self.act(x))


def test_in_place_activation_takes_the_place_of_x():
    """What is added is what the memory holds by then."""
    assert dataflow(InPlace(False), SHAPE).nodes[-1].sources == (0, 2)
    assert dataflow(InPlace(True), SHAPE).nodes[-1].sources == (1, 2)


class Functional(nn.Module):
    """No activation module, a view, a concatenation, a number added, an unused layer."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(3, 3)
        self.conv = nn.Conv2d(8, 8, 1, bias=False)

    def forward(self, x):
        a = F.relu(self.conv(x))
        b = torch.cat([a, x], dim=1)
        return (0.5 * b).flatten(2) + 1


def test_operations_outside_layers():
    graph = dataflow(Functional(), SHAPE)
    assert [node.kind for node in graph.nodes] == ["input", "conv", "act", "other", "mul", "add"]
    assert graph.nodes[3].name == "cat"
    assert graph.nodes[3].sources == (2, 0)
    assert graph.nodes[5].sources == (4,), "the view between is no node"
    assert {node.kind for node in graph.nodes} <= set(KINDS)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_what_does_nothing_is_no_node(dropout):
    kinds = [node.kind for node in dataflow(residual.WideBlock(8, 8, dropout=dropout), SHAPE).nodes]
    assert ("dropout" in kinds) == (dropout > 0)
    assert "attention" not in kinds


def test_costs_add_up_to_those_of_the_whole():
    for model, shape in ((resnet18(attention="se"), (1, 3, 32, 32)), (SEResNetTiny(preact=True), (1, 3, 32, 32))):
        graph = dataflow(model, shape)
        assert sum(node.parameters for node in graph.nodes) == graph.parameters
        assert sum(node.macs for node in graph.nodes) == graph.macs
        assert graph.parameters == profiling.parameters(model).trainable


def test_a_shared_layer_counts_once():
    conv = nn.Conv2d(8, 8, 1)
    graph = dataflow(nn.Sequential(conv, nn.ReLU(), conv), SHAPE)
    assert [node.parameters for node in graph.nodes] == [0, 72, 0, 0]


def test_the_model_is_left_alone():
    model = residual.BasicBlock(8, 8).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    dataflow(model, SHAPE)
    assert not model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


def test_wrong_arguments_are_named():
    with pytest.raises(TypeError, match="model must be"):
        dataflow(torch.relu, SHAPE)
    with pytest.raises(ValueError, match=r"shape\[1\]"):
        dataflow(nn.ReLU(), (1, 0, 3))

    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.unused = nn.ReLU()

        def forward(self, x):
            return torch.zeros(3)

    with pytest.raises(TypeError, match="depends on its input, got Tensor"):
        dataflow(Constant(), SHAPE)
