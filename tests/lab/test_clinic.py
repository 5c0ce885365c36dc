"""The clinic: every patient runs, has the symptoms of its disease, and no other."""

import copy

import pytest
import torch
from torch import nn

from seattn_course.checks.exercises.placement_and_debugging.clinic import diagnoses
from seattn_course.lab import clinic
from seattn_course.lab.instruments import examine

X = clinic.images()
BLOCKS = ("block1", "block2", "block3")


def chart(net):
    return examine(net, X, net.blocks())


@pytest.fixture(scope="module")
def charts():
    return {disease: chart(clinic.ill(disease)) for disease in clinic.DISEASES}


@pytest.fixture(scope="module")
def well():
    return chart(clinic.healthy())


def symptoms(chart, well):
    """What differs from the healthy chart, in words; gates and gradients aside."""
    found = set()
    for block in chart.parameters:
        if chart.parameters[block] != well.parameters[block]:
            found.add(f"fewer parameters in {block}")
    if chart.silent:
        found.add(f"{len(chart.silent)} silent")
    if chart.shared:
        found.add("shared")
    if chart.leak > 0.01:
        found.add("leak")
    found |= {f"{block} overwrites" for block in chart.overwritten}
    found |= {f"skip cut in {block}" for block, kept in chart.skip_kept.items() if kept < 0.9}
    found |= {f"{block} never lowers" for block, share in chart.lowered.items() if share == 0}
    if not chart.other_size:
        found.add("needs its size")
    for name, s in chart.gates.items():
        block = name.partition(".")[0]
        if s.shape[1] != well.gates[name].shape[1]:
            found.add(f"{s.shape[1]} gates in {block}")
        if (s - s[:1]).abs().max() < 1e-9:
            found.add(f"{block} the same for all images")
        if (s.sum(dim=1) - 1).abs().max() < 1e-9:
            found.add(f"{block} sums to 1")
    found |= {f"no gates in {name.partition('.')[0]}" for name in well.gates.keys() - chart.gates.keys()}
    return found


SYMPTOMS = {
    "wrong_axis": {"needs its size"},
    "sliced_skip": {"fewer parameters in block2"},
    "gate_detached": {"4 silent"},
    "shared_attention": {"shared", "fewer parameters in block3", "no gates in block3"},
    "in_place": {"block1 overwrites", "skip cut in block1"},
    "batch_statistics": {"leak"},
    "softmax_gate": {"block3 sums to 1"},
    "pooled_over_batch": {"leak", "block3 the same for all images"},
    "dead_hidden": {"3 silent", "block2 the same for all images"},
    "made_for_input": {"fewer parameters in block2", "8 gates in block2"},
    "activated_branch": {"block3 never lowers"},
    "gate_on_sum": {"skip cut in block3"},
}


def test_the_healthy_one_has_no_symptom(well):
    assert symptoms(well, well) == set()
    assert all(value == pytest.approx(1, abs=1e-12) for value in well.skip_kept.values())
    assert all(0.2 < share < 0.8 for share in well.lowered.values())
    assert all(value > 0.1 for value in well.attention_gradients.values())
    assert well.leak == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("disease", clinic.DISEASES)
def test_each_disease_has_its_symptoms_and_no_other(disease, charts, well):
    assert symptoms(charts[disease], well) == SYMPTOMS[disease]


def test_no_two_diseases_look_alike():
    assert SYMPTOMS.keys() == clinic.DISEASES.keys()
    assert len({frozenset(words) for words in SYMPTOMS.values()}) == len(SYMPTOMS)


def test_symptoms_do_not_depend_on_the_seed(well):
    for seed in (1, 2):
        for disease in ("dead_hidden", "in_place", "gate_on_sum", "activated_branch", "pooled_over_batch"):
            assert symptoms(chart(clinic.ill(disease, seed)), well) == SYMPTOMS[disease], (disease, seed)


@pytest.mark.parametrize("letter", clinic.DIAGNOSES)
def test_every_patient_runs_learns_and_gives_nothing_away(letter):
    net = clinic.patient(letter)
    y = net(X)
    assert y.shape == (8, 10)
    assert y.isfinite().all()
    y.square().mean().backward()
    printed = repr(net)
    assert "inplace=true" not in printed.lower()
    names = {type(part).__name__ for part in clinic.healthy().modules()} | {"Softmax", "_Sliced"}
    assert {part._get_name() for part in net.modules()} <= names


def test_a_patient_shares_the_healthy_ones_weights():
    healthy = clinic.healthy().state_dict()
    for disease in ("wrong_axis", "gate_detached", "in_place", "softmax_gate", "activated_branch", "gate_on_sum"):
        state = clinic.ill(disease).state_dict()
        assert state.keys() == healthy.keys()
        assert all(torch.equal(state[name], healthy[name]) for name in healthy), disease


def test_each_disease_has_one_patient_and_the_checker_knows_it():
    assert sorted(clinic.DIAGNOSES.values()) == sorted(clinic.DISEASES)
    assert diagnoses() == clinic.DIAGNOSES


def test_images_and_networks_come_from_their_own_generators():
    torch.manual_seed(1)
    one, state = clinic.healthy(3), torch.get_rng_state()
    clinic.images(4, seed=2)
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(2)
    other = clinic.healthy(3)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters()))
    assert not torch.equal(clinic.images(2, seed=0), clinic.images(2, seed=1))


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"disease must be one of .*'flu'"):
        clinic.ill("flu")
    with pytest.raises(ValueError, match=r"name must be one of A, B, .* got 'Z'"):
        clinic.patient("Z")


def test_examining_changes_nothing():
    net = clinic.ill("in_place")
    net.block2.eval()
    before, modes = copy.deepcopy(net.state_dict()), [part.training for part in net.modules()]
    x = X.clone()
    chart(net)
    assert torch.equal(x, X)
    assert modes == [part.training for part in net.modules()]
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in net.modules())
    assert isinstance(net.block1.bn1, nn.Identity)
