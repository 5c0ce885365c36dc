"""se_block.measure_gates: the gates of every SE block in a network, caught with hooks."""

from contextlib import ExitStack, suppress
from functools import partial
from typing import Any

import torch
from torch import nn

from seattn_course.attention import SEBlock
from seattn_course.checks.bench import Bench, fresh_arguments
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Raised
from seattn_course.checks.networks import Decoy, Network
from seattn_course.checks.probes.base import CaseProbe, Finding, own_finding
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.values import Values


def gates_by_name(model, x):
    gates, handles = {}, []
    for name, module in model.named_modules():
        if isinstance(module, SEBlock):

            def keep(gate_fn, inputs, output, name=name):
                gates[name] = output

            handles.append(module.gate_fn.register_forward_hook(keep))
    try:
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return gates


def _filled(generator, model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.7)
    return model


def _network(generator, fails=False, training=True):
    return _filled(generator, Network(fails).train(training))


def _image(generator):
    return torch.randn(2, 3, 4, 5, generator=generator)


def _one(generator):
    return [Case((_network(generator), _image(generator)))]


def _cases(generator):
    without = _filled(generator, nn.Sequential(nn.Conv2d(3, 4, 1), Decoy()))
    block = _filled(generator, SEBlock(3, 2))
    return [*_one(generator), Case((without, _image(generator))), Case((block, _image(generator)))]


def _afterwards(generator):
    return [
        Case((_network(generator, training=True), _image(generator))),
        Case((_network(generator, training=False), _image(generator))),
        Case((_network(generator, fails=True), _image(generator))),
    ]


class Afterwards(CaseProbe):
    """What is left behind: hooks (one is the caller's), the mode, calls of the model, its graph, gradients in the gates."""

    def __init__(self, cases):
        super().__init__("afterwards", cases)

    def observe_case(self, bench: Bench, case: Case) -> Any:
        args = fresh_arguments(case)
        model = args[0]
        model.first.gate_fn.register_forward_hook(lambda module, inputs, output: None)
        modes = [module.training for module in model.modules()]
        result = bench.call(case, bench.subject, args)
        passed_on = isinstance(result, Raised) and model.fails and "on purpose" in result.message
        if isinstance(result, Raised) and not passed_on:
            return result
        gates = result.values() if isinstance(result, dict) else ()
        return {
            "hooks": sum(len(module._forward_hooks) for module in model.modules()),
            "mode": [module.training for module in model.modules()] == modes,
            "raises": passed_on,
            "calls": model.calls,
            "recorded": model.recorded,
            "gradients": any(isinstance(gate, torch.Tensor) and gate.requires_grad for gate in gates),
        }

    def judge_case(self, bench: Bench, case: Case, expected: Any, found: Any) -> Finding | None:
        for name, wanted in expected.items():
            if found[name] != wanted:
                failing = "_failing" if name == "hooks" and case.args[0].fails else ""
                return own_finding(f"{name}{failing}", bench, case, expected=wanted, found=found[name])
        return None


EXERCISE = Exercise(
    id="se_block.measure_gates",
    kind="function",
    name="gates_by_name",
    reference=gates_by_name,
    may_use_course=True,
    probes=(Contract(_one), Values(_cases), Afterwards(_afterwards)),
)


def _run(model, x, targets, keep):
    """Hook ``keep(name, ...)`` to the targets, run, remove the hooks whatever happens."""
    handles = [module.register_forward_hook(partial(keep, name)) for name, module in targets.items()]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()


def _blocks(model):
    return {name: module for name, module in model.named_modules() if isinstance(module, SEBlock)}


def _gate_functions(model):
    return {name: block.gate_fn for name, block in _blocks(model).items()}


def _collect(model, x, targets, change=lambda output: output):
    gates = {}
    _run(model, x, targets, lambda name, module, inputs, output: gates.__setitem__(name, change(output)))
    return gates


@EXERCISE.wrong("logits")
def _logits(model, x):
    return _collect(model, x, {name: block.fc2 for name, block in _blocks(model).items()})


@EXERCISE.wrong("block_output")
def _block_output(model, x):
    return _collect(model, x, _blocks(model))


@EXERCISE.wrong("every_gate_fn")
def _every_gate_fn(model, x):
    modules = model.named_modules()
    return _collect(model, x, {name: module.gate_fn for name, module in modules if hasattr(module, "gate_fn")})


@EXERCISE.wrong("every_sigmoid")
def _every_sigmoid(model, x):
    modules = model.named_modules()
    return _collect(model, x, {name: module for name, module in modules if isinstance(module, nn.Sigmoid)})


@EXERCISE.wrong("name_of_gate_fn")
def _name_of_gate_fn(model, x):
    return _collect(model, x, {f"{name}.gate_fn": gate for name, gate in _gate_functions(model).items()})


@EXERCISE.wrong("numbered")
def _numbered(model, x):
    return _collect(model, x, dict(enumerate(_gate_functions(model).values())))


@EXERCISE.wrong("children_only")
def _children_only(model, x):
    children = model.named_children()
    return _collect(model, x, {name: child.gate_fn for name, child in children if isinstance(child, SEBlock)})


@EXERCISE.wrong("late_name")
def _late_name(model, x):
    last = list(_blocks(model))[-1:]
    gates = {}
    _run(model, x, _gate_functions(model), lambda name, module, inputs, output: gates.update({last[0]: output}))
    return gates


@EXERCISE.wrong("late_loop_name")
def _late_loop_name(model, x):
    last, gates = [name for name, _ in model.named_modules()][-1], {}
    _run(model, x, _gate_functions(model), lambda name, module, inputs, output: gates.update({last: output}))
    return gates


@EXERCISE.wrong("two_arguments")
def _two_arguments(model, x):
    with ExitStack() as stack, torch.no_grad():
        for gate_fn in _gate_functions(model).values():
            stack.callback(gate_fn.register_forward_hook(lambda module, output: None).remove)
        model(x)


@EXERCISE.wrong("error_swallowed")
def _error_swallowed(model, x):
    gates = {}
    with ExitStack() as stack, torch.no_grad():
        for name, gate_fn in _gate_functions(model).items():
            hook = gate_fn.register_forward_hook(lambda m, i, output, name=name: gates.update({name: output}))
            stack.callback(hook.remove)
        with suppress(Exception):
            model(x)
    return gates


@EXERCISE.wrong("gate_of_the_image")
def _gate_of_the_image(model, x):
    with torch.no_grad():
        return {name: block.gate(x) for name, block in _blocks(model).items()}


@EXERCISE.wrong("axes_lost")
def _axes_lost(model, x):
    return _collect(model, x, _gate_functions(model), lambda output: output.flatten(1))


@EXERCISE.wrong("hooks_left")
def _hooks_left(model, x):
    gates = {}
    for name, gate_fn in _gate_functions(model).items():
        gate_fn.register_forward_hook(lambda m, i, output, name=name: gates.update({name: output}))
    with torch.no_grad():
        model(x)
    return gates


@EXERCISE.wrong("hooks_left_on_failure")
def _hooks_left_on_failure(model, x):
    gates, handles = {}, []
    for name, gate_fn in _gate_functions(model).items():
        hook = gate_fn.register_forward_hook(lambda m, i, output, name=name: gates.update({name: output}))
        handles.append(hook)
    with torch.no_grad():
        model(x)
    for handle in handles:
        handle.remove()
    return gates


@EXERCISE.wrong("all_hooks_cleared")
def _all_hooks_cleared(model, x):
    gates = _collect(model, x, _gate_functions(model))
    for gate_fn in _gate_functions(model).values():
        gate_fn._forward_hooks.clear()
    return gates


@EXERCISE.wrong("eval_left_on")
def _eval_left_on(model, x):
    return _collect(model.eval(), x, _gate_functions(model))


@EXERCISE.wrong("detached_only")
def _detached_only(model, x):
    gates = {}
    with ExitStack() as stack:
        for name, gate_fn in _gate_functions(model).items():
            keep = partial(lambda name, module, inputs, output: gates.__setitem__(name, output.detach()), name)
            stack.callback(gate_fn.register_forward_hook(keep).remove)
        model(x)
    return gates


@EXERCISE.wrong("run_twice")
def _run_twice(model, x):
    with torch.no_grad():
        model(x)
    return _collect(model, x, _gate_functions(model))


@EXERCISE.wrong("with_gradients")
def _with_gradients(model, x):
    gates = {}
    with ExitStack() as stack:
        for name, gate_fn in _gate_functions(model).items():
            hook = gate_fn.register_forward_hook(lambda m, i, output, name=name: gates.update({name: output}))
            stack.callback(hook.remove)
        model(x)
    return gates


@EXERCISE.accepted
def with_exit_stack(model, x):
    gates = {}
    with ExitStack() as stack, torch.inference_mode():
        for name, module in model.named_modules():
            if type(module) is SEBlock:
                hook = module.gate_fn.register_forward_hook(lambda m, i, o, name=name: gates.update({name: o}))
                stack.callback(hook.remove)
        model(x)
    return gates


@EXERCISE.accepted
def in_eval_and_back(model, x):
    modes = {module: module.training for module in model.modules()}
    try:
        return _collect(model.eval(), x, _gate_functions(model), torch.clone)
    finally:
        for module, mode in modes.items():
            module.training = mode
