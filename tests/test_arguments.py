"""The checks that every module's arguments go through."""

import numpy as np
import pytest
import torch

from seattn_course import arguments


def test_integers():
    assert arguments.positive_int("n", 3) == 3
    assert arguments.positive_int("n", 0, at_least=0) == 0
    as_int = arguments.positive_int("n", np.int64(3))
    assert type(as_int) is int
    for wrong in (True, 3.0, "3", None, [3]):
        with pytest.raises(TypeError, match=r"n must be an integer of at least 1, got "):
            arguments.positive_int("n", wrong)
    with pytest.raises(ValueError, match=r"n must be an integer of at least 2, got 1"):
        arguments.positive_int("n", 1, at_least=2)


def test_odd_integers():
    assert arguments.odd_int("k", np.int32(7)) == 7
    for wrong in (0, 4, -1, -3):
        with pytest.raises(ValueError, match=rf"k must be an odd integer of at least 1, got {wrong}"):
            arguments.odd_int("k", wrong)
    for wrong in (3.0, True, "3"):
        with pytest.raises(TypeError, match=r"k must be an odd integer of at least 1, got "):
            arguments.odd_int("k", wrong)


def test_numbers():
    assert arguments.real("t", 2) == 2.0
    assert arguments.real("t", np.float32(0.5), above=0, below=1) == 0.5
    with pytest.raises(ValueError, match=r"t must be a finite number, got nan"):
        arguments.real("t", float("nan"))
    with pytest.raises(ValueError, match=r"t must be a finite number above 0, got 0"):
        arguments.real("t", 0, above=0)
    with pytest.raises(ValueError, match=r"t must be a finite number below 1, got 1"):
        arguments.real("t", 1, below=1)
    with pytest.raises(ValueError, match=r"t must be a finite number above 0 and below 1, got 2"):
        arguments.real("t", 2, above=0, below=1)
    for wrong in ("1", None, True, 1j):
        with pytest.raises(TypeError, match=r"t must be a finite number, got "):
            arguments.real("t", wrong)


def test_flags():
    assert arguments.flag("f", True) is True
    for wrong in (1, 0, "yes", None):
        with pytest.raises(TypeError, match=r"f must be True or False, got "):
            arguments.flag("f", wrong)


def test_choices():
    assert arguments.choice("c", "ReLU", ("relu", "silu")) == "relu"
    with pytest.raises(ValueError, match=r"c must be one of 'relu', 'silu', got 'tanh'"):
        arguments.choice("c", "tanh", ("relu", "silu"))
    with pytest.raises(TypeError, match=r"c must be one of 'relu', 'silu', got None"):
        arguments.choice("c", None, ("relu", "silu"))


def test_feature_maps():
    arguments.feature_map("x", torch.zeros(2, 3, 4, 5), 3)
    arguments.feature_map("x", torch.zeros(0, 3, 1, 1, dtype=torch.bfloat16))
    with pytest.raises(ValueError, match=r"x must have shape \(N, 3, H, W\), got \(3, 4, 5\)"):
        arguments.feature_map("x", torch.zeros(3, 4, 5), 3)
    with pytest.raises(ValueError, match=r"H and W of at least 1, got \(2, 3, 4, 0\)"):
        arguments.feature_map("x", torch.zeros(2, 3, 4, 0))
    with pytest.raises(TypeError, match=r"floating-point tensor of shape \(N, C, H, W\), got dtype torch.int64"):
        arguments.feature_map("x", torch.zeros(2, 3, 4, 5, dtype=torch.int64))
    with pytest.raises(TypeError, match=r"floating-point tensor of shape \(N, 3, H, W\), got list"):
        arguments.feature_map("x", [[[[0.0]]]], 3)
