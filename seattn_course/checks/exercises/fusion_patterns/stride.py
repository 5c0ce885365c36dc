"""fusion_patterns.stride: P1, P2 or P3 with another width and stride."""

from torch import nn

from seattn_course.checks.exercise import Case, Exercise
from seattn_course.checks.placement import branch, narrow_gate, wide_gate, wrong_formulas
from seattn_course.checks.probes.batteries import feature_map
from seattn_course.checks.probes.contract import Contract
from seattn_course.checks.probes.structure import Parameters
from seattn_course.checks.probes.values import Values


class StridedResidual(nn.Module):
    def __init__(self, cin, cout, stride, pattern, make_attention):
        super().__init__()
        self.pattern = pattern
        self.f = branch(cin, cout, stride)
        self.attn = make_attention(cin if pattern == "P3" else cout)
        self.act = nn.ReLU()
        if stride == 1 and cin == cout:
            self.skip = nn.Identity()
        else:
            self.skip = nn.Sequential(nn.Conv2d(cin, cout, 1, stride=stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        skip = self.skip(x)
        if self.pattern == "P1":
            return self.act(skip + self.attn(self.f(x)))
        if self.pattern == "P2":
            return self.act(self.attn(skip + self.f(x)))
        return self.act(skip + self.f(self.attn(x)))


def _block(generator, cin, cout, stride, pattern, height=5, width=4, gate=narrow_gate):
    return Case((feature_map(generator, 3, cin, height, width),), config=(cin, cout, stride, pattern, gate))


def _one(generator):
    return [_block(generator, 4, 6, 2, "P1")]


def _structures(generator):
    return [
        *[_block(generator, 4, 6, 2, pattern) for pattern in ("P1", "P2", "P3")],
        _block(generator, 6, 4, 1, "P1"),
        _block(generator, 4, 4, 2, "P2"),
        _block(generator, 4, 4, 1, "P3", gate=wide_gate),
        _block(generator, 4, 4, 3, "P1"),
    ]


EXERCISE = Exercise(
    id="fusion_patterns.stride",
    kind="class",
    name="StridedResidual",
    reference=StridedResidual,
    probes=(Contract(_one), Parameters(_structures), Values(_structures)),
)


def _projection(cin, cout, stride, kernel=1, bias=False, norm=True):
    conv = nn.Conv2d(cin, cout, kernel, stride=stride, padding=kernel // 2, bias=bias)
    return nn.Sequential(conv, nn.BatchNorm2d(cout)) if norm else conv


def _changed(key, **makers):
    """Registers the reference with some parts exchanged, each made from the constructor's arguments."""

    class Exchanged(StridedResidual):
        def __init__(self, cin, cout, stride, pattern, make_attention):
            super().__init__(cin, cout, stride, pattern, make_attention)
            for name, make in makers.items():
                setattr(self, name, make(cin, cout, stride, pattern, make_attention))

    Exchanged.__name__ = key
    EXERCISE.wrong(key)(Exchanged)


def _only_if(needed, **options):
    def skip(cin, cout, stride, *_):
        return _projection(cin, cout, stride, **options) if needed(cin, cout, stride) else nn.Identity()

    return skip


def _needed(cin, cout, stride):
    return stride != 1 or cin != cout


_changed("width_that_leaves", attn=lambda cin, cout, stride, pattern, make: make(cout))
_changed("width_that_enters", attn=lambda cin, cout, stride, pattern, make: make(cin))
_changed("width_for_three_turned", attn=lambda cin, cout, s, pattern, make: make(cout if pattern == "P3" else cin))
_changed("two_sees_input", attn=lambda cin, cout, s, pattern, make: make(cout if pattern == "P1" else cin))
_changed("width_only_skip", skip=_only_if(lambda cin, cout, stride: cin != cout))
_changed("stride_only_skip", skip=_only_if(lambda cin, cout, stride: stride != 1))
_changed("both_needed_for_the_skip", skip=_only_if(lambda cin, cout, stride: cin != cout and stride != 1))
_changed("always_projected", skip=_only_if(lambda cin, cout, stride: True))
_changed("never_projected", skip=lambda *_: nn.Identity())
_changed("skip_without_stride", skip=lambda cin, cout, stride, *_: _only_if(_needed)(cin, cout, 1))
_changed("skip_without_norm", skip=_only_if(_needed, norm=False))
_changed("skip_with_bias", skip=_only_if(_needed, bias=True))
_changed("skip_three_by_three", skip=_only_if(_needed, kernel=3))
_changed("always_stride_two", f=lambda cin, cout, stride, *_: branch(cin, cout, 2),
         skip=lambda cin, cout, stride, *_: _only_if(_needed)(cin, cout, 2 if _needed(cin, cout, stride) else 1))  # fmt: skip
_changed("branch_without_stride", f=lambda cin, cout, stride, *_: branch(cin, cout))


@EXERCISE.wrong("pooled_skip")
class _PooledSkip(StridedResidual):
    def __init__(self, cin, cout, stride, pattern, make_attention):
        super().__init__(cin, cout, stride, pattern, make_attention)
        if stride != 1 or cin != cout:
            pool = nn.AvgPool2d(stride, ceil_mode=True)
            self.skip = nn.Sequential(pool, _projection(cin, cout, 1))


wrong_formulas(
    EXERCISE,
    always_one=lambda b, x: b.act(b.skip(x) + b.attn(b.f(x))),
    two_and_three_alike=lambda b, x: b.act(b.skip(x) + b.f(b.attn(x))) if b.pattern == "P3" else b.act(
        b.skip(x) + b.attn(b.f(x))),
    one_and_two_swapped=lambda b, x: (
        StridedResidual.forward(b, x) if b.pattern == "P3" else
        b.act(b.attn(b.skip(x) + b.f(x))) if b.pattern == "P1" else b.act(b.skip(x) + b.attn(b.f(x)))),
    two_gates_the_skip=lambda b, x: (
        b.act(b.attn(b.skip(x)) + b.f(x)) if b.pattern == "P2" else StridedResidual.forward(b, x)),
    two_after_the_relu=lambda b, x: (
        b.attn(b.act(b.skip(x) + b.f(x))) if b.pattern == "P2" else StridedResidual.forward(b, x)),
    one_gates_the_skip=lambda b, x: (
        b.act(b.attn(b.skip(x)) + b.f(x)) if b.pattern == "P1" else StridedResidual.forward(b, x)),
    without_skip=lambda b, x: b.act(b.f(b.attn(x)) if b.pattern == "P3" else b.attn(b.f(x))),
    skip_of_the_gated=lambda b, x: (
        b.act(b.skip(b.attn(x)) + b.f(b.attn(x))) if b.pattern == "P3" else StridedResidual.forward(b, x)
    ),
    without_relu=lambda b, x: b.skip(x) + b.attn(b.f(x)) if b.pattern == "P1" else (
        b.attn(b.skip(x) + b.f(x)) if b.pattern == "P2" else b.skip(x) + b.f(b.attn(x))),
)  # fmt: skip


@EXERCISE.accepted
class WithATable(nn.Module):
    FORMULAS = {
        "P1": lambda b, x: b.skip(x) + b.attn(b.f(x)),
        "P2": lambda b, x: b.attn(b.skip(x) + b.f(x)),
        "P3": lambda b, x: b.skip(x) + b.f(b.attn(x)),
    }

    def __init__(self, cin, cout, stride, pattern, make_attention):
        super().__init__()
        self.formula = self.FORMULAS[pattern]
        self.skip = _projection(cin, cout, stride) if (cin, stride) != (cout, 1) else nn.Sequential()
        self.attn = make_attention({"P3": cin}.get(pattern, cout))
        self.f = branch(cin, cout, stride)

    def forward(self, x):
        return self.formula(self, x).clamp(min=0)


@EXERCISE.accepted
class OtherNames(nn.Module):
    def __init__(self, cin, cout, stride, pattern, make_attention):
        super().__init__()
        self.body = branch(cin, cout, stride)
        self.before = self.behind = self.on_top = nn.Identity()
        if pattern == "P3":
            self.before = make_attention(cin)
        elif pattern == "P1":
            self.behind = make_attention(cout)
        else:
            self.on_top = make_attention(cout)
        self.way = nn.Identity()
        if cin != cout or stride > 1:
            self.way = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        return self.on_top(self.way(x) + self.behind(self.body(self.before(x)))).relu()
