"""Quantisation-aware training: a small network with PyTorch's fake quantisation where a network in bytes rounds."""

import torch
from torch import nn
from torch.ao.quantization import FakeQuantize, FixedQParamsFakeQuantize, FixedQParamsObserver
from torch.ao.quantization import MovingAverageMinMaxObserver, PerChannelMinMaxObserver
from torch.nn import functional as F


def values():
    return FakeQuantize(observer=MovingAverageMinMaxObserver, quant_min=-128, quant_max=127, dtype=torch.qint8)


def probabilities():
    fixed = FixedQParamsObserver.with_args(scale=1 / 256, zero_point=-128, dtype=torch.qint8, quant_min=-128, quant_max=127)
    return FixedQParamsFakeQuantize(observer=fixed)


class Net(nn.Module):
    """The `Rounded` of ../truth/qat.rs."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.dw = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.fc = nn.Linear(16, 5)
        weights = FakeQuantize.with_args(
            observer=PerChannelMinMaxObserver, quant_min=-127, quant_max=127, dtype=torch.qint8, qscheme=torch.per_channel_symmetric, ch_axis=0
        )
        self.weights = nn.ModuleDict({name: weights() for name in ["conv", "dw", "fc"]})
        self.rounded = nn.ModuleDict({name: values() for name in ["x", "bn", "dw", "sum", "mean", "fc"]})
        self.rounded["sigmoid"] = probabilities()

    def weight(self, name):
        return self.weights[name](getattr(self, name).weight)

    def forward(self, x):
        x = self.rounded["x"](x)
        y = F.conv2d(x, self.weight("conv"), padding=1)
        y = self.rounded["bn"](F.relu(self.bn(y)))
        z = F.conv2d(y, self.weight("dw"), self.dw.bias, padding=1, groups=4)
        z = self.rounded["dw"](z)
        z = self.rounded["sum"](F.relu(y + z))
        # A mean has the scale of what it is of, which it does not move. One of nine is never halfway between two steps.
        z = self.again("sum", F.avg_pool2d(z, 3, stride=1))
        z = self.rounded["sigmoid"](torch.sigmoid(z))
        return self.rounded["fc"](F.linear(z.flatten(1), self.weight("fc"), self.fc.bias))

    def again(self, name, x):
        rounded = self.rounded[name]
        return torch.fake_quantize_per_tensor_affine(x, rounded.scale, rounded.zero_point, -128, 127)

    def ranges(self):
        """In the order of the network's values: those that have no range of their own are 0."""
        own = {0: "x", 3: "bn", 4: "dw", 6: "sum", 10: "fc"}
        found = torch.zeros(11, 2)
        for value, name in own.items():
            observer = self.rounded[name].activation_post_process
            found[value] = torch.stack([observer.min_val, observer.max_val])
        return found


def steps():
    """Three batches, one after the other, with the same parameters; what comes beyond the range of the first ones is cut off."""
    net = Net().train()
    state = {k: v.clone() for k, v in net.state_dict().items() if k.split(".")[0] in ["conv", "bn", "dw", "fc"] and v.is_floating_point()}
    cases = []
    for size in [1.0, 1.5, 2.0]:
        x = size * torch.randn(4, 2, 4, 4)
        net.zero_grad()
        y = net(x)
        dy = torch.randn(y.shape)
        y.backward(dy)
        grads = {k: p.grad.clone() for k, p in net.named_parameters()}
        after = {k: net.state_dict()[k].clone() for k in ["bn.running_mean", "bn.running_var"]}
        cases.append({"x": x, "y": y, "dy": dy, "grads": grads, "state_after": after, "ranges": net.ranges()})
    net.eval()
    for fake in net.modules():
        if isinstance(fake, FakeQuantize):
            fake.disable_observer()
    cases[0]["state"] = state
    cases[-1]["y_eval"] = net(x)
    return cases


FILES = {"qat.json": steps}
