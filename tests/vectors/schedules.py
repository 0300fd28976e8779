"""Schedules: the learning rate at every step of a whole run."""

import torch
from torch import optim
from torch.optim import lr_scheduler

BASE = 0.5


def run(schedule, steps, **arguments):
    optimizer = optim.SGD([torch.zeros(1)], lr=BASE, momentum=0.9)
    scheduler = getattr(lr_scheduler, schedule)(optimizer, **arguments)
    case = {"schedule": schedule, "arguments": arguments, "base": BASE, "lr": []}
    if schedule == "OneCycleLR":
        case["momentum"] = []
    for _ in range(steps):
        case["lr"].append(float(optimizer.param_groups[0]["lr"]))
        if schedule == "OneCycleLR":
            case["momentum"].append(float(optimizer.param_groups[0]["momentum"]))
        optimizer.step()
        scheduler.step()
    return case


def plateau(**arguments):
    """A metric that falls, stalls, gets worse and falls again; float32, as ours."""
    metrics = torch.cat([
        torch.linspace(2, 1, 12),
        torch.full((15,), 1.0),
        torch.linspace(1, 1.2, 10),
        torch.linspace(0.99999, 0.9, 20),
        0.9 + 0.01 * torch.randn(43),
    ])
    optimizer = optim.SGD([torch.zeros(1)], lr=BASE)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, **arguments)
    lr = []
    for metric in metrics:
        optimizer.step()
        scheduler.step(metric.item())
        lr.append(float(optimizer.param_groups[0]["lr"]))
    return {
        "schedule": "ReduceLROnPlateau",
        "arguments": arguments,
        "base": BASE,
        "metrics": metrics,
        "lr": lr,
    }


def cases():
    return [
        run("StepLR", 40, step_size=7),
        run("StepLR", 40, step_size=1, gamma=0.9),
        run("MultiStepLR", 40, milestones=[3, 17, 30]),
        run("MultiStepLR", 40, milestones=[30, 3, 17, 17], gamma=0.3),
        run("ExponentialLR", 60, gamma=0.95),
        run("ExponentialLR", 400, gamma=0.999),
        run("CosineAnnealingLR", 60, T_max=50),
        run("CosineAnnealingLR", 75, T_max=25, eta_min=0.01),
        run("LinearLR", 12),
        run("LinearLR", 40, start_factor=0.01, total_iters=30),
        run("LinearLR", 40, start_factor=1.0, end_factor=0.1, total_iters=20),
        run("OneCycleLR", 100, max_lr=0.1, total_steps=100),
        run("OneCycleLR", 73, max_lr=2.0, total_steps=73, pct_start=0.45),
        run("OneCycleLR", 50, max_lr=0.1, total_steps=50, div_factor=10.0, final_div_factor=100.0),
        run("OneCycleLR", 50, max_lr=0.1, total_steps=50, base_momentum=0.5, max_momentum=0.9),
        run("OneCycleLR", 5, max_lr=0.1, total_steps=5, pct_start=0.0),
        plateau(),
        plateau(patience=3),
        plateau(patience=2, factor=0.5, cooldown=4),
        plateau(patience=2, threshold=0.05, threshold_mode="abs"),
        plateau(patience=2, threshold=0.05, min_lr=0.01),
        plateau(patience=3, mode="max"),
        plateau(patience=2, mode="max", threshold=0.1, threshold_mode="abs", factor=0.7),
        plateau(patience=1, factor=0.3, eps=0.01),
    ]


FILES = {"schedules.json": cases}
