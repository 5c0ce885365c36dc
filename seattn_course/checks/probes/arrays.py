"""Inputs for the NumPy exercises of the hand computation."""

import numpy as np
import torch


def random_array(generator: torch.Generator, *shape: int) -> np.ndarray:
    """Standard normal float64 numbers from the check's generator."""
    return torch.randn(shape, generator=generator, dtype=torch.float64).numpy()
