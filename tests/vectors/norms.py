"""Layers that bring numbers to a mean and a variance."""

import torch
from torch import nn

from case import case, images


def seen(module):
    """With parameters and statistics as after a while."""
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(0.5 + torch.rand(tensor.shape) if "var" in name else torch.randn(tensor.shape))
    return module


def layer_norm():
    return [
        case("new", nn.LayerNorm(6), 3 + 2 * images(3, 6)),
        case("a row", seen(nn.LayerNorm(19)), 3 + 2 * images(3, 19)),
        case("steps", seen(nn.LayerNorm(8)), images(2, 5, 8)),
        case("many steps of few", seen(nn.LayerNorm(3)), images(2, 50, 3)),
        case("eps", seen(nn.LayerNorm(7, eps=0.5)), images(2, 3, 7)),
        case("not affine", nn.LayerNorm(7, elementwise_affine=False), images(2, 3, 7)),
        case("no bias", seen(nn.LayerNorm(33, bias=False)), images(2, 3, 33)),
        case("two axes", seen(nn.LayerNorm([3, 5])), images(2, 2, 3, 5)),
        case("an image", seen(nn.LayerNorm([2, 3, 4])), images(2, 2, 3, 4)),
        case("all alike", seen(nn.LayerNorm(4)), torch.full((2, 4), 0.75)),
    ]


def rms_norm():
    return [
        case("new", nn.RMSNorm(6, eps=2.0**-23), 3 + 2 * images(3, 6)),
        case("a row", seen(nn.RMSNorm(19, eps=2.0**-23)), 3 + 2 * images(3, 19)),
        case("steps", seen(nn.RMSNorm(8, eps=2.0**-23)), images(2, 5, 8)),
        case("eps", seen(nn.RMSNorm(7, eps=0.5)), images(2, 3, 7)),
        case("not affine", nn.RMSNorm(7, eps=2.0**-23, elementwise_affine=False), images(2, 3, 7)),
        case("two axes", seen(nn.RMSNorm([3, 5], eps=1e-6)), images(2, 2, 3, 5)),
    ]


def group_norm():
    return [
        case("new", nn.GroupNorm(2, 6), 3 + 2 * images(2, 6, 3, 2)),
        case("an image", seen(nn.GroupNorm(2, 4)), 3 + 2 * images(2, 4, 5, 3)),
        case("one group", seen(nn.GroupNorm(1, 4)), images(2, 4, 3, 2)),
        case("a group for each channel", seen(nn.GroupNorm(3, 3)), images(2, 3, 4, 4)),
        case("a row", seen(nn.GroupNorm(3, 12)), images(3, 12)),
        case("a line", seen(nn.GroupNorm(2, 6)), images(2, 6, 9)),
        case("eps", seen(nn.GroupNorm(2, 4, eps=0.5)), images(2, 4, 3)),
        case("not affine", nn.GroupNorm(2, 4, affine=False), images(2, 4, 3, 3)),
    ]


def instance_norm():
    return [
        case("a line", nn.InstanceNorm1d(3), 3 + 2 * images(2, 3, 7)),
        case("a line, affine", seen(nn.InstanceNorm1d(3, affine=True)), images(2, 3, 5)),
        case("a line, tracked", seen(nn.InstanceNorm1d(3, track_running_stats=True)), images(3, 3, 5)),
        case("an image", nn.InstanceNorm2d(3), 3 + 2 * images(2, 3, 4, 5)),
        case("an image, affine", seen(nn.InstanceNorm2d(2, affine=True)), images(2, 2, 4, 5)),
        case("eps", nn.InstanceNorm2d(2, eps=0.5), images(2, 2, 3, 3)),
        case(
            "affine, tracked",
            seen(nn.InstanceNorm2d(2, momentum=0.75, affine=True, track_running_stats=True)),
            images(3, 2, 3, 4),
        ),
    ]


def batch_norm(kind, *shapes):
    """The same arguments for one and two dimensions; `shapes` of the samples, the channels first."""

    def cases():
        cases = []
        for shape in shapes:
            c, n = shape[0], 4
            of = "x".join(map(str, shape))
            cases += [
                case(f"new, {of}", kind(c), images(n, *shape)),
                case(f"plain, {of}", seen(kind(c)), 3 + 2 * images(n, *shape)),
                case(f"eps, {of}", seen(kind(c, eps=0.5)), images(n, *shape)),
                case(f"momentum, {of}", seen(kind(c, momentum=0.75)), images(n, *shape)),
                case(f"not affine, {of}", seen(kind(c, affine=False)), images(n, *shape)),
                case(f"not tracked, {of}", kind(c, track_running_stats=False), images(n, *shape)),
            ]
        return cases

    return cases
