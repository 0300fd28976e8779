"""Initialisers: fans, gains, and the bounds and deviations that PyTorch asks its generator for."""

from unittest import mock

import torch
from torch import nn
from torch.nn import init

SHAPES = [[10, 128], [64, 32, 3, 3], [16, 1, 5, 5], [8, 4, 7], [1, 1], [3, 5, 2, 3, 4]]


def fans():
    cases = []
    for shape in SHAPES:
        fan_in, fan_out = init._calculate_fan_in_and_fan_out(torch.empty(shape))
        cases.append({"what": "fan", "shape": shape, "fan_in": fan_in, "fan_out": fan_out})
    return cases


def gains():
    cases = []
    for name, slope in [
        ("linear", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("selu", None),
        ("leaky_relu", 0.0), ("leaky_relu", 0.01), ("leaky_relu", 0.5), ("leaky_relu", 5**0.5),
    ]:
        gain = float(init.calculate_gain(name, slope))
        cases.append({"what": "gain", "nonlinearity": name, "slope": slope, "gain": gain})
    return cases


def asked(fill, *arguments, **named):
    """The numbers with which `fill` calls `uniform_` or `normal_`."""
    with mock.patch.object(torch.Tensor, "uniform_") as uniform, \
         mock.patch.object(torch.Tensor, "normal_") as normal:
        fill(*arguments, **named)
        [call] = uniform.mock_calls + normal.mock_calls
        return [float(number) for number in call.args]


def initialisers():
    cases = []
    for shape in SHAPES:
        for gain in [1.0, 5 / 3]:
            for what in ["xavier_uniform", "xavier_normal"]:
                numbers = asked(getattr(init, what + "_"), torch.empty(shape), gain)
                cases.append({"what": what, "shape": shape, "gain": gain, "asked": numbers})
        for what in ["kaiming_uniform", "kaiming_normal"]:
            for mode in ["fan_in", "fan_out"]:
                for nonlinearity, a in [("relu", 0.0), ("leaky_relu", 5**0.5), ("tanh", 0.0)]:
                    numbers = asked(
                        getattr(init, what + "_"),
                        torch.empty(shape), a=a, mode=mode, nonlinearity=nonlinearity,
                    )
                    cases.append({
                        "what": what, "shape": shape, "mode": mode,
                        "nonlinearity": nonlinearity, "slope": a, "asked": numbers,
                    })
    return cases


def defaults():
    """What `reset_parameters` of Linear and of convolutions asks for: for the weight, then for the bias."""
    cases = []
    for fan_in, layer in [
        (128, lambda: nn.Linear(128, 10)),
        (1, lambda: nn.Linear(1, 3)),
        (288, lambda: nn.Conv2d(32, 64, 3)),
        (10, lambda: nn.Conv2d(8, 4, (1, 5), groups=4)),
    ]:
        with mock.patch.object(torch.Tensor, "uniform_") as uniform:
            layer()
        weight, bias = [[float(number) for number in call.args] for call in uniform.mock_calls]
        cases.append({"what": "default", "fan_in": fan_in, "weight": weight, "bias": bias})
    return cases


FILES = {"initialisers.json": lambda: fans() + gains() + initialisers() + defaults()}
