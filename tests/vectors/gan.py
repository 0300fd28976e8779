"""A generator and a discriminator: three steps of each in turn, and the gradient of WGAN-GP's penalty by double backward."""

import copy
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F


def exact(*shape):
    """Normal numbers that float32 holds exactly."""
    return torch.randn(*shape).double()


def generator():
    layers = OrderedDict(fc1=nn.Linear(3, 8), leaky=nn.LeakyReLU(0.2), fc2=nn.Linear(8, 12), tanh=nn.Tanh())
    return nn.Sequential(layers).double()


def discriminator():
    layers = OrderedDict(fc1=nn.Linear(12, 8), leaky=nn.LeakyReLU(0.2), fc2=nn.Linear(8, 1))
    return nn.Sequential(layers).double()


def parameters(net):
    return {name: p.detach().clone() for name, p in net.named_parameters()}


def steps():
    """Of each loss: the parameters at the start, then for each of three steps what came in, both losses, and the parameters."""
    networks = generator(), discriminator()
    return [case(loss, *copy.deepcopy(networks)) for loss in ["saturating", "non-saturating", "smooth"]]


def case(loss, g, d):
    adams = [torch.optim.Adam(net.parameters(), lr=1e-2, betas=(0.5, 0.999)) for net in (g, d)]
    case = {"loss": loss, "generator": parameters(g), "discriminator": parameters(d)}
    bce = F.binary_cross_entropy_with_logits
    for step in range(3):
        real, noise, own_noise = exact(5, 12).tanh().float().double(), exact(5, 3), exact(5, 3)
        adams[1].zero_grad()
        y_real, y_fake = d(real), d(g(noise).detach())
        ones, zeros = torch.ones_like(y_real), torch.zeros_like(y_real)
        d_loss = bce(y_real, ones * (0.9 if loss == "smooth" else 1)) + bce(y_fake, zeros)
        d_loss.backward()
        adams[1].step()
        adams[0].zero_grad()
        y = d(g(own_noise))
        g_loss = torch.log(1 - torch.sigmoid(y)).mean() if loss == "saturating" else bce(y, ones)
        g_loss.backward()
        adams[0].step()
        case[f"step {step}"] = {
            "real": real,
            "noise": noise,
            "own_noise": own_noise,
            "discriminator_loss": d_loss,
            "generator_loss": g_loss,
            "discriminator": parameters(d),
            "generator": parameters(g),
        }
    return case


def penalties():
    """The value and the gradient of the penalty, for slopes below and above 1."""
    cases = []
    for scale in (0.5, 2.0):
        d, x = discriminator(), exact(5, 12).requires_grad_()
        with torch.no_grad():
            for p in d.parameters():
                p.mul_(scale)
        (slope,) = torch.autograd.grad(d(x).sum(), x, create_graph=True)
        loss = 10 * ((slope.norm(dim=1) - 1) ** 2).mean()
        # Biases of a piecewise linear network have no part in it.
        gradients = torch.autograd.grad(loss, list(d.parameters()), allow_unused=True)
        named = zip(d.named_parameters(), gradients)
        grad = {name: torch.zeros_like(p) if g is None else g for (name, p), g in named}
        cases.append({"scale": scale, "x": x, "discriminator": parameters(d), "loss": loss, "gradients": grad})
    return cases


FILES = {"gan.json": steps, "gradient_penalty.json": penalties}
