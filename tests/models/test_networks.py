"""SEResNetTiny and the ResNets: values, initialization, sizes, precision, compile, export."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from seattn_course.attention import SpatialAttention
from seattn_course.models import ResNet, SEResNetTiny, resnet18, resnet50
from seattn_course.residual import PreActBlock, shared_modules


def randomize(net):
    """Random norms and statistics: at their defaults a forgotten or doubled norm would hardly show."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in net.state_dict().items():
        if "running_var" in name or (tensor.dim() == 1 and name.endswith("weight")):
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
        elif "running_mean" in name or name.endswith("bias"):
            tensor.copy_(torch.randn(tensor.shape, generator=generator) / 5)
    return net


def spelled_out(state, x, preact, n):
    """SEResNetTiny as one function of its state dict, without a single module."""

    def norm(v, name):
        return F.batch_norm(
            v, *(state[f"{name}.{key}"] for key in ("running_mean", "running_var", "weight", "bias"))
        )

    def se(v, name):
        z = v.mean((2, 3))
        h = F.silu(z @ state[f"{name}.fc1.weight"].flatten(1).T + state[f"{name}.fc1.bias"])
        s = torch.sigmoid(h @ state[f"{name}.fc2.weight"].flatten(1).T + state[f"{name}.fc2.bias"])
        return v * s[:, :, None, None]

    def block(v, name, stride):
        first, second = state[f"{name}.conv1.weight"], state[f"{name}.conv2.weight"]
        if preact:
            skip = (
                F.conv2d(v, state[f"{name}.proj.weight"], stride=stride) if f"{name}.proj.weight" in state else v
            )
            h = F.conv2d(F.silu(norm(v, f"{name}.bn1")), first, stride=stride, padding=1)
            return se(F.conv2d(F.silu(norm(h, f"{name}.bn2")), second, padding=1), f"{name}.se") + skip
        skip = v
        if f"{name}.proj.0.weight" in state:
            skip = norm(F.conv2d(v, state[f"{name}.proj.0.weight"], stride=stride), f"{name}.proj.1")
        h = F.silu(norm(F.conv2d(v, first, stride=stride, padding=1), f"{name}.bn1"))
        return F.silu(se(norm(F.conv2d(h, second, padding=1), f"{name}.bn2"), f"{name}.se") + skip)

    x = F.silu(norm(F.conv2d(x, state["stem.conv.weight"], padding=1), "stem.bn"))
    for stage, stride in (("stage1", 1), ("stage2", 2), ("stage3", 2)):
        for i in range(n):
            x = block(x, f"{stage}.{i}", stride if i == 0 else 1)
    z = F.silu(norm(x, "head.0")).mean((2, 3))
    return z @ state["fc.weight"].T + state["fc.bias"]


@pytest.mark.parametrize("preact", [False, True])
def test_tiny_network_equals_the_function_spelled_out(preact):
    net = randomize(SEResNetTiny(base=8, n=2, preact=preact, reduction=2).double()).eval()
    x = torch.randn(2, 3, 9, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(net(x), spelled_out(net.state_dict(), x, preact, 2), rtol=1e-10, atol=1e-10)


@settings(max_examples=15, deadline=None)
@given(
    batch=st.integers(1, 3),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    in_ch=st.sampled_from([1, 3]),
    preact=st.booleans(),
    attention=st.sampled_from(["se_stable", "eca", "cbam", "coord", None]),
)
def test_tiny_network_takes_any_size(batch, height, width, in_ch, preact, attention):
    net = SEResNetTiny(in_ch, 7, base=8, n=1, preact=preact, attention=attention).eval()
    logits = net(torch.rand(batch, in_ch, height, width))
    assert logits.shape == (batch, 7)
    assert logits.isfinite().all()


def test_shapes_through_the_tiny_network():
    net = SEResNetTiny().eval()
    sizes = []
    for name in ("stem", "stage1", "stage2", "stage3", "head"):
        getattr(net, name).register_forward_hook(lambda module, arguments, y: sizes.append(tuple(y.shape)))
    assert net(torch.rand(2, 3, 40, 24)).shape == (2, 10)
    assert sizes == [(2, 32, 40, 24), (2, 32, 40, 24), (2, 64, 20, 12), (2, 128, 10, 6), (2, 128, 10, 6)]


@pytest.mark.parametrize("preact", [False, True])
def test_tiny_network_learns(preact):
    torch.manual_seed(0)
    net = SEResNetTiny(base=8, n=1, preact=preact)
    x, labels = torch.randn(16, 3, 12, 12), torch.arange(16) % 10
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        loss = F.cross_entropy(net(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    assert all(p.grad is not None for p in net.parameters())


@pytest.mark.parametrize("preact", [False, True])
def test_zero_init_of_the_tiny_network(preact):
    net = SEResNetTiny(base=8, n=2, preact=preact, zero_init=True).eval()
    x = torch.rand(1, 8, 6, 5)
    assert torch.equal(net.stage1(x), x if preact else F.silu(F.silu(x)))


@pytest.mark.parametrize(
    "build",
    [SEResNetTiny, lambda: SEResNetTiny(preact=True), lambda: resnet18(attention="se")],
    ids=["tiny", "tiny, preact", "resnet18"],
)
def test_autocast_is_finite(build):
    torch.manual_seed(0)
    net = build().train()
    # Not smaller: torch 2.13's bfloat16 convolution may read memory that nobody wrote when it makes a map of 2 x 1
    # (one run in eight on a Xeon with AMX; never with torch.backends.mkldnn off).
    with torch.autocast("cpu", torch.bfloat16):
        loss = F.cross_entropy(net(10 * torch.randn(2, 3, 65, 63)), torch.tensor([0, 1]))
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in net.parameters())


def test_both_forms_of_se_start_alike_inside_a_network():
    """An initialization loop over Conv2d would change the convolutions and not the linear layers."""
    outputs = []
    for attention in ("se", "se_linear"):
        torch.manual_seed(0)
        net = resnet18(num_classes=5, attention=attention, bias=True).eval()
        outputs.append(net(torch.randn(1, 3, 40, 33, generator=torch.Generator().manual_seed(1))))
        weight = net.stage4[0].attn.fc1.weight
        assert weight.abs().max() <= 512**-0.5  # PyTorch's own: uniform within 1 / sqrt(C)
    torch.testing.assert_close(*outputs)


def test_he_initialization_of_the_convolutions():
    torch.manual_seed(0)
    net = resnet18(attention="se")
    weight = net.stage4[1].conv2.weight
    assert weight.std().item() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.01)
    assert net.stem[0].conv.weight.std().item() == pytest.approx((2 / (64 * 49)) ** 0.5, rel=0.05)


def test_zero_init_comes_last():
    """Both kinds: gamma of the last norm, and in pre-activation blocks a convolution, which He's loop sets too."""
    net = resnet50(attention="eca", zero_init=True)
    assert all(block.bn3.weight.abs().max() == 0 for block in net.blocks())
    assert all(block.bn2.weight.abs().min() == 1 for block in net.blocks())
    pre = ResNet(PreActBlock, (1, 1, 1, 1), (64, 64, 64, 64), zero_init=True)
    assert all(block.conv2.weight.abs().max() == 0 for block in pre.blocks())
    assert all(block.conv1.weight.abs().max() > 0 for block in pre.blocks())
    assert all(block.bn3.weight.abs().min() == 1 for block in resnet50().blocks())


def test_one_module_for_all_blocks_is_refused():
    one = SpatialAttention()
    for attention in (one, lambda channels: one):
        with pytest.raises(ValueError, match=r"attention must be .* shared 0\.attn = 1\.attn"):
            resnet18(attention=attention)
    assert shared_modules(resnet18(attention=lambda channels: SpatialAttention(), num_classes=2)) == []


def test_other_inputs_and_classes():
    with torch.device("meta"):
        net = resnet50(num_classes=7, in_ch=1)
        assert net(torch.empty(2, 1, 65, 33)).shape == (2, 7)
    with pytest.raises(ValueError, match="depths and widths must have one number for each of 4 stages"):
        ResNet(PreActBlock, (1, 1), (64, 128))


@pytest.mark.parametrize("build", [SEResNetTiny, lambda: resnet18(attention="se")], ids=["tiny", "resnet18"])
def test_state_dict_round_trip(build, tmp_path):
    net = randomize(build()).eval()
    torch.save(net.state_dict(), tmp_path / "net.pt")
    other = build().eval()
    other.load_state_dict(torch.load(tmp_path / "net.pt", weights_only=True))
    x = torch.rand(1, 3, 33, 31)
    assert torch.equal(other(x), net(x))


@pytest.mark.parametrize("preact", [False, True])
def test_compile_without_graph_breaks(preact):
    torch.compiler.reset()
    net = randomize(SEResNetTiny(n=1, preact=preact)).eval()
    x = torch.rand(2, 3, 17, 12)
    torch.testing.assert_close(torch.compile(net, fullgraph=True, backend="eager")(x), net(x))


def test_export_for_any_batch():
    net = randomize(SEResNetTiny()).eval()
    batch = torch.export.Dim("batch", min=1)
    program = torch.export.export(net, (torch.rand(2, 3, 16, 16),), dynamic_shapes=({0: batch},))
    x = torch.rand(5, 3, 16, 16)
    torch.testing.assert_close(program.module()(x), net(x))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")  # from inside torch's exporter
@pytest.mark.parametrize("preact", [False, True])
def test_onnx_export_runs_elsewhere(preact, tmp_path):
    import onnxruntime

    net = randomize(SEResNetTiny(preact=preact)).eval()
    batch = torch.export.Dim("batch", min=1)
    program = torch.onnx.export(
        net, (torch.rand(2, 3, 32, 32),), dynamo=True, verbose=False, dynamic_shapes=({0: batch},)
    )
    program.save(tmp_path / "tiny.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "tiny.onnx", providers=["CPUExecutionProvider"])
    x = torch.rand(5, 3, 32, 32)
    (logits,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    with torch.no_grad():
        assert (torch.from_numpy(logits) - net(x)).abs().max() < 1e-5
