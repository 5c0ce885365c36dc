"""The attention modules from their equations, in NumPy float64, with loops: nothing shared with the package.

Arguments: ``x`` is (N, C, H, W); ``state`` is a module's state dict as float64 arrays. A 1x1 convolution's weight
(out, in, 1, 1) is read as the matrix (out, in).
"""

import numpy as np


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def hard_sigmoid(u):
    return np.minimum(np.maximum(u + 3, 0), 6) / 6


def relu(v):
    return np.maximum(v, 0)


def silu(v):
    return v * sigmoid(v)


def hard_swish(v):
    return v * hard_sigmoid(v)


def average(x):
    N, C, H, W = x.shape
    z = np.zeros((N, C))
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    z[n, c] += x[n, c, i, j] / (H * W)
    return z


def maximum(x):
    N, C, H, W = x.shape
    z = np.full((N, C), -np.inf)
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    z[n, c] = max(z[n, c], x[n, c, i, j])
    return z


def dense(v, state, name):
    """W v + b, one sum at a time: (N, in) -> (N, out)."""
    weight = state[f"{name}.weight"]
    weight = weight.reshape(weight.shape[0], -1)
    bias = state.get(f"{name}.bias", np.zeros(weight.shape[0]))
    u = np.zeros((len(v), len(weight)))
    for n in range(len(v)):
        for o in range(len(weight)):
            u[n, o] = bias[o]
            for i in range(weight.shape[1]):
                u[n, o] += weight[o, i] * v[n, i]
    return u


def se_gate(x, state, squeeze=average, act=relu, gate=sigmoid, temperature=1.0):
    """SENet eq. 2 and 3: (N, C, 1, 1)."""
    h = act(dense(squeeze(x), state, "fc1"))
    return gate(dense(h, state, "fc2") / temperature)[:, :, None, None]


def sum_of_both(x):
    return average(x) + maximum(x)


def v2_gate(x, state, fusion="softmax", use_avg=True, use_max=True, gate=sigmoid, eps=1e-6):
    temperature = np.log1p(np.exp(state["t_raw"])) + eps if "t_raw" in state else state["T"]
    if not use_max:
        squeeze = average
    elif not use_avg:
        squeeze = maximum
    elif fusion == "sum":
        squeeze = sum_of_both
    else:
        a, b = state["fusion_logits"]
        first = np.exp(a) / (np.exp(a) + np.exp(b))

        def squeeze(x):
            return first * average(x) + (1 - first) * maximum(x)

    return se_gate(x, state, squeeze, silu, gate, temperature)


def eca_gate(x, state):
    """ECA-Net eq. 9: a sum over each channel's k neighbours, nothing beyond the ends."""
    z = average(x)
    w = state["conv.weight"].reshape(-1)
    u = np.zeros_like(z)
    for n in range(z.shape[0]):
        for c in range(z.shape[1]):
            for j in range(len(w)):
                neighbour = c + j - len(w) // 2
                if 0 <= neighbour < z.shape[1]:
                    u[n, c] += w[j] * z[n, neighbour]
    return sigmoid(u)[:, :, None, None]


def normalize(v, state, name, training, eps=1e-5):
    """Batch normalization of (N, C, H, W), with the batch's moments or the running ones."""
    out = np.empty_like(v)
    for c in range(v.shape[1]):
        if training:
            mean, variance = v[:, c].mean(), v[:, c].var()
        else:
            mean, variance = state[f"{name}.running_mean"][c], state[f"{name}.running_var"][c]
        normal = (v[:, c] - mean) / np.sqrt(variance + eps)
        out[:, c] = state[f"{name}.weight"][c] * normal + state[f"{name}.bias"][c]
    return out


def spatial_gate(x, state, order="mean_max", training=False):
    """CBAM eq. 3: (N, 1, H, W)."""
    N, C, H, W = x.shape
    maps = np.zeros((N, 2, H, W))
    for n in range(N):
        for i in range(H):
            for j in range(W):
                mean = sum(x[n, c, i, j] for c in range(C)) / C
                largest = max(x[n, c, i, j] for c in range(C))
                maps[n, :, i, j] = (mean, largest) if order == "mean_max" else (largest, mean)
    weight = state["conv.weight"][0]
    k = weight.shape[-1]
    u = np.zeros((N, 1, H, W))
    for n in range(N):
        for i in range(H):
            for j in range(W):
                for a in range(k):
                    for b in range(k):
                        row, column = i + a - k // 2, j + b - k // 2
                        if 0 <= row < H and 0 <= column < W:
                            u[n, 0, i, j] += (weight[:, a, b] * maps[n, :, row, column]).sum()
    if "bn.weight" in state:
        u = normalize(u, state, "bn", training)
    return sigmoid(u)


def part(state, name):
    """The entries of the submodule ``name``."""
    return {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(f"{name}.")}


def channel_gate(x, state):
    """CBAM eq. 2: (N, C, 1, 1)."""

    def logits(z):
        return dense(relu(dense(z, state, "fc1")), state, "fc2")

    return sigmoid(logits(average(x)) + logits(maximum(x)))[:, :, None, None]


def cbam_gate(x, state, order="mean_max", training=False):
    """CBAM eq. 1: (N, C, H, W)."""
    mc = channel_gate(x, part(state, "channel"))
    return mc * spatial_gate(mc * x, part(state, "spatial"), order, training)


def coordinate_gate(x, state, training=False):
    """Coordinate attention eq. 4 to 9: g^h * g^w, (N, C, H, W)."""
    N, C, H, W = x.shape
    z = np.zeros((N, C, H + W))
    for n in range(N):
        for c in range(C):
            for i in range(H):
                z[n, c, i] = sum(x[n, c, i, j] for j in range(W)) / W
            for j in range(W):
                z[n, c, H + j] = sum(x[n, c, i, j] for i in range(H)) / H

    def at_each_place(v, name):
        return np.stack([dense(v[:, :, p], state, name) for p in range(v.shape[2])], axis=2)

    middle = at_each_place(z, "conv1")[:, :, :, None]
    f = hard_swish(normalize(middle, state, "bn1", training))[:, :, :, 0]
    g_h, g_w = sigmoid(at_each_place(f[:, :, :H], "conv_h")), sigmoid(at_each_place(f[:, :, H:], "conv_w"))
    gate = np.zeros((N, C, H, W))
    for i in range(H):
        for j in range(W):
            gate[:, :, i, j] = g_h[:, :, i] * g_w[:, :, j]
    return gate


def scale(x, gate):
    """y = gate * x, the gate repeated along its axes of length 1, one value at a time."""
    N, C, H, W = x.shape
    y = np.empty_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    index = [a % length for a, length in zip((n, c, i, j), gate.shape)]
                    y[n, c, i, j] = gate[tuple(index)] * x[n, c, i, j]
    return y
