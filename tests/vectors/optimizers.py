"""Optimizers: ten steps with given gradients, and the parameters after each."""

import torch
from torch import optim

STEPS, PARAMETERS = 10, 13


def case(optimizer, **arguments):
    p = torch.randn(PARAMETERS)
    # From tiny to huge, one always zero and one zero at first.
    gradients = torch.randn(STEPS, PARAMETERS) * 10 ** torch.linspace(-4, 2, PARAMETERS)
    gradients[:, 3] = 0
    gradients[:3, 4] = 0
    leaf = p.double().requires_grad_()
    rule = getattr(optim, optimizer)([leaf], **arguments)
    steps = []
    for gradient in gradients:
        leaf.grad = gradient.double()
        rule.step()
        steps.append(leaf.detach().clone())
    return {
        "optimizer": optimizer,
        "arguments": arguments,
        "p": p,
        "gradients": gradients,
        "steps": torch.stack(steps),
    }


def cases():
    return [
        case("SGD"),
        case("SGD", lr=0.1, weight_decay=0.05),
        case("SGD", lr=0.1, momentum=0.9),
        case("SGD", lr=0.1, momentum=0.9, dampening=0.3),
        case("SGD", lr=0.1, momentum=0.9, nesterov=True),
        case("SGD", lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.05),
        case("RMSprop"),
        case("RMSprop", lr=0.05, alpha=0.9, eps=1e-3, weight_decay=0.05),
        case("RMSprop", lr=0.05, momentum=0.9),
        case("RMSprop", lr=0.05, centered=True, eps=1e-4),
        case("RMSprop", lr=0.05, alpha=0.8, centered=True, momentum=0.5, weight_decay=0.05, eps=1e-4),
        case("Adagrad"),
        case("Adagrad", lr=0.1, lr_decay=0.2, weight_decay=0.05),
        case("Adagrad", lr=0.1, initial_accumulator_value=0.5, eps=1e-3),
        case("Adadelta"),
        case("Adadelta", lr=0.5, rho=0.7, eps=1e-3, weight_decay=0.05),
        case("Adam"),
        case("Adam", lr=0.1, betas=[0.8, 0.95], eps=1e-3),
        case("Adam", lr=0.1, weight_decay=0.05),
        case("Adam", lr=0.1, amsgrad=True, betas=[0.5, 0.6]),
        case("AdamW"),
        case("AdamW", lr=0.1, weight_decay=0.2),
        case("AdamW", lr=0.1, betas=[0.5, 0.6], eps=1e-3, amsgrad=True),
    ]


FILES = {"optimizers.json": cases}
