"""Whole models, some steps of training. Their weights come from a formula that both sides know, for a file of them would be large."""

import gzip
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional as F

MNIST = pathlib.Path(__file__).parent / "../../examples/data/mnist"


def lcg(count, seed):
    """Numbers in [−1, 1) of a linear congruential generator, each exact in float32."""
    numbers, state = numpy.empty(count, numpy.float64), seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        numbers[i] = (state >> 8) / 2**23 - 1
    return torch.from_numpy(numbers)


def images(count):
    """The first test images, a pixel / 256, with their labels."""

    def read(name, offset):
        with gzip.open(MNIST / name) as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)

    pixels = read("t10k-images-idx3-ubyte.gz", 16)[: count * 784].reshape(count, 1, 28, 28)
    labels = read("t10k-labels-idx1-ubyte.gz", 8)[:count]
    return torch.from_numpy(pixels / 256), torch.from_numpy(labels.astype(numpy.int64))


class MnistCnn(nn.Module):
    """The PyTorch MNIST example without its dropout, which is random."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return F.log_softmax(self.fc2(x), dim=1)


def mnist_cnn():
    """Three steps of Adam on 16 images: after each the loss, and of every tensor the norm and 16 numbers spread over it."""
    net, (x, y) = MnistCnn().double(), images(16)
    scales = {"conv1": 2**-2, "conv2": 2**-4, "fc1": 2**-6, "fc2": 2**-3}
    with torch.no_grad():
        for seed, (name, p) in enumerate(net.named_parameters()):
            p.copy_(lcg(p.numel(), seed).view_as(p) * scales[name.split(".")[0]])
    adam = torch.optim.Adam(net.parameters(), lr=1e-3)
    cases = []
    for _ in range(3):
        adam.zero_grad()
        loss = F.nll_loss(net(x), y)
        loss.backward()
        gradients = {name: p.grad.clone() for name, p in net.named_parameters()}
        adam.step()
        cases.append(
            {
                "loss": loss,
                "gradients": {name: sample(g) for name, g in gradients.items()},
                "gradient_norms": {name: [g.norm().item()] for name, g in gradients.items()},
                "parameters": {name: sample(p) for name, p in net.named_parameters()},
                "norms": {name: [p.norm().item()] for name, p in net.named_parameters()},
            }
        )
    return cases


def sample(tensor):
    """Sixteen numbers, or all: every ⌈len / 16⌉-th."""
    flat = tensor.detach().clone().flatten()
    return flat[:: -(-len(flat) // 16)]


FILES = {"mnist_cnn.json": mnist_cnn}
