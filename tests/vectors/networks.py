"""Networks of several layers: blocks of image classifiers, and layers along sequences that are not all as long.

A case is as in layers.py. With `lengths`, `x` and `y` hold the steps of all samples one after the other; each sample is a batch of its own
here, so that none can see another. Only batch normalisation is given all their steps, as a `PackedSequence` has them.
"""

import torch
from torch import nn
from torch.nn import functional as F

from windows import Causal


class Net(nn.Module):
    """`function` of the network and its inputs, with these layers."""

    def __init__(self, function, **layers):
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, *x):
        return self.function(self, *x)


def seen(module):
    """With parameters and statistics as after a while."""
    for name, tensor in module.state_dict().items():
        if "running" in name:
            tensor.copy_(0.5 + torch.rand(tensor.shape) if "var" in name else torch.randn(tensor.shape) / 4)
    return module


def case(name, net, x, lengths=None, together=False):
    """One step of `net` in training, then its output in use; float32 parameters and inputs, computed in float64."""
    net = seen(net).float().double().train()
    state = {k: v.clone() for k, v in net.state_dict().items() if v.is_floating_point()}
    leaf = x.double().requires_grad_()

    def run():
        if lengths is None:
            return net(leaf)
        if together:
            return torch.cat([y[0] for y in net([each[None] for each in leaf.split(lengths)])])
        return torch.cat([net(each[None])[0] for each in leaf.split(lengths)])

    y = run()
    dy = torch.randn(y.shape)
    y.backward(dy.double())
    case = {"name": name, "x": [x], "state": state, "y": y, "dy": dy, "dx": [leaf.grad]}
    case["grads"] = {k: p.grad for k, p in net.named_parameters()}
    after = {k: v.clone() for k, v in net.state_dict().items() if k in state}
    net.eval()
    return case | {"state_after": after, "y_eval": run()} | ({"lengths": lengths} if lengths else {})


def separable():
    """MobileNet (arXiv:1704.04861), figure 3."""
    return Net(
        lambda net, x: F.relu(net.norm2(net.pointwise(F.relu(net.norm1(net.depthwise(x)))))),
        depthwise=nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False),
        norm1=nn.BatchNorm2d(6),
        pointwise=nn.Conv2d(6, 8, 1, bias=False),
        norm2=nn.BatchNorm2d(8),
    )


def inverted_residual(inside, out, stride):
    """MobileNetV2 (arXiv:1801.04381), figure 4: narrow, wide, narrow; around it where nothing changes its shape."""

    def function(net, x):
        y = F.relu6(net.norm1(net.expand(x)))
        y = F.relu6(net.norm2(net.depthwise(y)))
        y = net.norm3(net.project(y))
        return x + y if y.shape == x.shape else y

    wide = 3 * inside
    return Net(
        function,
        expand=nn.Conv2d(inside, wide, 1, bias=False),
        norm1=nn.BatchNorm2d(wide),
        depthwise=nn.Conv2d(wide, wide, 3, stride=stride, padding=1, groups=wide, bias=False),
        norm2=nn.BatchNorm2d(wide),
        project=nn.Conv2d(wide, out, 1, bias=False),
        norm3=nn.BatchNorm2d(out),
    )


def squeeze_excitation():
    """Squeeze-and-excitation (arXiv:1709.01507), figure 2."""
    return Net(
        lambda net, x: x * torch.sigmoid(net.fc2(F.relu(net.fc1(F.adaptive_avg_pool2d(x, 1))))),
        fc1=nn.Conv2d(8, 2, 1),
        fc2=nn.Conv2d(2, 8, 1),
    )


def small():
    """All of them in one."""

    def function(net, x):
        x = net.squeeze(net.separable(net.stem(x)))
        x = net.block2(net.block1(x))
        return net.head(F.adaptive_avg_pool2d(x, 1).flatten(1))

    return Net(
        function,
        stem=nn.Conv2d(3, 6, 3, stride=2, padding=1),
        separable=separable(),
        squeeze=squeeze_excitation(),
        block1=inverted_residual(8, 8, 1),
        block2=inverted_residual(8, 10, 2),
        head=nn.Linear(10, 5),
    )


def decoder():
    """From numbers to an image, as a generator does."""

    def function(net, z):
        y = F.relu(net.up1(z.reshape(-1, 12, 1, 1)))
        y = F.leaky_relu(net.up2(F.pad(y, (1, 1, 1, 1), "reflect")), 0.2)
        y = F.interpolate(net.smooth(y), scale_factor=2, mode="bilinear")
        return torch.tanh(net.out(F.pad(y, (1, 1, 1, 1))))

    return Net(
        function,
        up1=nn.ConvTranspose2d(12, 6, 3),
        up2=nn.ConvTranspose2d(6, 4, 4, stride=2, padding=3),
        smooth=nn.Conv2d(4, 4, 3, padding=1, bias=False),
        out=nn.Conv2d(4, 2, 3),
    )


def blocks():
    images = torch.randn
    return [
        case("separable", separable(), images(2, 6, 6, 6)),
        case("inverted residual", inverted_residual(8, 8, 1), images(2, 8, 6, 6)),
        case("inverted residual, smaller", inverted_residual(8, 10, 2), images(2, 8, 6, 6)),
        case("squeeze and excitation", squeeze_excitation(), images(2, 8, 6, 6)),
        case("small", small(), images(3, 3, 12, 12)),
        case("decoder", decoder(), images(3, 12)),
    ]


RAGGED = [5, 9, 9, 1, 3, 2, 9, 9, 9, 1]

# A single number has no variance: PyTorch does not normalise it on its own.
SEVERAL = [5, 9, 9, 2, 3, 2, 9]


def along(*names):
    """The layers of these names, one after the other, along the steps."""

    def function(net, x):
        x = x.transpose(1, 2)
        for name in names:
            x = getattr(net, name)(x)
        return x.transpose(1, 2)

    return function


def packed(*names):
    """The same, where each layer is given all sequences: a batch normalisation all their steps at once, another one after the other."""

    def function(net, xs):
        lengths = [x.shape[1] for x in xs]
        xs = [x.transpose(1, 2) for x in xs]
        for layer in (getattr(net, name) for name in names):
            if isinstance(layer, nn.BatchNorm1d):
                xs = layer(torch.cat(xs, 2)).split(lengths, 2)
            else:
                xs = [layer(x) for x in xs]
                lengths = [x.shape[2] for x in xs]
        return [x.transpose(1, 2) for x in xs]

    return function


def sequences():
    def of(name, function, lengths=RAGGED, features=3, together=False, **layers):
        return case(name, Net(function, **layers), torch.randn(sum(lengths), features), lengths, together)

    def norm(name, *names, **of_case):
        return of(name, packed(*names or ["norm"]), together=True, **of_case)

    conv = along("conv")
    reflected = nn.Conv1d(3, 4, 3, padding=1, padding_mode="reflect")
    pool = nn.AdaptiveAvgPool1d(2)
    return [
        of("same", conv, conv=nn.Conv1d(3, 4, 3, padding="same")),
        of("same, even window", conv, conv=nn.Conv1d(3, 4, 4, padding="same", bias=False)),
        of("valid", conv, lengths=[4, 9, 3, 3, 6], conv=nn.Conv1d(3, 5, 3)),
        of("stride 2", conv, conv=nn.Conv1d(3, 4, 3, stride=2, padding=1)),
        of("stride 3, groups", conv, features=4, conv=nn.Conv1d(4, 6, 3, stride=3, padding=2, groups=2)),
        of("causal", conv, conv=Causal(3, 4, 3)),
        of("causal, dilated", conv, conv=Causal(3, 4, 2, dilation=4)),
        of("reflect", conv, lengths=[5, 2, 9, 9, 3], conv=reflected),
        of("one tap", conv, conv=nn.Conv1d(3, 2, 1)),
        of("max pool", along("pool"), lengths=[5, 2, 9, 9, 3], pool=nn.MaxPool1d(2)),
        of("max pool, padding", along("pool"), pool=nn.MaxPool1d(3, stride=2, padding=1)),
        of("average pool", along("pool"), pool=nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False)),
        of("adaptive pool", along("pool"), pool=pool),
        of(
            "one after the other",
            along("conv1", "conv2", "pool"),
            lengths=[9, 7, 4, 4, 8, 5],
            conv1=nn.Conv1d(3, 4, 3, stride=2, padding=1),
            conv2=nn.Conv1d(4, 5, 2),
            pool=nn.AvgPool1d(2, stride=1, padding=1),
        ),
        of("mean", lambda net, x: x.mean(1)),
        of("max", lambda net, x: x.max(1).values),
        of("last", lambda net, x: x[:, -1]),
        of(
            "a vote",
            lambda net, x: net.head(conv(net, x).relu().max(1).values),
            conv=nn.Conv1d(3, 6, 3, stride=2, padding=1),
            head=nn.Linear(6, 2),
        ),
        norm("batch norm", norm=nn.BatchNorm1d(3)),
        norm("batch norm, eps, momentum", features=5, norm=nn.BatchNorm1d(5, eps=0.5, momentum=0.75)),
        norm("batch norm, not affine", norm=nn.BatchNorm1d(3, affine=False)),
        norm("batch norm, not tracked", norm=nn.BatchNorm1d(3, track_running_stats=False)),
        norm("batch norm, a step each", lengths=[1, 1, 1, 1, 1], norm=nn.BatchNorm1d(3)),
        norm("batch norm, one sequence", lengths=[7], norm=nn.BatchNorm1d(3)),
        norm("batch norm, all as long", lengths=[4, 4, 4], norm=nn.BatchNorm1d(3)),
        norm(
            "batch norm, between",
            *("conv1", "norm", "relu", "conv2"),
            conv1=nn.Conv1d(3, 6, 3, stride=2, padding=1, bias=False),
            norm=nn.BatchNorm1d(6),
            relu=nn.ReLU(),
            conv2=nn.Conv1d(6, 4, 1),
        ),
        of("instance norm", along("norm"), lengths=SEVERAL, norm=nn.InstanceNorm1d(3)),
        of("instance norm, affine", along("norm"), lengths=SEVERAL, norm=nn.InstanceNorm1d(3, eps=0.5, affine=True)),
        of("group norm", along("norm"), features=6, norm=nn.GroupNorm(2, 6)),
        of("group norm, a group for all", along("norm"), norm=nn.GroupNorm(1, 3, eps=0.5)),
        of("group norm, not affine", along("norm"), features=4, norm=nn.GroupNorm(2, 4, affine=False)),
    ]


FILES = {"blocks.json": blocks, "sequences.json": sequences}
