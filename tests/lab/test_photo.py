"""Photographs, filter bank and the block trained on them."""

import pytest
import torch

from seattn_course.lab.photo import CHANNELS, PHOTOGRAPHS, FilterBank, patches, photograph, trained_block


def response(image: torch.Tensor) -> dict[str, float]:
    """The bank's answer at the middle of a picture, by channel."""
    maps = FilterBank()(image)
    return dict(zip(CHANNELS, maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].tolist()))


def flat(red: float, green: float, blue: float) -> torch.Tensor:
    return torch.tensor([red, green, blue], dtype=torch.float32)[None, :, None, None].expand(1, 3, 9, 9).clone()


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photograph_is_a_batch_of_one_between_0_and_1(name):
    x = photograph(name, height=40)
    assert x.shape == (1, 3, 40, 60)
    assert x.dtype == torch.float32
    assert x.min() >= 0
    assert x.max() <= 1


def test_channels_answer_to_what_their_names_say():
    white, black, red = response(flat(1, 1, 1)), response(flat(0, 0, 0)), response(flat(1, 0, 0))
    assert white["bright"] == pytest.approx(1)
    assert white["dark"] == black["bright"] == 0
    assert black["dark"] == pytest.approx(0.5)
    assert red["red"] == pytest.approx(2)
    assert red["green"] == red["blue"] == 0
    assert [white[channel] for channel in CHANNELS[2:]] == pytest.approx([0] * 6, abs=1e-6)
    step = torch.zeros(1, 3, 9, 9)
    step[:, :, 4:] = 1  # brighter downwards
    assert response(step)["edge_down"] > 1
    assert response(step)["edge_right"] == 0
    assert response(step.transpose(2, 3))["edge_right"] > 1


def test_patches_are_repeatable_and_leave_the_global_generator_alone():
    torch.manual_seed(3)
    state = torch.get_rng_state()
    first, label = patches(6, size=16, seed=5)
    again, _ = patches(6, size=16, seed=5)
    other, _ = patches(6, size=16, seed=6)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert label.tolist() == [0, 1, 0, 1, 0, 1]
    assert torch.equal(torch.get_rng_state(), state)


def test_trained_block_gates_by_image_and_leaves_the_global_generator_alone():
    state = torch.get_rng_state()
    bank, block = trained_block(seed=1)
    assert torch.equal(torch.get_rng_state(), state)
    with torch.no_grad():
        gates = [block.gate(bank(photograph(name).double())).flatten() for name in PHOTOGRAPHS]
    assert (gates[0] - gates[1]).abs().max() > 0.5


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: photograph("tower"), ["name", "'tower'", "'palace'"]),
        (lambda: photograph("palace", 500), ["height", "427", "500"]),
        (lambda: photograph("palace", 2), ["height", "at least 8", "2"]),
        (lambda: patches(1), ["count", "at least 2", "1"]),
        (lambda: patches(4, size=161), ["size", "160", "161"]),
    ],
)
def test_wrong_arguments_are_named(call, words):
    with pytest.raises(ValueError, match=r".+") as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)
