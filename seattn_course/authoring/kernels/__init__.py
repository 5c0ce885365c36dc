"""Kernels for validation: a run's own kernel spec and folders, and kernels forked from a warm process."""
