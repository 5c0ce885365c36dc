"""One answer under test: builds it, gives it the reference's state, calls it on fresh copies of the inputs."""

import copy
from typing import Any

import numpy as np
import torch
from torch import nn

from seattn_course.checks import state
from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.guard import Guard, Raised


def fresh(value: Any, memo: dict | None = None) -> Any:
    """A copy that shares nothing, with the strides kept: a transposed input stays transposed."""
    if isinstance(value, torch.Tensor):
        copied = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device=value.device)
        return copied.copy_(value.detach()).requires_grad_(value.requires_grad)
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    return copy.deepcopy(value, memo)


def fresh_arguments(case: Case) -> tuple:
    """Copies of the case's arguments; what two of them share, the copies share too (a clock and its work)."""
    memo: dict = {}
    return tuple(fresh(arg, memo) for arg in case.args)


class Bench:
    """The learner's answer (or the reference, or a known wrong answer) with all that probes do to it.

    Args:
        exercise: what is being asked.
        subject: the class, function or value under test.
        guard: runs every call of the subject.
        seed: of the random inputs and the random state.
        model: the reference's bench, from which the state is taken; None if this is the reference.
        recognise_course: object when the course's own finished modules are handed over or called.
    """

    def __init__(
        self,
        exercise: Exercise,
        subject: Any,
        guard: Guard,
        seed: int,
        model: "Bench | None" = None,
        recognise_course: bool = False,
    ):
        self.exercise = exercise
        self.subject = subject
        self.guard = guard
        self.seed = seed
        self.model = model
        self.recognise_course = recognise_course
        self._states: dict[tuple, dict[str, torch.Tensor]] = {}
        # By the names of the answer's tensors: a layer that only some configurations have changes them.
        self._assignments: dict[frozenset[str], state.Assignment | None] = {}
        self._other_assignments: list[tuple[frozenset[str], state.Assignment]] = []

    def generator(self) -> torch.Generator:
        """For the inputs of a probe: the same numbers for the reference and for every answer."""
        return torch.Generator().manual_seed(1000 + self.seed)

    @property
    def name(self) -> str:
        """What the answer is called in messages."""
        name = getattr(self.subject, "__name__", None)
        return name if isinstance(name, str) and name.isidentifier() else self.exercise.name

    def construct(self, case: Case, watch: bool = False) -> Any:
        """A new module with the values its constructor gave it, or Raised."""
        self._seed()
        module = self.guard.call(self.subject, case.config, case.config_kwargs, watch)
        if isinstance(module, nn.Module) and any(map(nn.parameter.is_lazy, module.parameters())):
            outcome = self.call(case, module)  # lazy layers take their shape from a call
            if isinstance(outcome, Raised):
                return outcome
        return module

    def _seed(self) -> None:
        """Random numbers of the subject's own depend on the case, not on what ran before it."""
        torch.default_generator.manual_seed(2000 + self.seed)

    def build(self, case: Case) -> Any:
        """A new module with the random state of this case's configuration, or Raised."""
        module = self.construct(case)
        if isinstance(module, Raised):
            return module
        if not isinstance(module, nn.Module):
            return Raised("no_module", type(module).__name__)
        if self.model is None:
            values = self.reference_state(case)
            with torch.no_grad():
                for name, tensor in state.tensors(module).items():
                    tensor.copy_(values[name])
            return module
        names = frozenset(state.tensors(module))
        if names not in self._assignments:
            self._choose_assignment(case, names)
        assignment = self._assignments[names]
        theirs = self.model.reference_state(case)
        if assignment is None or not state.carry(assignment, module, theirs):
            state.randomise(module, self.seed)
        return module

    def reference_state(self, case: Case) -> dict[str, torch.Tensor]:
        """The reference's random state for this configuration, by name."""
        if case.build_key not in self._states:
            module = self.subject(*case.config, **case.config_kwargs)
            buffers = {name for name, _ in module.named_buffers()}
            # By position, so that an answer whose state cannot be carried over is still comparable.
            self._states[case.build_key] = {
                name: state.random_like(tensor, self.seed, f"{index}", name in buffers)
                for index, (name, tensor) in enumerate(state.tensors(module).items())
            }
        return self._states[case.build_key]

    def _choose_assignment(self, case: Case, names: frozenset[str]) -> None:
        """Take the way of carrying the state under which the answer agrees with the reference, if one does."""
        module = self.construct(case)
        theirs = self.model.reference_state(case)
        candidates = state.assignments(state.tensors(module), theirs)
        self._assignments[names] = candidates[0] if candidates else None
        if len(candidates) < 2:
            return
        self._other_assignments += [(names, candidate) for candidate in candidates[1:]]
        expected = self.model.apply(case)
        for candidate in candidates:
            state.carry(candidate, module, theirs)
            found = self.call(case, module)
            if (
                isinstance(found, torch.Tensor)
                and isinstance(expected, torch.Tensor)
                and found.shape == expected.shape
                and torch.allclose(found.detach().to(expected), expected, rtol=1e-4, atol=1e-5)
            ):
                self._assignments[names] = candidate
                self._other_assignments = [other for other in self._other_assignments if other[0] != names]
                return

    def take_next_assignment(self) -> bool:
        """Carry the state in the next way that fits; False if there is none.

        Of a wrong answer nobody knows which of its tensors plays which part, so diagnosis tries them all.
        """
        if self._other_assignments:
            names, assignment = self._other_assignments.pop(0)
            self._assignments[names] = assignment
            return True
        return False

    def call(self, case: Case, function: Any, args: tuple | None = None, watch: bool = False) -> Any:
        """``function`` on this case's inputs (fresh copies unless ``args`` are given), or Raised."""
        if args is None:
            args = fresh_arguments(case)
        kwargs = {name: fresh(value) for name, value in case.kwargs.items()}
        return self.guard.call(function, args, kwargs, watch)

    def apply(self, case: Case, args: tuple | None = None) -> Any:
        """The answer's result for this case at the random state, or Raised."""
        self._seed()
        function = self.build(case) if self.exercise.kind == "class" else self.subject
        return function if isinstance(function, Raised) else self.call(case, function, args)
