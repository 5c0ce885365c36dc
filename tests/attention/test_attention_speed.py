"""The benchmark compares like with like, and its report says what was measured. Its figures are not tested."""

from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.reference


@pytest.fixture
def benchmark(monkeypatch, peers):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    import attention_speed

    return attention_speed


@pytest.mark.parametrize("channels", [64, 256, 512])
def test_makers_of_a_family_have_equal_widths(benchmark, peers, channels):
    table = benchmark.families(channels, peers.timm.layers, peers.torchvision.ops.SqueezeExcitation)
    for family, makers in table.items():
        counts = {maker: sum(p.numel() for p in module.parameters()) for maker, module in makers.items()}
        assert len(set(counts.values())) == 1, (family, counts)
        x = torch.rand(1, channels, 4, 3)
        assert all(module.eval()(x).shape == x.shape for module in makers.values())


def test_report_names_every_row_and_every_aim(benchmark, tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "SHAPES", ((16, 6, 5), (16, 9, 9)))
    rows = benchmark.measure(batch=1, rounds=2, wanted=["SE", "SE avg+max", "ECA"])
    assert len(rows) == 3 * 2 * 2 * 2
    assert all(ratio > 0 for row in rows for ratio in row.ratios.values())
    table = benchmark.as_markdown(rows, batch=1, allocator="any allocator")
    assert table.count("| SE |") == 8
    assert "16x9x9" in table
    assert benchmark.aims(rows).count(" of ") == 5
    benchmark.plot(rows, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 10_000
