"""What the modules that look at places promise beyond their equation."""

import torch
from attention_cases import randomized

from seattn_course.attention import CBAM, ChannelAttention, CoordinateAttention, SEBlock, SpatialAttention


def test_spatial_gate_is_one_number_a_place_for_all_channels():
    block = randomized(SpatialAttention())
    x = torch.randn(2, 8, 6, 5)
    assert block.gate(x).shape == (2, 1, 6, 5)
    torch.testing.assert_close(block(x), x * block.gate(x))
    torch.testing.assert_close(block.gate(x), block.gate(x[:, torch.randperm(8)]))


def test_spatial_attention_takes_any_number_of_channels_unless_told():
    block = SpatialAttention()
    assert block(torch.rand(1, 3, 4, 4)).shape == (1, 3, 4, 4)
    assert block(torch.rand(1, 5, 4, 4)).shape == (1, 5, 4, 4)


def test_the_order_of_the_two_maps_is_the_order_of_the_input_channels():
    first = randomized(SpatialAttention(kernel=3))
    other = SpatialAttention(kernel=3, order="max_mean")
    other.load_state_dict({"conv.weight": first.conv.weight.flip(1)})
    x = torch.randn(2, 8, 6, 5)
    torch.testing.assert_close(first(x), other(x))


def test_cbam_is_channel_then_spatial():
    block = randomized(CBAM(8, 4)).eval()
    x = torch.randn(2, 8, 6, 5)
    torch.testing.assert_close(block(x), block.spatial(block.channel(x)))
    assert not torch.allclose(block(x), block.channel(block.spatial(x)), atol=1e-3)
    torch.testing.assert_close(block(x), x * block.gate(x))


def test_cbam_starts_at_about_a_quarter():
    """Erratum E06: two gates of about 0.5 each; coordinate attention likewise."""
    x = torch.randn(8, 64, 9, 9)
    for block in (CBAM(64), CoordinateAttention(64)):
        assert 0.2 < block.gate(x).mean() < 0.3


def test_the_authors_batch_norm_momentum():
    assert CBAM(8, batch_norm=True, bn_momentum=0.01).spatial.bn.momentum == 0.01
    assert CBAM(8, batch_norm=True).spatial.bn.momentum == 0.1


def test_channel_attention_on_equal_maps_is_se_with_doubled_logits():
    """Where mean and maximum agree, CBAM's first half counts the same logits twice: not SE (erratum E07)."""
    block = randomized(ChannelAttention(8, 4)).double()
    x = torch.randn(2, 8, 1, 1, dtype=torch.float64).expand(2, 8, 3, 3)
    se = SEBlock(8, 4, bias=False).double()
    se.load_state_dict(block.state_dict())
    torch.testing.assert_close(torch.logit(block.gate(x)), 2 * torch.logit(se.gate(x)))


def test_coordinate_gate_is_an_outer_product_of_rows_and_columns():
    block = randomized(CoordinateAttention(8)).eval()
    x = torch.randn(2, 8, 6, 5)
    g_h, g_w = block.gates(x)
    assert g_h.shape == (2, 8, 6, 1)
    assert g_w.shape == (2, 8, 1, 5)
    torch.testing.assert_close(block.gate(x), g_h * g_w)
    torch.testing.assert_close(block(x), x * block.gate(x))


def test_coordinate_attention_knows_which_row():
    """Unlike SE: moving a bright row moves the row gates with it."""
    block = randomized(CoordinateAttention(4)).eval()
    x = torch.zeros(1, 4, 6, 5)
    x[:, :, 1] = 1
    moved = x.roll(2, dims=2)
    torch.testing.assert_close(block.gates(moved)[0], block.gates(x)[0].roll(2, dims=2))
    assert not torch.allclose(block.gates(moved)[0], block.gates(x)[0], atol=1e-3)


def test_coordinate_attention_middle_width():
    assert [CoordinateAttention(C).conv1.out_channels for C in (16, 256, 512)] == [8, 8, 16]


def test_one_place_in_training_is_enough_for_the_batch_norm_of_coordinate_attention():
    """A row mean and a column mean make two values; with one, BN would refuse."""
    assert CoordinateAttention(4).train()(torch.rand(1, 4, 1, 1)).isfinite().all()
