"""capstone.cpu_edge: what an attention costs at the edge, measured without a clock, and the cheapest of several."""

from typing import Any

import torch
from torch import nn

from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.edge import Neighbours, TwoPools, everywhere, pixelwise, squeezed
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values

COUNTED = (nn.Conv1d, nn.Conv2d, nn.Linear)


def ranking(candidates, x, most_parameters):
    rows = []
    for name, module in candidates.items():
        parameters = sum(p.numel() for p in module.parameters())
        if parameters > most_parameters:
            continue
        counts = {"macs": 0, "elements": 0}

        def count(layer, inputs, output, counts=counts):
            counts["elements"] += inputs[0].numel() + output.numel()
            if isinstance(layer, COUNTED):
                counts["macs"] += output.numel() * layer.weight[0].numel()

        watched = [m for m in module.modules() if m is module or not list(m.children())]
        handles = [m.register_forward_hook(count) for m in watched]
        module(x)
        for handle in handles:
            handle.remove()
        rows.append((name, parameters, counts["macs"], counts["elements"]))
    return sorted(rows, key=lambda row: (row[3], row[2]))


def _x(generator, *shape):
    return torch.randn(shape, generator=generator)


def _case(generator, shape, most, **candidates):
    return Case(({name: module.eval() for name, module in candidates.items()}, _x(generator, *shape), most))


def _one(generator):
    return [_case(generator, (2, 8, 3, 5), 1000, wide=squeezed(8, 4), narrow=squeezed(8, 2))]


def _over_the_limit(generator):
    return [_case(generator, (2, 8, 3, 5), 79, se=squeezed(8, 4), places=everywhere(8), eca=Neighbours(5))]


def _cases(generator):
    return [
        _case(generator, (2, 8, 3, 5), 80, se=squeezed(8, 4), places=everywhere(8), pixels=pixelwise(8, 2)),
        _case(generator, (1, 6, 4, 3), 1000, pixels=pixelwise(6, 2), two=TwoPools(6, 2), eca=Neighbours(3)),
        *_over_the_limit(generator),
        _case(generator, (2, 4, 1, 1), 100, nothing=nn.Identity(), only=nn.Conv2d(4, 4, 1), sigmoid=nn.Sigmoid()),
        # the same traffic: fewer MACs first, in whatever order they come
        _case(generator, (2, 4, 2, 3), 100, c=nn.Conv2d(4, 4, 1), b=nn.Conv2d(4, 4, 1, groups=4), a=nn.ReLU()),
        # fewer parameters, and more MACs
        _case(generator, (1, 6, 2, 1), 100, a=nn.Conv2d(6, 6, 1, groups=6, bias=False), b=nn.BatchNorm2d(6)),
        Case(({}, _x(generator, 1, 4, 2, 3), 100)),
    ]


class LeftAlone(CaseProbe):
    """No hook stays behind, no candidate changes its mode, and the dict keeps its entries."""

    def __init__(self, cases):
        super().__init__("left_alone", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        candidates, *others = fresh_arguments(case)
        names = list(candidates)
        modules = [m for module in candidates.values() for m in module.modules()]
        result = bench.call(case, bench.subject, (candidates, *others))
        if isinstance(result, Raised):
            return result
        hooks = any(m._forward_hooks or m._forward_pre_hooks for m in modules)
        return {
            "hooks": hooks,
            "mode": any(m.training for m in modules),
            "entries": list(candidates) != names,
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        for what, happened in found.items():
            if happened:
                return own_finding(what, bench, case)
        return None


EXERCISE = Exercise(
    id="capstone.cpu_edge",
    kind="function",
    name="ranking",
    reference=ranking,
    probes=(Contract(_one), Values(_cases), LeftAlone(_over_the_limit)),
)


def _watched(module):
    return [m for m in module.modules() if m is module or not list(m.children())]


def _traffic(layer, inputs, output):
    return inputs.numel() + output.numel()


def _macs(layer, inputs, output):
    return output.numel() * layer.weight[0].numel() if isinstance(layer, COUNTED) else 0


def _measured(
    key,
    *,
    watched=_watched,
    macs=_macs,
    elements=_traffic,
    parameters=lambda module: sum(p.numel() for p in module.parameters()),
    calls=lambda records: records,
    fits=lambda count, most: count <= most,
    order=lambda row: (row[3], row[2]),
    result=lambda rows: rows,
):
    """Registers the reference with another idea of one of its parts."""

    def answer(candidates, x, most_parameters):
        rows = []
        for name, module in candidates.items():
            records = []
            handles = [
                m.register_forward_hook(lambda layer, given, out: records.append((layer, given[0], out)))
                for m in watched(module)
            ]
            module(x)
            for handle in handles:
                handle.remove()
            kept = calls(records)
            sums = [sum(count(*record) for record in kept) for count in (macs, elements)]
            rows.append((name, parameters(module), *sums))
        return result(sorted((row for row in rows if fits(row[1], most_parameters)), key=order))

    answer.__name__ = "ranking"
    EXERCISE.wrong(key)(answer)


def _without_groups(layer, inputs, output):
    if isinstance(layer, nn.Conv2d):
        return output.numel() * layer.in_channels * layer.weight[0, 0].numel()
    return _macs(layer, inputs, output)


def _with_bias(layer, inputs, output):
    biased = isinstance(layer, COUNTED) and layer.bias is not None
    return _macs(layer, inputs, output) + (output.numel() if biased else 0)


def _once(records):
    return list({layer: (layer, given, out) for layer, given, out in records}.values())


_measured("flops", macs=lambda *record: 2 * _macs(*record))
_measured("bias_counted", macs=_with_bias)
_measured("groups_ignored", macs=_without_groups)
_measured("weights_counted", macs=lambda layer, i, o: layer.weight.numel() if isinstance(layer, COUNTED) else 0)
_measured("whole_weight", macs=lambda layer, i, o: (
    o.numel() * layer.weight.numel() if isinstance(layer, COUNTED) else 0))  # fmt: skip
_measured("only_conv2d", macs=lambda layer, i, o: _macs(layer, i, o) if isinstance(layer, nn.Conv2d) else 0)
_measured("input_for_output", macs=lambda layer, i, o: (
    i.numel() * layer.weight[0].numel() if isinstance(layer, COUNTED) else 0))  # fmt: skip
_measured("one_image", macs=lambda layer, i, o: _macs(layer, i, o) // len(o))
_measured("calls_once", calls=_once)
_measured("written_only", elements=lambda layer, i, o: o.numel())
_measured("read_only", elements=lambda layer, i, o: i.numel())
_measured("bytes", elements=lambda layer, i, o: 4 * _traffic(layer, i, o))
_measured("containers_too", watched=lambda module: list(module.modules()))
_measured("leaves_only", watched=lambda module: [m for m in module.modules() if not list(m.children())])
_measured("children_only", watched=lambda module: [module, *module.children()])
_measured("trainable_only", parameters=lambda module: sum(p.numel() for p in module.parameters() if p.requires_grad))
_measured("strictly_less", fits=lambda count, most: count < most)
_measured("limit_ignored", fits=lambda count, most: True)
_measured("by_parameters", order=lambda row: row[1])
_measured("by_macs", order=lambda row: (row[2], row[3]))
_measured("ties_as_they_come", order=lambda row: row[3])
_measured("ties_by_parameters", order=lambda row: (row[3], row[1], row[2]))
_measured("most_first", order=lambda row: (-row[3], -row[2]))
_measured("as_they_come", order=lambda row: 0)
_measured("names_only", result=lambda rows: [row[0] for row in rows])
_measured("cheapest_only", result=lambda rows: rows[:1])
_measured("columns_swapped", result=lambda rows: [(name, macs, params, moved) for name, params, macs, moved in rows])
_measured("as_mapping", result=lambda rows: {name: numbers for name, *numbers in rows})


@EXERCISE.wrong("hooks_left")
def _hooks_left(candidates, x, most_parameters):
    rows = ranking(candidates, x, most_parameters)
    for module in candidates.values():
        module.register_forward_hook(lambda *record: None)
    return rows


@EXERCISE.wrong("training_left")
def _training_left(candidates, x, most_parameters):
    rows = ranking(candidates, x, most_parameters)
    for module in candidates.values():
        module.train()
    return rows


@EXERCISE.wrong("entries_removed")
def _entries_removed(candidates, x, most_parameters):
    rows = ranking(candidates, x, most_parameters)
    for name in list(candidates):
        if name not in [row[0] for row in rows]:
            del candidates[name]
    return rows


@EXERCISE.accepted
def on_copies(candidates, x, most_parameters):
    """Hooks stay on copies that are thrown away; MACs from each layer's own description."""
    import copy

    found = []
    for name, module in candidates.items():
        twin, records = copy.deepcopy(module), []
        for part in twin.modules():
            if part is twin or len(list(part.children())) == 0:
                part.register_forward_hook(lambda *record: records.append(record))
        with torch.no_grad():
            twin(x)
        macs = 0
        for layer, (given,), output in records:
            if isinstance(layer, nn.Linear):
                macs += len(output) * layer.in_features * layer.out_features
            elif isinstance(layer, (nn.Conv1d, nn.Conv2d)):
                area = torch.Size(layer.kernel_size).numel()
                macs += output.numel() * layer.in_channels // layer.groups * area
        moved = sum(given.numel() + output.numel() for _, (given,), output in records)
        size = sum(map(torch.numel, module.parameters()))
        if size <= most_parameters:
            found.append([name, size, macs, moved])
    return sorted(found, key=lambda row: row[:1:-1])


@EXERCISE.accepted
def with_pre_hooks(candidates, x, most_parameters):
    rows = []
    for name, module in candidates.items():
        totals, handles = [0, 0], []
        for part in module.modules():
            if part is not module and any(True for _ in part.children()):
                continue

            def before(layer, given, totals=totals):
                totals[1] += given[0].numel()

            def after(layer, given, output, totals=totals):
                totals[1] += output.numel()
                if isinstance(layer, COUNTED):
                    totals[0] += output.numel() * layer.weight.numel() // len(layer.weight)

            handles += [part.register_forward_pre_hook(before), part.register_forward_hook(after)]
        module(x)
        [handle.remove() for handle in handles]
        rows.append((name, sum(p.numel() for p in module.parameters()), *totals))
    return sorted([row for row in rows if row[1] <= most_parameters], key=lambda row: (row[3], row[2]))
