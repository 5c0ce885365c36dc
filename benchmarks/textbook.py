"""The attention modules as textbooks and first drafts write them: what `attention_speed.py` compares with.

AdaptiveAvgPool2d and AdaptiveMaxPool2d for the squeezes, 1x1 convolutions, torch.max over the channels.
"""

import torch
from torch import nn


def _mlp(channels: int, hidden: int, bias: bool) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, hidden, 1, bias=bias), nn.ReLU(inplace=True), nn.Conv2d(hidden, channels, 1, bias=bias)
    )


class Floor(nn.Module):
    """x times its own mean: one read to know the gate, one read and one write to apply it. No layer at all."""

    def forward(self, x):
        return x * x.mean((2, 3), keepdim=True)


class SE(nn.Module):
    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.mlp = _mlp(channels, hidden, bias=True)

    def forward(self, x):
        return x * torch.sigmoid(self.mlp(self.pool(x)))


class SEAvgMax(nn.Module):
    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.avg = nn.AdaptiveAvgPool2d(1)
        self.max = nn.AdaptiveMaxPool2d(1)
        self.mlp = _mlp(channels, hidden, bias=True)

    def forward(self, x):
        return x * torch.sigmoid(self.mlp(self.avg(x) + self.max(x)))


class ECA(nn.Module):
    def __init__(self, kernel: int):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        z = self.pool(x).squeeze(-1).transpose(1, 2)
        return x * torch.sigmoid(self.conv(z)).transpose(1, 2).unsqueeze(-1).expand_as(x)


class Spatial(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3, bias=False)
        self.bn = nn.BatchNorm2d(1)

    def forward(self, x):
        pair = torch.cat([torch.mean(x, 1, keepdim=True), torch.max(x, 1, keepdim=True)[0]], dim=1)
        return x * torch.sigmoid(self.bn(self.conv(pair)))


class CBAM(nn.Module):
    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.avg = nn.AdaptiveAvgPool2d(1)
        self.max = nn.AdaptiveMaxPool2d(1)
        self.mlp = _mlp(channels, hidden, bias=False)
        self.spatial = Spatial()

    def forward(self, x):
        x = x * torch.sigmoid(self.mlp(self.avg(x)) + self.mlp(self.max(x)))
        return self.spatial(x)


class Coordinate(nn.Module):
    def __init__(self, channels: int, hidden: int):
        super().__init__()
        self.rows = nn.AdaptiveAvgPool2d((None, 1))
        self.columns = nn.AdaptiveAvgPool2d((1, None))
        self.conv1 = nn.Conv2d(channels, hidden, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(hidden)
        self.act = nn.Hardswish()
        self.conv_h = nn.Conv2d(hidden, channels, 1, bias=False)
        self.conv_w = nn.Conv2d(hidden, channels, 1, bias=False)

    def forward(self, x):
        H, W = x.shape[2:]
        z = torch.cat([self.rows(x), self.columns(x).permute(0, 1, 3, 2)], dim=2)
        f = self.act(self.bn1(self.conv1(z)))
        f_h, f_w = torch.split(f, [H, W], dim=2)
        g_w = torch.sigmoid(self.conv_w(f_w.permute(0, 1, 3, 2)))
        return x * g_w * torch.sigmoid(self.conv_h(f_h))
