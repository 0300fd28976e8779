"""Losses: the value for a batch, and its gradient by the output of the network."""

import torch
from torch import nn


def case(loss, y, target, **arguments):
    """`loss` by its PyTorch name, with PyTorch's arguments; tensors among them are written as float32."""
    exact = {k: v.double() if torch.is_tensor(v) else v for k, v in arguments.items()}
    exact_target = target.double() if target.is_floating_point() else target
    leaf = y.double().requires_grad_()
    value = getattr(nn, loss)(**exact)(leaf, exact_target)
    value.backward()
    return {
        "loss": loss,
        "arguments": arguments,
        "y": y,
        "target": target,
        "value": value.item(),
        "gradient": leaf.grad,
    }


def classes():
    cases = []
    y, target = 2 * torch.randn(7, 5), torch.tensor([0, 4, 2, 2, 1, 3, 0])
    log_p = torch.log_softmax(y, 1)
    weight = torch.tensor([0.5, 2.0, 1.0, 0.0, 3.5])
    for arguments in [
        {},
        {"reduction": "sum"},
        {"ignore_index": 2},
        {"ignore_index": 255},
        {"weight": weight},
        {"weight": weight, "reduction": "sum"},
        {"weight": weight, "ignore_index": 0},
    ]:
        cases.append(case("NLLLoss", log_p, target, **arguments))
        cases.append(case("CrossEntropyLoss", y, target, **arguments))
    for arguments in [
        {},
        {"reduction": "sum"},
        {"ignore_index": 2},
        {"weight": weight},
        {"weight": weight, "reduction": "sum"},
        {"weight": weight, "ignore_index": 0},
    ]:
        cases.append(case("CrossEntropyLoss", y, target, label_smoothing=0.1, **arguments))
    cases.append(case("CrossEntropyLoss", y, target, label_smoothing=1.0))
    # Far beyond what eʸ can hold, and certain to the last bit, right and wrong.
    cases.append(case("CrossEntropyLoss", 100 * y, target))
    cases.append(case("CrossEntropyLoss", y[:1] + 1000, target[:1]))
    # More classes than are summed at once.
    many = torch.randn(3, 130)
    cases.append(case("CrossEntropyLoss", many, torch.tensor([129, 0, 64])))
    cases.append(case("CrossEntropyLoss", many, torch.tensor([1, 63, 128]), label_smoothing=0.2))
    return cases


def numbers():
    cases = []
    # Few numbers a sample, and more than are summed at once.
    for n, d in [(7, 6), (2, 150)]:
        y, t = torch.randn(n, d), torch.randn(n, d)
        y[0, 0] = t[0, 0]
        cases.append(case("MSELoss", y, t))
        cases.append(case("L1Loss", y, t))
        cases.append(case("SmoothL1Loss", y, t))
        cases.append(case("HuberLoss", y, t))
    y, t = torch.randn(7, 6), torch.randn(7, 6)
    y[0, 0] = t[0, 0]
    for loss in ["MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"]:
        cases.append(case(loss, y, t, reduction="sum"))
    for beta in [0.0, 0.25, 2.0]:
        cases.append(case("SmoothL1Loss", y, t, beta=beta))
    for delta in [0.25, 2.0]:
        cases.append(case("HuberLoss", y, t, delta=delta))
    return cases


def binary():
    cases = []
    logits, soft = 3 * torch.randn(7, 6), torch.rand(7, 6)
    hard = (soft > 0.5).float()
    # From less than one in a million to almost certain.
    unlikely = torch.tensor([[-90.0, -40.0, -16.0, -15.0, -5.0, -1e-4]])
    zeros, ones = torch.zeros(1, 6), torch.ones(1, 6)
    for target in [hard, soft]:
        for arguments in [{}, {"reduction": "sum"}]:
            cases.append(case("BCELoss", torch.sigmoid(logits), target, **arguments))
            cases.append(case("BCEWithLogitsLoss", logits, target, **arguments))
        pos_weight = torch.tensor([0.25, 1.0, 2.0, 5.0, 0.0, 10.0])
        cases.append(case("BCEWithLogitsLoss", logits, target, pos_weight=pos_weight))
        cases.append(case("BCEWithLogitsLoss", logits, target, pos_weight=pos_weight, reduction="sum"))
    for target in [zeros, ones]:
        cases.append(case("BCELoss", torch.sigmoid(unlikely[:, 2:]).repeat(1, 2)[:, :6], target))
        cases.append(case("BCEWithLogitsLoss", unlikely, target))
        cases.append(case("BCEWithLogitsLoss", -unlikely, target))
    # Alone, so that nothing large hides what rounding takes from them.
    rare = torch.tensor([[-16.0, -15.0, -14.0, -13.0, -12.0, -11.0]])
    cases.append(case("BCELoss", torch.sigmoid(rare), zeros))
    cases.append(case("BCEWithLogitsLoss", rare, zeros))
    cases.append(case("BCEWithLogitsLoss", -rare, ones))
    certain = torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.0, 1.0]])
    cases.append(case("BCELoss", certain, torch.tensor([[0.0, 1.0, 1.0, 0.0, 0.25, 0.75]])))
    y, t = torch.randn(2, 150), torch.rand(2, 150)
    cases.append(case("BCEWithLogitsLoss", y, t))
    cases.append(case("BCEWithLogitsLoss", y, t, pos_weight=4 * torch.rand(150)))
    return cases


def divergence():
    cases = []
    y = torch.log_softmax(torch.randn(7, 6), 1)
    log_target = torch.log_softmax(2 * torch.randn(7, 6), 1)
    target = log_target.exp()
    target[0] = torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    for reduction in ["mean", "batchmean", "sum"]:
        cases.append(case("KLDivLoss", y, target, reduction=reduction))
        cases.append(case("KLDivLoss", y, log_target, reduction=reduction, log_target=True))
    return cases


def distillation():
    """A student with the logits y, its teacher's logits, and what is right: as in PyTorch's tutorial on distillation."""
    cases = []
    for scale in [1, 30]:
        y, teacher = scale * torch.randn(7, 5), scale * torch.randn(7, 5)
        target = torch.tensor([0, 4, 2, 2, 1, 3, 0])
        for temperature, alpha in [(4.0, 0.9), (1.0, 0.5), (2.5, 1.0), (3.0, 0.0)]:
            leaf = y.double().requires_grad_()
            soft = nn.KLDivLoss(reduction="batchmean", log_target=True)(
                torch.log_softmax(leaf / temperature, 1), torch.log_softmax(teacher.double() / temperature, 1)
            )
            hard = nn.CrossEntropyLoss()(leaf, target)
            value = alpha * temperature**2 * soft + (1 - alpha) * hard
            value.backward()
            cases.append(
                {
                    "loss": "distillation",
                    "arguments": {"temperature": temperature, "alpha": alpha},
                    "y": y,
                    "target": target,
                    "teacher": teacher,
                    "value": value.item(),
                    "gradient": leaf.grad,
                }
            )
    return cases


FILES = {
    "losses.json": lambda: classes() + numbers() + binary() + divergence(),
    "distillation.json": distillation,
}
