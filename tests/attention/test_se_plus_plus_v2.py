"""SEPlusPlusV2: temperature, fusion, residual gate, and checkpoints (errata E02, E03, E05, E08 to E11)."""

import math

import pytest
import torch
from attention_cases import randomized

from seattn_course.attention import SEBlock, SEPlusPlus, SEPlusPlusV2

X = torch.randn(2, 16, 5, 7, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("temperature", [1.1e-6, 1e-4, 0.01, 0.5, 1.0, 2.0, 20.0, 88.0, 89.0, 100.0, 1e4, 1e30])
def test_a_learnable_temperature_starts_where_it_was_told(temperature):
    """Erratum E02: log(exp(T) - 1 + eps) is inf from T = 89 in float32, and 2 % off at T = 1e-4."""
    block = SEPlusPlusV2(16, temperature=temperature, learnable_temperature=True)
    assert block.t_raw.isfinite()
    assert block.temperature.item() == pytest.approx(temperature, rel=2e-6)
    if 1e-4 < temperature < 1e4:
        block.gate(X).sum().backward()
        assert block.t_raw.grad.isfinite()
        assert block.t_raw.grad != 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_temperature_of_100_survives_half_precision(dtype):
    """Erratum E02: in float16 the naive inverse overflows from T = 12 on."""
    block = SEPlusPlusV2(16, temperature=100.0, learnable_temperature=True).to(dtype)
    assert block.temperature.item() == pytest.approx(100, rel=0.01)


def test_the_sources_inverse_is_what_e02_says():
    """The formula that was replaced, so that the figures quoted in the lesson stay proved."""

    def naive(T, dtype=torch.float32, eps=1e-6):
        T = torch.tensor(T, dtype=dtype)
        return torch.log(torch.exp(T) - 1 + eps)

    assert naive(88.0).isfinite()
    assert naive(89.0).isinf()
    assert naive(11.0, torch.float16).isfinite()
    assert naive(12.0, torch.float16).isinf()
    start = torch.nn.functional.softplus(naive(1e-4)) + 1e-6
    assert start.item() / 1e-4 == pytest.approx(1.02, abs=0.002)


def test_temperature_softens_and_sharpens():
    """C23: u = 2 gives 0.982, 0.881 and 0.731 at T = 0.5, 1 and 2."""
    for T, expected in ((0.5, 0.982), (1.0, 0.881), (2.0, 0.731)):
        block = SEPlusPlusV2(1, temperature=T)
        with torch.no_grad():
            block.fc2.weight.zero_()
            block.fc2.bias.fill_(2)
        assert block.gate(torch.zeros(1, 1, 2, 2)).item() == pytest.approx(expected, abs=5e-4)


def test_a_fixed_temperature_is_a_scaled_second_layer():
    """Erratum E10: dividing fc2 by T gives the same function."""
    warm, plain = randomized(SEPlusPlusV2(16)).double(), SEPlusPlusV2(16).double()
    state = warm.state_dict()
    T = state["T"]
    for name in ("fc2.weight", "fc2.bias"):
        state[name] = state[name] / T
    state["T"] = torch.ones(())
    plain.load_state_dict(state)
    torch.testing.assert_close(plain(X.double()), warm(X.double()))


def test_weight_decay_pulls_a_learnable_temperature_to_ln_2():
    """Erratum E10: decay sends t_raw to 0, and softplus(0) = ln 2."""
    block = SEPlusPlusV2(16, temperature=3.0, learnable_temperature=True)
    optimiser = torch.optim.AdamW([block.t_raw], lr=0.1, weight_decay=1.0)
    for _ in range(200):
        block.t_raw.grad = torch.zeros_like(block.t_raw)
        optimiser.step()
    assert block.temperature.item() == pytest.approx(math.log(2), abs=1e-3)


def test_softmax_fusion_starts_as_half_the_sum():
    """C22 compares two things at once: the fusion and half the size of z."""
    fused, added = SEPlusPlusV2(16), SEPlusPlusV2(16, fusion="sum")
    torch.testing.assert_close(2 * fused.squeeze(X), added.squeeze(X))


def test_two_fusion_logits_are_one_degree_of_freedom():
    """Erratum E03: adding a constant to both changes nothing, and their gradients cancel."""
    block = randomized(SEPlusPlusV2(16)).double()
    x = X.double()
    before = block(x)
    before.square().sum().backward()
    gradient = block.fusion_logits.grad
    assert gradient.abs().max() > 0
    torch.testing.assert_close(gradient[0], -gradient[1])
    with torch.no_grad():
        block.fusion_logits += 5
    torch.testing.assert_close(block(x), before)


def test_equal_weights_are_se_plus_plus():
    block, plain = SEPlusPlusV2(16, fusion="sum"), randomized(SEPlusPlus(16))
    block.load_state_dict({**plain.state_dict(), "T": torch.ones(())})
    assert torch.equal(block(X), plain(X))


def test_fusion_in_any_case():
    assert SEPlusPlusV2(16, fusion="SUM").fusion == "sum"


def test_the_residual_gate_at_alpha_1_starts_near_one_and_a_half():
    """Erratum E05: the factor lies in (1, 2), so no channel can be closed."""
    block = SEPlusPlusV2(16, residual=True)
    factor = block(torch.ones(1, 16, 5, 5)).flatten()
    assert 1.3 < factor.mean() < 1.7
    with torch.no_grad():
        block.fc2.bias.fill_(-1000)
    assert torch.equal(block(X), X)
    assert pytest.approx(657, abs=0.5) == 1.5**16


def test_alpha_0_is_the_identity_and_holds_back_the_layers_until_it_moves():
    """Erratum E05."""
    block = SEPlusPlusV2(16, residual=True, alpha_init=0.0, learnable_alpha=True)
    assert torch.equal(block(X), X)
    block(X).square().sum().backward()
    assert block.alpha.grad != 0
    assert all((layer.weight.grad == 0).all() for layer in (block.fc1, block.fc2))
    with torch.no_grad():
        block.alpha -= 0.1 * block.alpha.grad.sign()
    block.zero_grad()
    block(X).square().sum().backward()
    assert all((layer.weight.grad != 0).any() for layer in (block.fc1, block.fc2))


def test_the_gate_is_before_alpha():
    block = randomized(SEPlusPlusV2(16, residual=True))
    torch.testing.assert_close(block(X), X * (1 + block.alpha * block.gate(X)))


def test_alpha_exists_only_when_residual():
    """Erratum E11: without residual it would be ignored, so asking to learn it is refused (and tested there)."""
    assert not hasattr(SEPlusPlusV2(16), "alpha")
    assert isinstance(SEPlusPlusV2(16, residual=True, learnable_alpha=True).alpha, torch.nn.Parameter)
    assert "alpha" in dict(SEPlusPlusV2(16, residual=True).named_buffers())


@pytest.mark.parametrize("saved_learns", [False, True])
@pytest.mark.parametrize("loaded_learns", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_checkpoints_of_both_temperatures_load_into_both(saved_learns, loaded_learns, nested):
    """Erratum E11: whatever the constructor was told, the loaded block computes what the saved one computed."""
    saved = randomized(SEPlusPlusV2(16, temperature=3.0, learnable_temperature=saved_learns))
    loaded = SEPlusPlusV2(16, temperature=0.7, learnable_temperature=loaded_learns)
    source, target = (torch.nn.Sequential(saved), torch.nn.Sequential(loaded)) if nested else (saved, loaded)
    state = source.state_dict()
    keys = list(state)
    target.load_state_dict(state)
    torch.testing.assert_close(loaded.temperature, saved.temperature, rtol=1e-6, atol=0)
    torch.testing.assert_close(loaded(X), saved(X))
    assert list(state) == keys  # the caller's checkpoint is as it was
    assert hasattr(loaded, "t_raw") == loaded_learns


def test_a_saved_temperature_and_alpha_win_over_the_constructor():
    saved = SEPlusPlusV2(16, temperature=2.0, residual=True, alpha_init=0.25)
    loaded = SEPlusPlusV2(16, temperature=5.0, residual=True, alpha_init=1.0, learnable_alpha=True)
    loaded.load_state_dict(saved.state_dict())
    assert (loaded.temperature, loaded.alpha) == (2.0, 0.25)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("learnable", [False, True])
def test_a_saved_temperature_that_is_none_is_refused(wrong, learnable):
    """Erratum E08: T = 0 makes gates of 0 and 1, T = -1 turns s into 1 - s."""
    state = SEPlusPlusV2(16).state_dict()
    state["T"] = torch.tensor(wrong)
    with pytest.raises(ValueError, match=r"T in the checkpoint must be a finite number above 1e-06"):
        SEPlusPlusV2(16, learnable_temperature=learnable).load_state_dict(state)


def test_other_mismatches_are_still_refused():
    with pytest.raises(RuntimeError, match="fusion_logits"):
        SEPlusPlusV2(16).load_state_dict(SEPlusPlusV2(16, fusion="sum").state_dict())
    with pytest.raises(RuntimeError, match="alpha"):
        SEPlusPlusV2(16).load_state_dict(SEPlusPlusV2(16, residual=True).state_dict())
    with pytest.raises(RuntimeError, match="T"):
        SEPlusPlusV2(16, fusion="sum").load_state_dict(SEBlock(16, min_hidden=4).state_dict())


def test_checkpoints_load_on_the_meta_device():
    with torch.device("meta"):
        saved, loaded = SEPlusPlusV2(16), SEPlusPlusV2(16, learnable_temperature=True)
    loaded.load_state_dict(saved.state_dict(), assign=True)
    assert loaded.t_raw.is_meta
