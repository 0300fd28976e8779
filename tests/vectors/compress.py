"""Pruning: what `torch.nn.utils.prune` keeps of a small convolutional network."""

import torch
from torch import nn
from torch.nn.utils import prune


def wide():
    net = nn.Sequential()
    net.add_module("conv", nn.Conv2d(2, 8, 3))
    net.add_module("bn", nn.BatchNorm2d(8))
    net.add_module("depthwise", nn.Conv2d(8, 8, 3, groups=8))
    net.add_module("fc1", nn.Linear(32, 10))
    net.add_module("fc2", nn.Linear(10, 3))
    return net


def global_unstructured():
    """Shares of all weights, by magnitude; also with two weights alike, and none or all of them."""
    cases = []
    for amount in [0.0, 0.3, 0.5, 0.905, 1.0]:
        net = wide()
        state = {name: tensor.clone() for name, tensor in net.state_dict().items() if tensor.is_floating_point()}
        modules = [module for module in net if not isinstance(module, nn.BatchNorm2d)]
        prune.global_unstructured([(m, "weight") for m in modules], prune.L1Unstructured, amount=amount)
        masks = {name + ".weight": module.weight_mask for name, module in net.named_children() if module in modules}
        cases.append({"amount": amount, "state": state, "masks": masks})
    return cases


def channels():
    """The rows that are left when some are pruned by the sum of their magnitudes."""
    net = wide()
    state = {name: tensor.clone() for name, tensor in net.state_dict().items() if tensor.is_floating_point()}
    kept = {}
    for name, amount in [("conv", 3), ("fc1", 4)]:
        module = prune.ln_structured(getattr(net, name), "weight", amount=amount, n=1, dim=0)
        kept[name] = module.weight_mask.flatten(1).amax(1).nonzero().flatten()
    return [{"state": state, "kept": kept}]


FILES = {
    "pruned_weights.json": global_unstructured,
    "pruned_channels.json": channels,
}
