"""The residual blocks once more, in NumPy and float64, from their equations, with loops. Slow, and easy to trust.

P is a block's state dict as arrays; `under` narrows it to one submodule's names.
"""

import numpy as np


def state(module):
    return {name: tensor.detach().double().numpy() for name, tensor in module.state_dict().items()}


def under(P, prefix):
    return {name.removeprefix(prefix + "."): value for name, value in P.items() if name.startswith(prefix + ".")}


def relu(v):
    return np.maximum(v, 0.0)


def sigmoid(v):
    return 1.0 / (1.0 + np.exp(-v))


def silu(v):
    return v * sigmoid(v)


def conv(x, W, stride=1, groups=1):
    """y[n, o, i, j] = sum over c, a, b of W[o, c, a, b] x[n, c, i s + a - p, j s + b - p], p = k // 2."""
    N, _, H, width = x.shape
    cout, Cg, k, _ = W.shape
    p = k // 2
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    Ho, Wo = (H + 2 * p - k) // stride + 1, (width + 2 * p - k) // stride + 1
    y = np.zeros((N, cout, Ho, Wo))
    for o in range(cout):
        first = (o // (cout // groups)) * Cg
        for i in range(Ho):
            for j in range(Wo):
                patch = padded[:, first : first + Cg, i * stride : i * stride + k, j * stride : j * stride + k]
                y[:, o, i, j] = (patch * W[o]).sum((1, 2, 3))
    return y


def norm(x, P, training=False, eps=1e-5):
    """Batch normalization: by the batch's own mean and (biased) variance in training, else by the running ones."""
    y = np.empty_like(x)
    for c in range(x.shape[1]):
        mean = x[:, c].mean() if training else P["running_mean"][c]
        variance = ((x[:, c] - mean) ** 2).mean() if training else P["running_var"][c]
        y[:, c] = P["weight"][c] * (x[:, c] - mean) / np.sqrt(variance + eps) + P["bias"][c]
    return y


def se(x, P, act=relu):
    """s = sigmoid(W2 act(W1 z + b1) + b2), y_c = s_c x_c."""
    y = np.empty_like(x)
    W1, W2 = P["fc1.weight"][:, :, 0, 0], P["fc2.weight"][:, :, 0, 0]
    for n in range(x.shape[0]):
        z = np.array([x[n, c].mean() for c in range(x.shape[1])])
        s = sigmoid(W2 @ act(W1 @ z + P["fc1.bias"]) + P["fc2.bias"])
        for c in range(x.shape[1]):
            y[n, c] = s[c] * x[n, c]
    return y


def attend(x, P, act=relu):
    return se(x, P, act) if P else x


def skip(x, P, stride, training=False):
    if "proj.0.weight" in P:
        return norm(conv(x, P["proj.0.weight"], stride), under(P, "proj.1"), training)
    if "proj.weight" in P:
        return conv(x, P["proj.weight"], stride)
    return x


def basic(x, P, stride=1, training=False, act=relu):
    h = act(norm(conv(x, P["conv1.weight"], stride), under(P, "bn1"), training))
    h = norm(conv(h, P["conv2.weight"]), under(P, "bn2"), training)
    return act(attend(h, under(P, "attn")) + skip(x, P, stride, training))


def pre_activation(x, P, stride=1, training=False, act=relu):
    h = act(norm(x, under(P, "bn1"), training))
    shortcut = conv(h, P["proj.weight"], stride) if "proj.weight" in P else x
    h = act(norm(conv(h, P["conv1.weight"], stride), under(P, "bn2"), training))
    return attend(conv(h, P["conv2.weight"]), under(P, "attn")) + shortcut


def bottleneck(x, P, stride=1, training=False, groups=1, spatial=False):
    h = relu(norm(conv(x, P["conv1.weight"]), under(P, "bn1"), training))
    h = relu(norm(conv(h, P["conv2.weight"], stride, groups), under(P, "bn2"), training))
    if spatial:
        h = attend(h, under(P, "attn"))
    h = norm(conv(h, P["conv3.weight"]), under(P, "bn3"), training)
    if not spatial:
        h = attend(h, under(P, "attn"))
    return relu(h + skip(x, P, stride, training))


def se_post(x, P, stride=1, training=False):
    h = silu(norm(conv(x, P["conv1.weight"], stride), under(P, "bn1"), training))
    h = norm(conv(h, P["conv2.weight"]), under(P, "bn2"), training)
    return silu(attend(h, under(P, "se"), silu) + skip(x, P, stride, training))


def se_pre(x, P, stride=1, training=False):
    h = conv(silu(norm(x, under(P, "bn1"), training)), P["conv1.weight"], stride)
    h = conv(silu(norm(h, under(P, "bn2"), training)), P["conv2.weight"])
    return attend(h, under(P, "se"), silu) + skip(x, P, stride, training)


def branch(x, P, stride=1, training=False):
    """The patterns' own F: conv - BN - ReLU, conv - BN."""
    h = relu(norm(conv(x, P["0.conv.weight"], stride), under(P, "0.bn"), training))
    return norm(conv(h, P["1.conv.weight"]), under(P, "1.bn"), training)


def fusion(pattern, x, P, stride=1, training=False):
    F = under(P, "f")
    if pattern == 1:
        merged = skip(x, P, stride, training) + attend(branch(x, F, stride, training), under(P, "attn"))
    elif pattern == 2:
        merged = attend(skip(x, P, stride, training) + branch(x, F, stride, training), under(P, "attn"))
    elif pattern == 3:
        merged = skip(x, P, stride, training) + branch(attend(x, under(P, "attn")), F, stride, training)
    else:
        merged = attend(skip(x, P, stride, training), under(P, "attn_skip"))
        merged = merged + attend(branch(x, F, stride, training), under(P, "attn_res"))
    return relu(merged)
