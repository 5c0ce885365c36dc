"""Experiments: what networks cost (profiling) and how signal and gradient travel through them (gradients)."""
