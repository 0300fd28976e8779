"""A case of a layer: outputs in training and in use, gradients by inputs and parameters, and the buffers after one step."""

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


def whole_numbers(*shape):
    return torch.randint(-2, 3, shape).float()
