"""Seeds stacked into one network learn what they learn alone."""

import copy

import pytest
import torch

from seattn_course.lab.configuration import Configuration, build, material, train
from seattn_course.lab.data import Batch
from seattn_course.lab.stacked import fit_stacked, train_stacked
from seattn_course.lab.training import Settings, fit

SHORT = {"settings": Settings(steps=12), "batch": 16, "width": 8, "test": 300}


def doubled(batches):
    def double(step):
        batch = batches(step)
        return Batch(batch.images.double(), batch.labels, batch.cue)

    return double


@pytest.mark.parametrize("attention", ["none", "scale", "se", "eca", "spatial", "cbam", "se_plus_plus_v2"])
def test_stacked_runs_equal_single_ones(attention):
    """In double precision, all weights and batch norm statistics."""
    configuration = Configuration(attention=attention, **SHORT)
    seeds = (0, 1, 5)
    alone = [build(configuration, seed).double() for seed in seeds]
    stacked = copy.deepcopy(alone)
    batches = [doubled(material(configuration, seed)[0]) for seed in seeds]
    singles = [fit(model, each, configuration.settings) for model, each in zip(alone, batches)]
    together = fit_stacked(stacked, batches, configuration.settings)
    for single, one in zip(singles, together):
        assert torch.allclose(single.loss, one.loss, atol=1e-6)
        assert torch.allclose(single.accuracy, one.accuracy)
        theirs = one.model.state_dict()
        for name, tensor in single.model.state_dict().items():
            assert torch.allclose(tensor, theirs[name], rtol=1e-5, atol=1e-7), name


def test_outcomes_of_stacked_seeds():
    configuration = Configuration(attention="se", **SHORT)
    together = train_stacked(configuration, (3, 4))
    for seed, outcome in together.items():
        alone = train(configuration, seed)
        assert outcome.parameters == alone.parameters
        assert outcome.loss == pytest.approx(alone.loss, abs=1e-3)
        assert outcome.accuracy == pytest.approx(alone.accuracy, abs=0.05)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="2026-11-25: needs a GPU, and this machine has none")
def test_stacked_on_a_gpu():
    configuration = Configuration(attention="se", **SHORT)
    gpu, cpu = (train_stacked(configuration, (3, 4), device=device) for device in ("cuda", "cpu"))
    for seed in gpu:
        assert gpu[seed].loss == pytest.approx(cpu[seed].loss, abs=1e-2)


def test_wrong_arguments_of_stacking():
    with pytest.raises(ValueError, match=r"batches must be one for each .* got 0 for 1"):
        fit_stacked([build(Configuration(**SHORT), 0)], [])
    with pytest.raises(ValueError, match="at least 1 model, got 0 for 0"):
        fit_stacked([], [])
