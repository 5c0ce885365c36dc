"""Many seeds in one network: what keeps a GPU busy that is far too large for one small run.

The weights of all seeds lie in one tensor (seeds, ...), and ``torch.func.vmap`` turns each layer into one call for
all of them (a convolution into a grouped one). A step costs about as many calls as a step of one seed. On a CPU,
where one seed already fills a core, nothing is gained. Tested on a CPU only: it has not run on a GPU yet, so the
gain there is a hope until ``make bench`` has measured it.
"""

import copy
import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional as F

from seattn_course.lab.configuration import Configuration, Factory, Outcome, build, material, one_thread, thinned
from seattn_course.lab.training import Batches, Settings, Training, accuracy
from seattn_course.models import count_params


def fit_stacked(
    models: Sequence[nn.Module],
    batches: Sequence[Batches],
    settings: Settings | None = None,
    *,
    device: torch.device | str = "cpu",
) -> list[Training]:
    """:func:`~seattn_course.lab.training.fit` for several models of one shape at once, each on batches of its own.

    The losses are added: each model's gradient sees its own loss only, and AdamW works on each number by itself,
    so this equals separate runs up to rounding. Trains ``models`` in place. ValueError unless there are as many
    batches as models, and at least one; RuntimeError of torch if the models differ in shape or kind.
    """
    if not models or len(models) != len(batches):
        raise ValueError(f"batches must be one for each of at least 1 model, got {len(batches)} for {len(models)}")
    settings = Settings() if settings is None else settings
    device = torch.device(device)
    for model in models:
        model.to(device).train()
    weights, statistics = stack_module_state(list(models))  # each (S, ...)
    skeleton = copy.deepcopy(models[0]).to("meta")
    optimizer = torch.optim.AdamW(weights.values(), lr=settings.lr, weight_decay=settings.weight_decay, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.lr, total_steps=settings.steps)
    history = torch.zeros(settings.steps, 2, len(models), device=device)

    def one(weights: dict, statistics: dict, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        logits = functional_call(skeleton, (weights, statistics), (images,))  # (N, classes)
        return F.cross_entropy(logits, labels), (logits.argmax(1) == labels).float().mean()

    together = vmap(one, randomness="different")
    for step in range(settings.steps):
        parts = [each(step) for each in batches]
        images = torch.stack([part.images for part in parts]).to(device)  # (S, N, C, H, W)
        labels = torch.stack([part.labels for part in parts]).to(device)  # (S, N)
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.autocast):
            loss, right = together(weights, statistics, images, labels)  # (S,), (S,)
        optimizer.zero_grad(set_to_none=True)
        loss.sum().backward()
        optimizer.step()
        schedule.step()
        history[step, 0], history[step, 1] = loss.detach(), right
    for index, model in enumerate(models):
        state = {name: tensor[index].detach() for name, tensor in (weights | statistics).items()}
        model.load_state_dict(state)
    found = history.cpu()
    return [
        Training(model.eval(), found[:, 0, index], found[:, 1, index], finished=True)
        for index, model in enumerate(models)
    ]


def train_stacked(
    configuration: Configuration, seeds: Sequence[int], factory: Factory | None = None, device: str = "cpu"
) -> dict[int, Outcome]:
    """All ``seeds`` of one configuration at once; :func:`~seattn_course.lab.configuration.train` does one.

    ``seconds`` is each run's share. Not for an ablation's store: in the long run rounding leads elsewhere.
    """
    start = time.perf_counter()
    with one_thread():
        models = [build(configuration, seed, factory) for seed in seeds]
        batches, tests = zip(*(material(configuration, seed) for seed in seeds))
        runs = fit_stacked(models, batches, configuration.settings, device=device)
        accuracies = [accuracy(model, test) for model, test in zip(models, tests)]
    seconds = (time.perf_counter() - start) / len(seeds)
    return {
        seed: Outcome(right, thinned(run.loss), thinned(run.accuracy), count_params(run.model), seconds)
        for seed, run, right in zip(seeds, runs, accuracies)
    }
