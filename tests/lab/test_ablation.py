"""The grid: what is a run, what a pair, and that executor, store and order change no number."""

import functools
import json
import os
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, replace

import pytest
import torch
from torch import nn

from seattn_course.attention import SEBlock, SEPlusPlusV2
from seattn_course.lab import ablation as room
from seattn_course.lab.ablation import Results, ablation
from seattn_course.lab.configuration import ATTENTIONS, LATER, Configuration, Outcome, build, material, own, train
from seattn_course.lab.store import Store, outcome_from
from seattn_course.lab.training import Settings
from seattn_course.lab.workers import processes

SHORT = {"settings": Settings(steps=4), "batch": 8, "width": 8, "test": 60}
MODELS = {name: Configuration(attention=name, **SHORT) for name in ("none", "se", "spatial")}


def numbers(results):
    return {cell: outcome.numbers() for cell, outcome in results.outcomes.items()}


@pytest.fixture(scope="module")
def serial():
    return ablation(MODELS, [0, 1])


@pytest.mark.parametrize(
    "executor",
    [processes(2), functools.partial(ThreadPoolExecutor, 2)],
    ids=["processes", "threads"],
)
def test_executors_give_the_serial_numbers(executor, serial):
    assert numbers(ablation(MODELS, [0, 1], executor=executor)) == numbers(serial)


def test_your_own_executor_is_used_and_stays_open(serial):
    with ThreadPoolExecutor(1) as pool:
        assert numbers(ablation(MODELS, [0, 1], executor=pool)) == numbers(serial)
        assert pool.submit(abs, -1).result() == 1


def test_a_run_is_a_function_of_its_configuration():
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    first = train(MODELS["se"], 3)
    torch.manual_seed(99)
    torch.rand(5)
    assert train(MODELS["se"], 3).numbers() == first.numbers()
    assert train(MODELS["se"], 4).numbers() != first.numbers()
    assert torch.get_num_threads() == threads
    torch.set_rng_state(state)


def test_runs_of_one_seed_see_the_same_images():
    pair = [material(configuration, 5) for configuration in MODELS.values()]
    for batches, test in pair[1:]:
        assert torch.equal(batches(2).images, pair[0][0](2).images)
        assert torch.equal(test.images, pair[0][1].images)
    assert not torch.equal(material(MODELS["se"], 6)[1].images, pair[0][1].images)


@pytest.mark.parametrize("name", ATTENTIONS)
def test_every_attention_has_a_network(name):
    net = build(Configuration(attention=name, **SHORT), seed=0)
    assert net(torch.zeros(2, 3, 24, 24)).shape == (2, 4)


def test_networks_share_the_weights_of_the_seed_up_to_the_attention():
    """The stem is drawn first: paired seeds start at the same filters."""
    stems = [build(configuration, 1).stem.weight for configuration in MODELS.values()]
    assert all(torch.equal(stem, stems[0]) for stem in stems)


def test_options_reach_the_attention():
    made = build(Configuration(attention="se_plus_plus_v2", options={"temperature": 0.5, "fusion": "sum"}), 0)
    block = made.blocks[1].attn
    assert isinstance(block, SEPlusPlusV2)
    assert block.T.item() == 0.5
    assert block.fc1.out_channels == 4  # r = 8 of 24 channels is 3, the safe minimum 4
    assert build(Configuration(attention="se", options={"reduction": 2}), 0).blocks[0].attn.fc1.out_channels == 12


def test_digits():
    configuration = Configuration(task="digits", attention="eca", width=4, settings=Settings(steps=2))
    outcome = train(configuration, 0)
    assert outcome.parameters == sum(p.numel() for p in build(configuration, 0).parameters())
    assert len(material(configuration, 0)[1]) == 450


def test_progress_is_watched_cell_by_cell():
    seen = []
    ablation(MODELS, [0, 1], watch=lambda results: seen.append(tuple(results.outcomes)))
    assert [len(cells) for cells in seen] == list(range(7))
    assert seen[-1] == tuple((model, seed) for seed in (0, 1) for model in MODELS)  # all models of a seed first


def test_stored_runs_are_not_made_again(tmp_path, serial):
    with Store(tmp_path / "new folder" / "runs.sqlite") as store:
        first = ablation(MODELS, [0], store=store)
        assert (first.made, len(store)) == (3, 3)
    with Store(tmp_path / "new folder" / "runs.sqlite") as store:
        second = ablation(MODELS, [0, 1], store=store)
        assert (second.made, len(store)) == (3, 6)
        assert numbers(second) == numbers(serial)
        store.forget([(MODELS["se"], 0)])
        assert ablation(MODELS, [0, 1], store=store).made == 1
        store.put(MODELS["se"], 0, replace(second.outcomes["se", 0], accuracy=0.0))
        assert store.get(MODELS["se"], 0) == ablation(MODELS, [0], store=store).outcomes["se", 0]


def test_an_outcome_survives_json(serial):
    for outcome in serial.outcomes.values():
        assert outcome_from(json.loads(json.dumps(asdict(outcome)))) == outcome


def test_a_key_changes_with_everything_but_the_order_of_options():
    base = Configuration(attention="se_plus_plus_v2", options={"fusion": "sum", "temperature": 2.0})
    keys = {base.key(0), base.key(1)}
    changes = {
        "task": "marker", "attention": "se_plus_plus", "options": {}, "reduction": 4, "width": 8, "head": "mlp",
        "batch": 32, "settings": Settings(lr=0.01), "test": 100, "source": "x", "blocks": 3, "pattern": "P2",
        "places": (1,), "start": "alpha", "zero_init": True,
    }  # fmt: skip
    assert set(changes) == set(asdict(base))
    keys |= {replace(base, **{name: value}).key(0) for name, value in changes.items()}
    assert len(keys) == 2 + len(changes)
    assert Configuration("keybar", "se_plus_plus_v2", {"temperature": 2.0, "fusion": "sum"}).key(0) == base.key(0)
    assert Configuration("keybar", "se", pattern="p1").key(0) == Configuration("keybar", "se").key(0)


def test_a_run_stored_before_there_were_patterns_keeps_its_key():
    assert not set(json.loads(Configuration().canonical())) & set(LATER)
    assert Configuration().key(0) == "d255fcc63f9bcb4cefe63929c13bbc5463a555ee5462cdae3d37d0908846d817"


class Mine(SEBlock):
    """A learner's module."""


def test_a_module_of_your_own():
    configuration = own(Mine, "mine", **SHORT)
    results = ablation({"mine": configuration}, [0], factories={"mine": Mine}, executor=processes(1))
    assert results.outcomes["mine", 0].numbers() == train(configuration, 0, Mine).numbers()
    # The course's own SE block of r = 16 is the same network under another name.
    assert results.outcomes["mine", 0].loss == train(replace(MODELS["se"], reduction=16), 0).loss
    assert own(functools.partial(Mine, reduction=2)) != own(functools.partial(Mine, reduction=4))
    assert own(Mine) == own(Mine) != own(SEBlock)


def broken(channels):
    raise ZeroDivisionError("no such module")


def test_an_error_in_a_run_is_told_when_the_others_are_done():
    models = {"broken": own(broken, "broken", **SHORT), **MODELS}
    for executor in (None, processes(2)):
        with Store() as store:
            with pytest.raises(RuntimeError) as caught:
                ablation(models, [0], store=store, factories={"broken": broken}, executor=executor)
            assert "1 of 4 runs failed" in str(caught.value)
            assert "'broken' with seed 0 (ZeroDivisionError: no such module)" in str(caught.value)
            assert isinstance(caught.value.__cause__, ZeroDivisionError)
            assert len(store) == 3


TESTS = os.getpid()


class Deadly(nn.Module):
    """Kills the process that makes it, but never the tests' own."""

    def __init__(self, channels):
        super().__init__()
        if os.getpid() != TESTS:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("given", [False, True], ids=["remade", "your own"])
def test_a_run_that_kills_its_worker_is_given_up(given):
    """Made anew three times and then told; an executor that is not ours cannot be made anew."""
    models = {"deadly": own(Deadly, "deadly", **SHORT)}
    with (
        ProcessPoolExecutor(1) as pool,
        pytest.raises(RuntimeError, match=r"1 of 1 runs failed.*BrokenProcessPool"),
    ):
        ablation(models, [0], factories={"deadly": Deadly}, executor=pool if given else processes(1))


def interrupted(results):
    if len(results.outcomes) == 3:
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("executor", [None, processes(2)], ids=["serial", "processes"])
def test_ctrl_c_returns_what_there_is(executor, serial):
    with Store() as store:
        results = ablation(MODELS, range(6), executor=executor, store=store, watch=interrupted)
        assert results.interrupted
        assert not results.finished
        assert 3 <= len(results.outcomes) == len(store) < 18
    assert results.outcomes["none", 0].numbers() == serial.outcomes["none", 0].numbers()


@pytest.fixture
def table():
    """Accuracies that can be checked in the head; SE lacks its last seed."""

    def outcome(accuracy):
        return Outcome(accuracy / 100, loss=(2.0, 1.0), training_accuracy=(0.25, 0.5), parameters=1, seconds=0.1)

    cells = {("none", 0): 55, ("none", 1): 57, ("none", 2): 56, ("se", 0): 95, ("se", 1): 99}
    models = {name: MODELS[name] for name in ("none", "se", "spatial")}
    return Results(models, (0, 1, 2), {cell: outcome(accuracy) for cell, accuracy in cells.items()})


def test_results_are_summed_up(table):
    assert (table.total, table.finished) == (9, False)
    assert table.accuracies("se") == pytest.approx({0: 95, 1: 99})
    assert table.interval("none").mean == pytest.approx(56)
    compared = table.compare("se", "none")
    assert compared.differences == pytest.approx((40, 42))
    assert table.curves("none", "loss") == dict.fromkeys(range(3), (2.0, 1.0))
    assert table.accuracies("spatial") == {}
    fewer = table.only([2, 0])
    assert (fewer.seeds, fewer.total, fewer.accuracies("none")) == ((2, 0), 6, pytest.approx({2: 56, 0: 55}))
    assert str(table).splitlines() == [
        "            0     1     2    mean [95 %]",
        "none     55.0  57.0  56.0    56.0 [53.5, 58.5]",
        "se       95.0  99.0   ...    97.0 [71.6, 122.4]",
        "spatial   ...   ...   ...",
    ]


@pytest.mark.parametrize(
    ("call", "error", "content"),
    [
        (lambda _: ablation({}, [0]), ValueError, ["models", "at least one", "{}"]),
        (lambda _: ablation({"se": "se"}, [0]), TypeError, ["models['se']", "Configuration", "'se'"]),
        (lambda _: ablation(MODELS, []), ValueError, ["seeds", "()"]),
        (lambda _: ablation(MODELS, [1, 1]), ValueError, ["seeds", "each once", "(1, 1)"]),
        (lambda _: ablation(MODELS, [0.5]), TypeError, ["seeds", "0.5"]),
        (lambda _: ablation(MODELS, [0], executor=2), TypeError, ["executor", "Executor", "2"]),
        (lambda _: ablation({"a": MODELS["se"], "b": MODELS["se"]}, [0]), ValueError, ["'a' equal to 'b'"]),
        (lambda _: ablation({"mine": own(Mine, "mine")}, [0]), ValueError, ["factories must hold 'mine'", "[]"]),
        (lambda _: Results(MODELS, (0,)).accuracies("eca"), ValueError, ["model", "'none', 'se'", "'eca'"]),
        (lambda _: Results(MODELS, (0,)).curves("se", "time"), ValueError, ["what", "'loss'", "'time'"]),
        (lambda _: Results(MODELS, (0,)).interval("se"), ValueError, ["at least 2"]),
        (lambda _: Results(MODELS, (0,)).only([0, 1]), ValueError, ["seeds", "(0,)", "(0, 1)"]),
        (lambda _: Configuration(task="mnist"), ValueError, ["task", "'keybar'", "'mnist'"]),
        (lambda _: Configuration(attention="senet"), ValueError, ["attention", "'scale'", "'senet'"]),
        (lambda _: Configuration(head="deep"), ValueError, ["head", "'mlp'"]),
        (lambda _: Configuration(width=0), ValueError, ["width", "0"]),
        (lambda _: Configuration(options={"bias": False}), ValueError, ["options", "without an attention"]),
        (lambda _: Configuration(attention="se", options={"act": nn.ReLU}), TypeError, ["JSON"]),
        (lambda _: Configuration().key(-1), ValueError, ["seed", "-1"]),
        (lambda _: own(3), TypeError, ["factory", "3"]),
        (lambda _: own(abs), ValueError, ["factory", "source"]),
        (lambda _: build(own(Mine), 0), ValueError, ["factory must be given", "'own'"]),
        (lambda _: processes(0), ValueError, ["workers", "0"]),
        (lambda path: Store(path), ValueError, ["path", "file of finished runs"]),
    ],
    ids=[
        "models", "no configuration", "no seeds", "seeds twice", "seeds", "executor", "same", "factories", "model",
        "curve", "interval", "fewer", "task", "attention", "head", "width", "options", "json", "key", "own",
        "source", "build", "workers", "store",
    ],
)  # fmt: skip
def test_wrong_arguments_of_the_ablation(call, error, content, tmp_path):
    with pytest.raises(error) as caught:
        call(tmp_path)
    assert all(part in str(caught.value) for part in content)


def test_a_file_that_is_no_store(tmp_path):
    (tmp_path / "notes.txt").write_text("to do\n" * 99)
    with pytest.raises(ValueError, match="path must be a file of finished runs or a new one"):
        Store(tmp_path / "notes.txt")
    assert room.ATTEMPTS == 3
