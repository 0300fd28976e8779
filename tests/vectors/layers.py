"""Layers: outputs in training and in use, gradients by inputs and parameters, and the buffers after one step.

A case is called by the name that `../truth/layers.rs` declares it under. `x` lists the inputs, each a batch. Axes are
PyTorch's here, with the batch in front; a declaration counts them without it.
"""

import torch
from torch import nn

from case import case, images, whole_numbers
from norms import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from windows import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose2d,
    max_pool1d,
    max_pool2d,
    reflection_pad1d,
    reflection_pad2d,
    upsample,
    zero_pad2d,
)


def linear():
    return [
        case("plain", nn.Linear(5, 3), images(4, 5)),
        case("no bias", nn.Linear(5, 3, bias=False), images(2, 5)),
        case("one number", nn.Linear(1, 1), images(3, 1)),
        case("odd and wide", nn.Linear(33, 17), images(4, 33)),
        case("wider than a block", nn.Linear(70, 35), images(3, 70)),
        case("one sample", nn.Linear(19, 9), images(1, 19)),
        case("row by row", nn.Linear(5, 7), images(3, 4, 5)),
    ]


def sqrt():
    # Away from zero, where the slope has no end.
    return [case("plain", torch.sqrt, images(2, 2, 3, 4).abs() + 0.01)]


def detach():
    # In a sum, for PyTorch knows no gradient of what is detached alone.
    return [case("half of a sum", lambda a, b: a.detach() + b, images(2, 3, 4), images(2, 3, 4))]


def steps(function):
    def cases():
        return [
            case("a sequence", function, images(3, 5, 7)),
            case("one step", function, images(2, 1, 4)),
            case("one feature", function, images(2, 9, 1)),
            case("more than a vector", function, images(2, 12, 37)),
            case("three axes", function, images(2, 4, 3, 2)),
            case("equal steps", function, whole_numbers(2, 9, 5)),
        ]

    return cases


def flatten():
    return [
        case("an image", nn.Flatten(), images(2, 2, 3, 4)),
        case("a row", nn.Flatten(), images(3, 5)),
    ]


def reshape():
    return [
        case("a row to a matrix", lambda x: x.reshape(-1, 3, 4), images(2, 12)),
        case("an image to rows", lambda x: x.reshape(-1, 4, 6), images(2, 2, 3, 4)),
        case("four axes", lambda x: x.reshape(-1, 2, 3, 2, 2), images(3, 4, 6)),
    ]


def transpose():
    return [
        case("a matrix", lambda x: x.transpose(1, 2), images(2, 3, 5)),
        case("first and last", lambda x: x.transpose(1, -1), images(2, 3, 4, 5)),
        case("last two", lambda x: x.transpose(-2, -1), images(2, 3, 4, 5)),
        case("four axes", lambda x: x.transpose(4, 2), images(2, 2, 3, 2, 5)),
    ]


def slice_():
    return [
        case("a row", lambda x: x[:, 2:5], images(3, 7)),
        case("channels", lambda x: x[:, 1:3], images(2, 4, 3, 2)),
        case("columns", lambda x: x[..., :3], images(2, 2, 3, 5)),
        case("an axis in the middle", lambda x: x[:, :, 1:2], images(2, 2, 3, 4)),
    ]


def concat():
    return [
        case("rows", lambda a, b: torch.cat([a, b], 1), images(3, 2), images(3, 5)),
        case("channels", lambda a, b, c: torch.cat([a, b, c], 1), *(images(2, i, 2, 3) for i in (1, 3, 2))),
        case("last axis", lambda a, b: torch.cat([a, b], -1), images(2, 2, 3), images(2, 2, 4)),
        case("an axis in the middle", lambda a, b: torch.cat([a, b], 2), images(2, 2, 1, 3), images(2, 2, 2, 3)),
    ]


def add():
    return [
        case("two", lambda a, b: a + b, images(2, 3, 4), images(2, 3, 4)),
        case("three", lambda a, b, c: a + b + c, *(images(3, 19) for _ in range(3))),
    ]


def mul():
    return [
        case("two", lambda a, b: a * b, images(2, 3, 4), images(2, 3, 4)),
        case("three", lambda a, b, c: a * b * c, *(images(3, 19) for _ in range(3))),
        case("a number for each channel", lambda a, b: a * b, images(2, 3, 4, 5), images(2, 3, 1, 1)),
        case("a number for each row, first", lambda a, b: a * b, images(2, 3, 1), images(2, 3, 19)),
        case("one number", lambda a, b: a * b, images(3, 1), images(3, 9)),
    ]


def identity():
    return [case("a matrix", nn.Identity(), images(2, 3, 4))]


def dropout():
    return [case("none", nn.Dropout(0.0), images(2, 3, 5))]


def dropout2d():
    return [case("none", nn.Dropout2d(0.0), images(2, 3, 2, 4))]


# Where formulas overflow, cancel or change their branch.
EXTREMES = [0.0, 1e-30, 1e-6, 0.5, 1.0, 3.0, 6.0, 9.0, 15.0, 20.0, 50.0, 88.0, 104.0, 1e4, 1e30]


def activation(**layers):
    """Each on an image; and on extremes, number by number, as PyTorch computes them in float32."""

    def cases():
        cases = []
        for name, layer in layers.items():
            x = 2 * images(3, 2, 3, 4)
            if name == "plain":
                x[0, 0, 0, :2] = torch.tensor([0.0, -0.0])
            cases.append(case(name.replace("_", " "), layer, x))
        for name, layer in layers.items():
            ends = torch.tensor(EXTREMES + [-each for each in EXTREMES] + [torch.inf, -torch.inf, torch.nan])
            x = ends.double().requires_grad_()
            y = layer(x)
            y.sum().backward()
            cases.append({"name": name.replace("_", " "), "extremes": ends, "y": y, "dx": x.grad})
        return cases

    return cases


def prelu():
    def weighted(layer):
        layer.weight.data = torch.randn(layer.weight.shape)
        return layer

    x = images(3, 2, 3, 4)
    x[0, 0, 0, :2] = torch.tensor([0.0, -0.0])
    return [
        case("new", nn.PReLU(), x),
        case("one", weighted(nn.PReLU()), images(2, 2, 3, 4)),
        case("each channel", weighted(nn.PReLU(3)), images(2, 3, 2, 5)),
        case("each feature", weighted(nn.PReLU(4)), images(3, 4)),
        case("first value", nn.PReLU(2, init=-0.5), images(2, 2, 3)),
    ]


def softmax(layer):
    def cases():
        return [
            case("a row", layer(1), 2 * images(3, 7)),
            case("one number", layer(1), images(2, 1)),
            case("far apart", layer(1), torch.tensor([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4], [88.0, 89.0, 1e4]])),
            case("last axis", layer(-1), 2 * images(2, 2, 3, 5)),
            case("channels", layer(1), 2 * images(2, 4, 2, 3)),
            case("an axis in the middle", layer(2), 2 * images(2, 2, 5, 3)),
            case("more than a vector", layer(1), 2 * images(2, 37)),
        ]

    return cases


LAYERS = {
    "batch_norm": lambda: batch_norm(nn.BatchNorm1d, (3,), (3, 5))() + batch_norm(nn.BatchNorm2d, (3, 4, 2))(),
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "linear": linear,
    "conv1d": conv1d,
    "conv2d": conv2d,
    "conv_transpose2d": conv_transpose2d,
    "upsample": upsample,
    "zero_pad2d": zero_pad2d,
    "reflection_pad1d": reflection_pad1d,
    "reflection_pad2d": reflection_pad2d,
    "detach": detach,
    "mean": steps(lambda x: x.mean(1)),
    "max": steps(lambda x: x.max(1).values),
    "last": steps(lambda x: x[:, -1]),
    "max_pool1d": max_pool1d,
    "avg_pool1d": avg_pool1d,
    "adaptive_avg_pool1d": adaptive_avg_pool1d,
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "flatten": flatten,
    "reshape": reshape,
    "transpose": transpose,
    "slice": slice_,
    "concat": concat,
    "add": add,
    "mul": mul,
    "identity": identity,
    "dropout": dropout,
    "dropout2d": dropout2d,
    "relu": activation(plain=nn.ReLU()),
    "relu6": activation(plain=nn.ReLU6()),
    "leaky_relu": activation(plain=nn.LeakyReLU(), steep=nn.LeakyReLU(0.5), negative=nn.LeakyReLU(-0.25)),
    "prelu": prelu,
    "elu": activation(plain=nn.ELU(), alpha=nn.ELU(0.3), large_alpha=nn.ELU(2.5)),
    "selu": activation(plain=nn.SELU()),
    "gelu": activation(plain=nn.GELU(), tanh=nn.GELU(approximate="tanh")),
    "silu": activation(plain=nn.SiLU()),
    "sigmoid": activation(plain=nn.Sigmoid()),
    "tanh": activation(plain=nn.Tanh()),
    "softplus": activation(plain=nn.Softplus(), beta=nn.Softplus(2.5), threshold=nn.Softplus(0.5, 1.0)),
    "sqrt": sqrt,
    "hardswish": activation(plain=nn.Hardswish()),
    "hardsigmoid": activation(plain=nn.Hardsigmoid()),
    "softmax": softmax(nn.Softmax),
    "log_softmax": softmax(nn.LogSoftmax),
}

FILES = {f"layers/{name}.json": cases for name, cases in LAYERS.items()}
