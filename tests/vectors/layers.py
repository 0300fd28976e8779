"""Layers: outputs in training and in use, gradients by inputs and parameters, and the buffers after one step.

A case is called by the name that `../truth/layers.rs` declares it under. `x` lists the inputs, each a batch. Axes are
PyTorch's here, with the batch in front; a declaration counts them without it.
"""

import torch
from torch import nn


def case(name, layer, *x, **also):
    """One step of `layer`, a module or a function, in training; float32 parameters and inputs, computed in float64."""
    module = layer if isinstance(layer, nn.Module) else Function(layer)
    module = module.float().double().train()
    state = {k: v.clone() for k, v in module.state_dict().items() if v.is_floating_point()}
    leaves = [each.double().requires_grad_() for each in x]
    y = module(*leaves)
    dy = also.pop("dy", torch.randn(y.shape))
    y.backward(dy.double())
    case = {
        "name": name,
        "x": x,
        "state": state,
        "y": y,
        "dy": dy,
        "dx": [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves],
        "grads": {k: p.grad for k, p in module.named_parameters()},
    }
    y_eval = module.eval()(*leaves)
    if not torch.equal(y_eval, y):
        after = module.state_dict()
        case["state_after"] = {k: after[k] for k in state}
        case["y_eval"] = y_eval
    return case | also


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *x):
        return self.function(*x)


def images(*shape):
    return torch.randn(*shape)


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


def conv2d():
    return [
        case("plain", nn.Conv2d(3, 4, 3), images(2, 3, 6, 5)),
        case("no bias", nn.Conv2d(3, 4, 3, bias=False), images(2, 3, 6, 5)),
        case("stride 2", nn.Conv2d(4, 8, 3, stride=2), images(2, 4, 9, 9)),
        case("padding 1", nn.Conv2d(2, 3, 3, padding=1), images(2, 2, 4, 5)),
        case("padding beyond the window", nn.Conv2d(1, 2, 2, padding=3), images(2, 1, 3, 3)),
        case("same", nn.Conv2d(2, 3, 5, padding="same"), images(2, 2, 6, 6)),
        case("same, even window", nn.Conv2d(2, 3, (2, 4), padding="same"), images(2, 2, 4, 5)),
        case("same, dilated", nn.Conv2d(2, 2, (3, 2), padding="same", dilation=(2, 3)), images(2, 2, 5, 5)),
        case("valid", nn.Conv2d(2, 3, 2, padding="valid"), images(2, 2, 3, 4)),
        case("dilation 2", nn.Conv2d(2, 3, 3, dilation=2), images(2, 2, 7, 6)),
        case("groups 2", nn.Conv2d(4, 6, 3, groups=2), images(2, 4, 5, 5)),
        case("depthwise", nn.Conv2d(4, 4, 3, groups=4, padding=1), images(2, 4, 5, 5)),
        case("depthwise, two a channel", nn.Conv2d(3, 6, 3, groups=3, stride=2), images(2, 3, 7, 6)),
        case(
            "pairs",
            nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(0, 1), dilation=(1, 2)),
            images(2, 2, 7, 6),
        ),
        case("one by one", nn.Conv2d(5, 7, 1), images(3, 5, 3, 4)),
        case("one by one, stride 2", nn.Conv2d(3, 2, 1, stride=2, bias=False), images(2, 3, 5, 4)),
        case("the whole image", nn.Conv2d(2, 3, (4, 5)), images(2, 2, 4, 5)),
        case("a row", nn.Conv2d(2, 3, (1, 5), padding=(0, 2)), images(2, 2, 1, 20)),
        case("sixteen channels", nn.Conv2d(16, 16, 3, padding=1), images(2, 16, 7, 9)),
        case("more than a block", nn.Conv2d(9, 21, 3, stride=(1, 2)), images(2, 9, 6, 23)),
    ]


class Causal(nn.Conv1d):
    """All padding in front, as WaveNet has it."""

    def forward(self, x):
        front = self.dilation[0] * (self.kernel_size[0] - 1)
        mode = {"zeros": "constant", "reflect": "reflect"}[self.padding_mode]
        x = nn.functional.pad(x, (front, 0), mode)
        return nn.functional.conv1d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def conv1d():
    reflect = {"padding_mode": "reflect"}
    return [
        case("plain", nn.Conv1d(3, 4, 3), images(2, 3, 7)),
        case("no bias", nn.Conv1d(3, 4, 3, bias=False), images(2, 3, 7)),
        case("stride 2", nn.Conv1d(4, 8, 3, stride=2), images(2, 4, 10)),
        case("stride beyond the kernel", nn.Conv1d(2, 3, 2, stride=3), images(2, 2, 10)),
        case("padding 1", nn.Conv1d(2, 3, 3, padding=1), images(2, 2, 5)),
        case("padding beyond the window", nn.Conv1d(1, 2, 2, padding=3), images(2, 1, 3)),
        case("same", nn.Conv1d(2, 3, 5, padding="same"), images(2, 2, 6)),
        case("same, even window", nn.Conv1d(2, 3, 4, padding="same"), images(2, 2, 5)),
        case("same, dilated", nn.Conv1d(2, 2, 4, padding="same", dilation=3), images(2, 2, 11)),
        case("valid", nn.Conv1d(2, 3, 2, padding="valid"), images(2, 2, 4)),
        case("dilation 2", nn.Conv1d(2, 3, 3, dilation=2), images(2, 2, 9)),
        case("groups 2", nn.Conv1d(4, 6, 3, groups=2), images(2, 4, 8)),
        case("depthwise", nn.Conv1d(4, 4, 3, groups=4, padding=1), images(2, 4, 8)),
        case("depthwise, two a channel", nn.Conv1d(3, 6, 3, groups=3, stride=2), images(2, 3, 9)),
        case("one tap", nn.Conv1d(5, 7, 1), images(3, 5, 4)),
        case("the whole line", nn.Conv1d(2, 3, 6), images(2, 2, 6)),
        case("one channel, long", nn.Conv1d(1, 3, 40, stride=16, padding=20), images(2, 1, 200)),
        case("more than a block", nn.Conv1d(17, 21, 3, padding=1), images(2, 17, 53)),
        case("reflect", nn.Conv1d(2, 3, 5, padding=2, **reflect), images(2, 2, 9)),
        case("reflect, as long as may be", nn.Conv1d(2, 3, 3, padding=3, **reflect), images(2, 2, 4)),
        case("reflect, same", nn.Conv1d(2, 3, 4, padding="same", **reflect), images(2, 2, 6)),
        case("reflect, stride 2", nn.Conv1d(2, 3, 5, padding=4, stride=2, **reflect), images(2, 2, 8)),
        case(
            "reflect, dilated, groups",
            nn.Conv1d(4, 6, 3, padding=3, dilation=3, groups=2, bias=False, **reflect),
            images(2, 4, 7),
        ),
        case("reflect, without padding", nn.Conv1d(2, 3, 3, **reflect), images(2, 2, 6)),
        case("causal", Causal(2, 3, 3), images(2, 2, 7)),
        case("causal, dilated", Causal(3, 2, 2, dilation=4), images(2, 3, 9)),
        case("causal, stride 2", Causal(2, 3, 3, stride=2), images(2, 2, 8)),
        case("causal, longer than the line", Causal(2, 2, 5, dilation=2), images(2, 2, 4)),
        case("causal, groups", Causal(4, 4, 3, groups=4, bias=False), images(2, 4, 6)),
        case("causal, reflect", Causal(2, 3, 4, **reflect), images(2, 2, 6)),
    ]


def max_pool1d():
    return [
        case("plain", nn.MaxPool1d(2), images(2, 3, 6)),
        case("what is left over", nn.MaxPool1d(3), images(2, 2, 8)),
        case("stride 1", nn.MaxPool1d(3, stride=1), images(2, 2, 6)),
        case("padding, all below zero", nn.MaxPool1d(3, stride=2, padding=1), -1 - images(2, 2, 7).abs()),
        case("dilation 2", nn.MaxPool1d(3, stride=1, dilation=2), images(2, 2, 8)),
        case("ceil mode", nn.MaxPool1d(3, stride=2, ceil_mode=True), images(2, 2, 6)),
        case("ceil mode, padding", nn.MaxPool1d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 7)),
        case("ceil mode, a window too many", nn.MaxPool1d(1, stride=2, ceil_mode=True), images(2, 1, 4)),
        case("ties", nn.MaxPool1d(3, stride=2), whole_numbers(2, 2, 15)),
        case("ties, two", nn.MaxPool1d(2), whole_numbers(2, 3, 36)),
    ]


def avg_pool1d():
    return [
        case("plain", nn.AvgPool1d(2), images(2, 3, 6)),
        case("what is left over", nn.AvgPool1d(3), images(2, 2, 8)),
        case("stride 1", nn.AvgPool1d(3, stride=1), images(2, 2, 6)),
        case("padding", nn.AvgPool1d(3, stride=2, padding=1), images(2, 2, 6)),
        case("padding not counted", nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), images(2, 2, 6)),
        case("ceil mode", nn.AvgPool1d(3, stride=2, ceil_mode=True), images(2, 2, 6)),
        case("ceil mode, padding", nn.AvgPool1d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 7)),
        case(
            "ceil mode, padding not counted",
            nn.AvgPool1d(2, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
            images(2, 1, 5),
        ),
    ]


def adaptive_avg_pool1d():
    return [
        case("to one", nn.AdaptiveAvgPool1d(1), images(2, 3, 5)),
        case("even", nn.AdaptiveAvgPool1d(2), images(2, 2, 6)),
        case("uneven", nn.AdaptiveAvgPool1d(3), images(2, 2, 7)),
        case("to more than there is", nn.AdaptiveAvgPool1d(5), images(2, 1, 3)),
    ]


def conv_transpose2d():
    transposed = nn.ConvTranspose2d
    return [
        case("plain", transposed(3, 4, 3), images(2, 3, 4, 5)),
        case("no bias", transposed(3, 4, 3, bias=False), images(2, 3, 4, 5)),
        case("stride 2", transposed(4, 3, 2, stride=2), images(2, 4, 3, 4)),
        case("twice as large", transposed(5, 4, 4, stride=2, padding=1), images(2, 5, 4, 5)),
        case("stride beyond the kernel", transposed(2, 3, 2, stride=3), images(2, 2, 3, 4)),
        case("padding 1", transposed(2, 3, 3, padding=1), images(2, 2, 4, 5)),
        case("output padding", transposed(2, 3, 3, stride=2, padding=1, output_padding=1), images(2, 2, 4, 3)),
        case("output padding beyond the kernel", transposed(2, 2, 2, stride=5, output_padding=4), images(2, 2, 2, 3)),
        case("output padding, dilated", transposed(2, 2, 2, dilation=3, output_padding=2), images(2, 2, 3, 2)),
        case("dilation 2", transposed(2, 3, 3, dilation=2), images(2, 2, 4, 3)),
        case("dilation 2, stride 2", transposed(2, 3, 3, dilation=2, stride=2), images(2, 2, 3, 4)),
        case("dilation 3, stride 2", transposed(2, 3, 3, dilation=3, stride=2, padding=2), images(2, 2, 3, 4)),
        case("groups 2", transposed(4, 6, 3, groups=2), images(2, 4, 3, 4)),
        case("depthwise", transposed(4, 4, 3, groups=4, stride=2, padding=1), images(2, 4, 4, 4)),
        case("depthwise, two a channel", transposed(3, 6, 2, groups=3, stride=2), images(2, 3, 3, 3)),
        case(
            "pairs",
            transposed(2, 3, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), dilation=(2, 1)),
            images(2, 2, 3, 4),
        ),
        case("one by one", transposed(5, 7, 1), images(2, 5, 3, 4)),
        case("from one pixel", transposed(10, 6, 4), images(3, 10, 1, 1)),
        case("more than a block", transposed(9, 11, 4, stride=2, padding=1), images(2, 9, 3, 9)),
    ]


def upsample():
    bilinear = {"mode": "bilinear"}
    return [
        case("twice", nn.Upsample(scale_factor=2), images(2, 3, 3, 4)),
        case("a pair", nn.Upsample(scale_factor=(3, 2)), images(2, 2, 2, 3)),
        case("one and a half", nn.Upsample(scale_factor=1.5), images(2, 2, 5, 4)),
        case("half", nn.Upsample(scale_factor=0.5), images(2, 2, 5, 6)),
        case("size", nn.Upsample(size=(5, 7)), images(2, 2, 3, 4)),
        case("smaller size", nn.Upsample(size=3), images(2, 2, 7, 8)),
        case("from one pixel", nn.Upsample(size=(3, 5)), images(2, 4, 1, 1)),
        case("bilinear, twice", nn.Upsample(scale_factor=2, **bilinear), images(2, 3, 3, 4)),
        case("bilinear, a pair", nn.Upsample(scale_factor=(2.5, 1.3), **bilinear), images(2, 2, 3, 5)),
        case("bilinear, half", nn.Upsample(scale_factor=0.5, **bilinear), images(2, 2, 5, 6)),
        case("bilinear, size", nn.Upsample(size=(5, 7), **bilinear), images(2, 2, 3, 4)),
        case("bilinear, smaller size", nn.Upsample(size=(3, 2), **bilinear), images(2, 2, 7, 8)),
        case("bilinear, from one pixel", nn.Upsample(size=(3, 5), **bilinear), images(2, 4, 1, 1)),
        case("corners", nn.Upsample(scale_factor=2, align_corners=True, **bilinear), images(2, 3, 3, 4)),
        case("corners, size", nn.Upsample(size=(5, 7), align_corners=True, **bilinear), images(2, 2, 3, 4)),
        case("corners, smaller size", nn.Upsample(size=(3, 4), align_corners=True, **bilinear), images(2, 2, 7, 8)),
        case("corners, to one pixel", nn.Upsample(size=1, align_corners=True, **bilinear), images(2, 2, 3, 4)),
    ]


def zero_pad2d():
    return [
        case("one number", nn.ZeroPad2d(2), images(2, 3, 3, 4)),
        case("four", nn.ZeroPad2d((1, 2, 3, 0)), images(2, 2, 3, 2)),
        case("none", nn.ZeroPad2d(0), images(2, 2, 3, 2)),
        case("one side", nn.ZeroPad2d((0, 0, 0, 5)), images(2, 2, 1, 1)),
    ]


def reflection_pad2d():
    return [
        case("one number", nn.ReflectionPad2d(2), images(2, 3, 3, 4)),
        case("four", nn.ReflectionPad2d((1, 3, 2, 0)), images(2, 2, 3, 4)),
        case("as many as there are", nn.ReflectionPad2d((3, 3, 4, 4)), images(2, 2, 5, 4)),
        case("a row", nn.ReflectionPad2d((2, 1, 0, 0)), images(2, 2, 1, 3)),
    ]


def reflection_pad1d():
    return [
        case("one number", nn.ReflectionPad1d(2), images(2, 3, 5)),
        case("two", nn.ReflectionPad1d((0, 3)), images(2, 2, 4)),
        case("as many as there are", nn.ReflectionPad1d((4, 4)), images(2, 2, 5)),
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


def whole_numbers(*shape):
    return torch.randint(-2, 3, shape).float()


def max_pool2d():
    return [
        case("plain", nn.MaxPool2d(2), images(2, 3, 4, 6)),
        case("what is left over", nn.MaxPool2d(2), images(2, 2, 5, 7)),
        case("stride 1", nn.MaxPool2d(3, stride=1), images(2, 2, 5, 5)),
        case("padding, all below zero", nn.MaxPool2d(3, stride=2, padding=1), -1 - images(2, 2, 5, 6).abs()),
        case("dilation 2", nn.MaxPool2d(2, stride=1, dilation=2), images(2, 2, 5, 4)),
        case("ceil mode", nn.MaxPool2d(3, stride=2, ceil_mode=True), images(2, 2, 6, 6)),
        case("ceil mode, padding", nn.MaxPool2d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 6, 7)),
        case("ceil mode, a window too many", nn.MaxPool2d(1, stride=2, ceil_mode=True), images(2, 1, 2, 4)),
        case(
            "pairs",
            nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
            images(2, 2, 6, 6),
        ),
        case("ties", nn.MaxPool2d(3, stride=2), whole_numbers(2, 2, 7, 7)),
        case("ties, two by two", nn.MaxPool2d(2), whole_numbers(2, 2, 4, 36)),
    ]


def avg_pool2d():
    return [
        case("plain", nn.AvgPool2d(2), images(2, 3, 4, 6)),
        case("what is left over", nn.AvgPool2d(2), images(2, 2, 5, 7)),
        case("stride 1", nn.AvgPool2d(3, stride=1), images(2, 2, 5, 5)),
        case("padding", nn.AvgPool2d(3, stride=2, padding=1), images(2, 2, 5, 6)),
        case(
            "padding not counted",
            nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
            images(2, 2, 5, 6),
        ),
        case("ceil mode", nn.AvgPool2d(3, stride=2, ceil_mode=True), images(2, 2, 6, 6)),
        case("ceil mode, padding", nn.AvgPool2d(3, stride=3, padding=1, ceil_mode=True), images(2, 1, 6, 7)),
        case(
            "ceil mode, padding not counted",
            nn.AvgPool2d(2, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
            images(2, 1, 4, 5),
        ),
        case("divisor", nn.AvgPool2d(2, divisor_override=3), images(2, 2, 4, 4)),
        case("pairs", nn.AvgPool2d((3, 2), stride=(2, 1), padding=(1, 0)), images(2, 2, 6, 5)),
    ]


def adaptive_avg_pool2d():
    return [
        case("to one", nn.AdaptiveAvgPool2d(1), images(2, 3, 4, 5)),
        case("even", nn.AdaptiveAvgPool2d(2), images(2, 2, 4, 6)),
        case("a pair, uneven", nn.AdaptiveAvgPool2d((2, 3)), images(2, 2, 5, 7)),
        case("to more than there is", nn.AdaptiveAvgPool2d((4, 5)), images(2, 1, 3, 2)),
    ]


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
