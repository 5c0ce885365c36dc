"""Experiments: data, training, ablations, their statistics; what networks cost, how signal and gradient travel."""
