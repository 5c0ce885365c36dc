"""The loop trains, stops and goes on: the same bits however a run was cut."""

import os
import signal
import threading

import pytest
import torch
from torch import nn

from seattn_course.lab.data import Batch, digits, keybar
from seattn_course.lab.training import Settings, accuracy, fit, fresh, predictions, shuffled
from seattn_course.models import LocalFeatures

DATA = fresh(keybar, 16, seed=7)


def network(dropout=0.0, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = LocalFeatures(width=8, n=1, attention="se")
        net.head.append(nn.Dropout(dropout))
        return net


def same(first, second):
    a, b = first.model.state_dict(), second.model.state_dict()
    return torch.equal(first.loss, second.loss) and all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns():
    data = digits(seed=0)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    run = fit(net, shuffled(data.train, 64, seed=0), Settings(steps=120))
    assert run.finished
    assert run.steps == 120
    assert run.loss[-20:].mean() < 0.5 < run.loss[0]
    assert run.accuracy[-20:].mean() > 0.9
    assert accuracy(net, data.test) > 0.9
    assert not net.training


def test_the_loop_is_adamw_with_one_cycle():
    """Spelled out once more, with torch's plain optimizer."""
    mine, other = network(), network()
    settings = Settings(steps=12, lr=0.03, weight_decay=0.1)
    run = fit(mine, DATA, settings)
    optimizer = torch.optim.AdamW(other.parameters(), lr=0.03, weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.03, total_steps=12)
    for step in range(12):
        batch = DATA(step)
        loss = nn.functional.cross_entropy(other(batch.images), batch.labels)
        assert run.loss[step].item() == pytest.approx(loss.item(), abs=1e-4)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def test_the_same_run_twice_is_the_same():
    state = torch.get_rng_state()
    first, second = (fit(network(), DATA, Settings(steps=8)) for _ in range(2))
    assert same(first, second)
    assert torch.equal(torch.get_rng_state(), state)
    assert not same(first, fit(network(seed=1), DATA, Settings(steps=8)))


class StopError(Exception):
    pass


def failing(at):
    def batches(step):
        if step == at:
            raise StopError
        return DATA(step)

    return batches


@pytest.mark.parametrize("at", [1, 4, 7, 9])
def test_a_killed_run_goes_on_bit_for_bit(tmp_path, at):
    settings, file = Settings(steps=10), tmp_path / "run.pt"
    torch.manual_seed(5)
    whole = fit(network(dropout=0.3), DATA, settings)
    torch.manual_seed(5)
    with pytest.raises(StopError):
        fit(network(dropout=0.3), failing(at), settings, checkpoint=file, checkpoint_every=3)
    assert file.exists() == (at >= 3)
    torch.manual_seed(5)  # until the first checkpoint, the run starts anew
    again = fit(network(dropout=0.3, seed=0 if at < 3 else 9), DATA, settings, checkpoint=file, checkpoint_every=3)
    assert again.finished
    assert same(again, whole)
    finished = fit(network(dropout=0.3), DATA, settings, checkpoint=file)
    assert same(finished, whole)
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.pt"]


def interrupting(at, times=1):
    def batches(step):
        if step == at:
            for _ in range(times):
                os.kill(os.getpid(), signal.SIGINT)
        return DATA(step)

    return batches


def test_ctrl_c_leaves_a_usable_result(tmp_path):
    settings, file = Settings(steps=10), tmp_path / "run.pt"
    before = signal.getsignal(signal.SIGINT)
    run = fit(network(), interrupting(4), settings, checkpoint=file)
    assert (run.finished, run.steps) == (False, 5)
    assert len(run.accuracy) == 5
    assert not run.model.training
    assert signal.getsignal(signal.SIGINT) is before
    whole = fit(network(), DATA, settings)
    assert torch.equal(run.loss, whole.loss[:5])
    assert same(fit(network(seed=3), DATA, settings, checkpoint=file), whole)


def test_the_second_ctrl_c_interrupts_at_once():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fit(network(), interrupting(2, times=2), Settings(steps=4))
    assert signal.getsignal(signal.SIGINT) is before


def test_other_handlers_and_threads_are_left_alone():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert fit(network(), interrupting(1), Settings(steps=3)).finished
    finally:
        signal.signal(signal.SIGINT, before)
    found = []
    thread = threading.Thread(target=lambda: found.append(fit(network(), DATA, Settings(steps=2)).finished))
    thread.start()
    thread.join()
    assert found == [True]


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    file = tmp_path / "run.pt"
    fit(network(), DATA, Settings(steps=3), checkpoint=file)
    with pytest.raises(ValueError, match=r"checkpoint must be of a run with Settings\(steps=4"):
        fit(network(), DATA, Settings(steps=4), checkpoint=file)
    with pytest.raises(ValueError, match="checkpoint must be of the same model"):
        fit(LocalFeatures(), DATA, Settings(steps=3), checkpoint=file)


def test_progress_shows_its_title_and_the_time_left(capfd):
    fit(network(), DATA, Settings(steps=25), progress="keybar, seed 0")
    shown = capfd.readouterr().err
    assert "keybar, seed 0" in shown
    assert "25" in shown
    fit(network(), DATA, Settings(steps=2))
    assert capfd.readouterr().err == ""


def test_autocast_computes_in_bfloat16():
    seen = []
    net = network()
    net.stem.register_forward_hook(lambda module, x, y: seen.append(y.dtype))
    run = fit(net, DATA, Settings(steps=2, autocast=True))
    assert set(seen) == {torch.bfloat16}
    assert run.loss.dtype == torch.float32
    assert all(parameter.dtype == torch.float32 for parameter in net.parameters())


def test_shuffled_sees_each_image_once_an_epoch():
    data = Batch(torch.arange(10.0).view(10, 1, 1, 1), torch.arange(10), torch.zeros(10, dtype=torch.int64))
    batches = shuffled(data, 3, seed=0)
    first, second = (torch.cat([batches(step).labels for step in range(3 * e, 3 * e + 3)]) for e in range(2))
    assert len(first.unique()) == len(second.unique()) == 9
    assert not torch.equal(first, second)
    assert torch.equal(batches(1).labels, first[3:6])
    with pytest.raises(ValueError, match="batch must be at most 10"):
        shuffled(data, 11, seed=0)


def test_accuracy_leaves_the_model_as_it_was():
    net = network(dropout=0.5).train()
    net.head.eval()
    modes = [part.training for part in net.modules()]
    data = keybar(30, seed=0)
    assert torch.equal(predictions(net, data, chunk=7), predictions(net, data))
    assert [part.training for part in net.modules()] == modes
    assert accuracy(net, data) == (predictions(net, data) == data.labels).sum().item() / 30


@pytest.mark.skipif(not torch.cuda.is_available(), reason="2026-11-25: needs a GPU, and this machine has none")
def test_training_on_a_gpu(tmp_path):
    settings, file = Settings(steps=10), tmp_path / "run.pt"
    whole = fit(network(), DATA, settings, device="cuda")
    with pytest.raises(StopError):
        fit(network(), failing(7), settings, device="cuda", checkpoint=file, checkpoint_every=3)
    assert same(fit(network(), DATA, settings, device="cuda", checkpoint=file), whole)
    on_cpu = fit(network(), DATA, settings)
    assert torch.allclose(whole.loss, on_cpu.loss, atol=1e-2)


@pytest.mark.parametrize(
    ("call", "error", "content"),
    [
        (lambda: Settings(steps=0), ValueError, ["steps", "at least 1"]),
        (lambda: Settings(lr=0), ValueError, ["lr", "above 0"]),
        (lambda: Settings(weight_decay=-1), ValueError, ["weight_decay", "at least 0", "-1"]),
        (lambda: Settings(autocast=1), TypeError, ["autocast", "True or False"]),
        (lambda: fresh(keybar, 0, 0), ValueError, ["batch"]),
        (lambda: fresh(keybar, 8, -1), ValueError, ["seed"]),
        (lambda: fit(LocalFeatures, DATA), TypeError, ["model", "nn.Module"]),
        (lambda: fit(network(), DATA, checkpoint_every=0), ValueError, ["checkpoint_every"]),
    ],
    ids=["steps", "lr", "decay", "autocast", "batch", "seed", "model", "every"],
)
def test_wrong_arguments_of_training(call, error, content):
    with pytest.raises(error) as caught:
        call()
    assert all(part in str(caught.value) for part in content)
