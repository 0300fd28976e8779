"""What each workload does over and over, in PyTorch: `benches/work/runs.rs` in another language.

A work has `restart()`, `run()`, which gives what comes out as a tensor, and `checked`, how many first runs are compared.
"""

import torch
from torch.nn import functional as F

from given import classes, fill, numbers, sentence
from networks import Amplifier, Controller, Discriminator, Generator, MnistCnn, Mlp, ResNet8, Tagger, Transformer

IMAGES = 64


class Inference:
    checked = 1

    def __init__(self, model, x, tuned):
        self.model, self.x = fill(model).eval(), x
        if tuned and x.dim() == 4:
            self.model, self.x = channels_last(self.model, x)

    def restart(self):
        pass

    def run(self):
        with torch.inference_mode():
            return self.model(self.x)


class Training:
    checked = 5

    def __init__(self, model, x, target, loss, tuned):
        self.model, self.x, self.target, self.loss, self.tuned = model.train(), x, target, loss, tuned
        if tuned and x.dim() == 4:
            self.model, self.x = channels_last(self.model, x)
        self.restart()

    def restart(self):
        fill(self.model)
        self.adam = torch.optim.Adam(self.model.parameters(), lr=1e-3, fused=self.tuned)

    def run(self):
        self.adam.zero_grad()
        loss = self.loss(self.model(self.x), self.target)
        loss.backward()
        self.adam.step()
        return loss.detach()


class Gan:
    checked = 5

    def __init__(self, tuned):
        self.g, self.d, self.tuned = Generator(), Discriminator(), tuned
        self.noise = numbers((IMAGES, 10), 2)
        self.real = numbers((2 * IMAGES, 784), 1)[:IMAGES]
        self.are_real = torch.cat([torch.ones(IMAGES, 1), torch.zeros(IMAGES, 1)])
        self.restart()

    def restart(self):
        adam = lambda model: torch.optim.Adam(fill(model).parameters(), lr=1e-3, fused=self.tuned)
        self.adam_g, self.adam_d = adam(self.g), adam(self.d)

    def run(self):
        fake = self.g(self.noise)
        self.adam_d.zero_grad()
        of_d = F.binary_cross_entropy_with_logits(self.d(torch.cat([self.real, fake.detach()])), self.are_real)
        of_d.backward()
        self.adam_d.step()
        self.adam_g.zero_grad()
        of_g = F.binary_cross_entropy_with_logits(self.d(fake), self.are_real[:IMAGES])
        of_g.backward()
        self.adam_g.step()
        return torch.stack([of_d, of_g]).detach()


class Audio:
    checked = 64

    def __init__(self):
        self.model, self.samples = fill(Amplifier()).eval(), numbers((1024, 1, 1, 1), 1)
        self.restart()

    def restart(self):
        self.h, self.c, self.next = torch.zeros(1, 1, 20), torch.zeros(1, 1, 20), 0

    def run(self):
        with torch.inference_mode():
            y, self.h, self.c = self.model(self.samples[self.next], self.h, self.c)
        self.next = (self.next + 1) % len(self.samples)
        return y


def channels_last(model, x):
    return model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)


def tags(y, target):
    return F.cross_entropy(y[0], target)


# What makes each workload; `tuned` is fused Adam and channels-last images.
WORK = {
    "w1a": lambda tuned: Inference(Controller(), numbers((1, 16), 1), tuned),
    "w1b": lambda tuned: Inference(Mlp(), numbers((1, 784), 1), tuned),
    "w2-inference-1": lambda tuned: Inference(MnistCnn(), numbers((1, 1, 28, 28), 1), tuned),
    "w2-inference-64": lambda tuned: Inference(MnistCnn(), numbers((64, 1, 28, 28), 1), tuned),
    "w2-training": lambda tuned, dropout=True: Training(
        MnistCnn(dropout), numbers((64, 1, 28, 28), 1), classes(64), F.nll_loss, tuned
    ),
    "w3-inference": lambda tuned: Inference(Tagger(), sentence(), tuned),
    "w3-training": lambda tuned: Training(Tagger(), sentence(), classes(30), tags, tuned),
    "w4-training": Gan,
    "w5": lambda tuned: Audio(),
    "w6-inference": lambda tuned: Inference(Transformer(), numbers((1, 64, 64), 1), tuned),
    "w6-training": lambda tuned: Training(
        Transformer(), numbers((1, 64, 64), 1), numbers((1, 64, 64), 2), F.mse_loss, tuned
    ),
    "w8": lambda tuned: Inference(ResNet8(), numbers((1, 3, 32, 32), 1), tuned),
}


def first(name):
    """What comes out of the first runs of a workload, without the dropout of W2."""
    return first_of(WORK[name](False, **({"dropout": False} if name == "w2-training" else {})))


def first_of(work):
    work.restart()
    return torch.cat([torch.as_tensor(work.run()).flatten() for _ in range(work.checked)])
