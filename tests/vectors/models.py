"""Whole models, some steps of training. Their weights come from a formula that both sides know, for a file of them would be large."""

import gzip
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from attention import pad, padding

MNIST = pathlib.Path(__file__).parent / "../../examples/data/mnist"


def lcg(count, seed):
    """Numbers in [−1, 1) of a linear congruential generator, each exact in float32."""
    numbers, state = numpy.empty(count, numpy.float64), seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        numbers[i] = (state >> 8) / 2**23 - 1
    return torch.from_numpy(numbers)


def images(first, count):
    """Test images from `first` on, a pixel / 256, with their labels."""

    def read(name, offset):
        with gzip.open(MNIST / name) as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)

    pixels = read("t10k-images-idx3-ubyte.gz", 16)[first * 784 :][: count * 784].reshape(count, 1, 28, 28)
    labels = read("t10k-labels-idx1-ubyte.gz", 8)[first:][:count]
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
    """Three steps of Adam on 16 images, of which no pooling window has two numbers that are all but equal: rounding would decide which of them gets
    the gradient."""
    net, (x, y) = MnistCnn().double(), images(432, 16)
    scales = {"conv1": 2**-2, "conv2": 2**-4, "fc1": 2**-6, "fc2": 2**-3}
    with torch.no_grad():
        for seed, (name, p) in enumerate(net.named_parameters()):
            p.copy_(lcg(p.numel(), seed).view_as(p) * scales[name.split(".")[0]])
    return steps(net, torch.optim.Adam(net.parameters(), lr=1e-3), lambda: F.nll_loss(net(x), y))


def steps(net, optimizer, loss_of):
    """Three steps of training: after each the loss, and of every tensor the norm and 16 numbers spread over it."""
    cases = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        gradients = {name: p.grad.clone() for name, p in net.named_parameters()}
        optimizer.step()
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


class Classifier(nn.Module):
    """What a sentence is about: an embedding, positions, an encoder with a norm behind and one with a norm in front, and the mean."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 16)
        self.positions = nn.Embedding(9, 16)
        self.layer1 = layer(2, 24, "relu", False)
        self.layer2 = layer(4, 20, "gelu", True)
        self.norm = nn.LayerNorm(16)
        self.fc = nn.Linear(16, 5)

    def forward(self, words, lengths):
        hidden = padding(lengths)
        x = self.embedding(words) + self.positions.weight[: words.shape[1]]
        for layer in (self.layer1, self.layer2):
            x = layer(x, src_key_padding_mask=hidden)
        x = self.norm(x).masked_fill(hidden[..., None], 0.0)
        return self.fc(x.sum(1) / torch.tensor(lengths)[:, None])


def layer(heads, hidden, activation, norm_first):
    return nn.TransformerEncoderLayer(
        16, heads, hidden, dropout=0.0, activation=activation, norm_first=norm_first, batch_first=True
    )


def classifier():
    """Three steps of AdamW on six sentences of 1 to 9 words."""
    net, lengths = Classifier().double(), [9, 1, 4, 9, 2, 7]
    words = ((lcg(sum(lengths), 100) + 1) * 10).long()
    classes = torch.arange(6) % 5
    with torch.no_grad():
        for seed, (name, p) in enumerate(net.named_parameters()):
            p.copy_(lcg(p.numel(), seed).view_as(p) / 4 + ("norm" in name and "weight" in name))
    # A key's bias changes no weight of the attention, and has a gradient of rounding alone: this eps keeps it where it is.
    adamw = torch.optim.AdamW(net.parameters(), lr=1e-3, eps=1e-4)
    words = pad(words, lengths)
    return steps(net, adamw, lambda: F.cross_entropy(net(words, lengths), classes))


class Tagger(nn.Module):
    """A tag for each word: the LSTM tagger of PyTorch's tutorials."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 12)
        self.lstm = nn.LSTM(12, 10, batch_first=True)
        self.hidden2tag = nn.Linear(10, 5)

    def forward(self, words):
        return F.log_softmax(self.hidden2tag(self.lstm(self.embedding(words))[0]), dim=-1)


def tagger():
    """Three steps of SGD on six sentences of 1 to 9 words."""
    net, lengths = Tagger().double(), [9, 1, 4, 9, 2, 7]
    words = ((lcg(sum(lengths), 100) + 1) * 10).long()
    tags = torch.arange(sum(lengths)) % 5
    with torch.no_grad():
        for seed, (name, p) in enumerate(net.named_parameters()):
            p.copy_(lcg(p.numel(), seed).view_as(p) / 2)
    sgd = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    # Each sentence is a batch of its own, so that none can see another; the loss is the mean over all words.
    scores = lambda: torch.cat([net(sentence[None])[0] for sentence in words.split(lengths)])
    return steps(net, sgd, lambda: F.nll_loss(scores(), tags))


class Tied(nn.Module):
    """The next word: what the output is compared with are the rows of the embedding."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 12)
        self.lstm = nn.LSTM(12, 12, batch_first=True)

    def forward(self, words):
        return F.linear(self.lstm(self.embedding(words))[0], self.embedding.weight)


def tied():
    """Three steps of SGD on six sentences of 1 to 9 words."""
    net, lengths = Tied().double(), [9, 1, 4, 9, 2, 7]
    words = ((lcg(sum(lengths), 100) + 1) * 10).long()
    following = (7 * torch.arange(sum(lengths))) % 20
    with torch.no_grad():
        for seed, (name, p) in enumerate(net.named_parameters()):
            p.copy_(lcg(p.numel(), seed).view_as(p) / 2)
    sgd = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    scores = lambda: torch.cat([net(sentence[None])[0] for sentence in words.split(lengths)])
    return steps(net, sgd, lambda: F.cross_entropy(scores(), following))


class Advert(nn.Module):
    """What is offered, and for how much: from a picture, some words and three numbers."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, stride=2)
        self.embedding = nn.Embedding(20, 6)
        self.gru = nn.GRU(6, 7, batch_first=True)
        self.about = nn.Linear(3, 5)
        self.both = nn.Linear(36 + 7 + 5, 12)
        self.kind = nn.Linear(12, 3)
        self.price = nn.Linear(12, 1)

    def forward(self, picture, words, numbers):
        seen = F.relu(self.conv(picture)).flatten(1)
        read = torch.cat([self.gru(self.embedding(each[None]))[1][0] for each in words])
        h = torch.tanh(self.both(torch.cat([seen, read, F.relu(self.about(numbers))], 1)))
        return self.kind(h), self.price(h)


def advert():
    """Three steps of SGD on six samples with texts of 1 to 9 words; each answer has a loss of its own weight."""
    net, lengths = Advert().double(), [9, 1, 4, 9, 2, 7]
    words = ((lcg(sum(lengths), 100) + 1) * 10).long().split(lengths)
    pictures, numbers = lcg(6 * 49, 101).view(6, 1, 7, 7), lcg(18, 102).view(6, 3)
    kinds, prices = torch.arange(6) % 3, lcg(6, 103).view(6, 1)
    with torch.no_grad():
        for seed, (name, p) in enumerate(net.named_parameters()):
            p.copy_(lcg(p.numel(), seed).view_as(p) / 2)
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)

    def loss():
        kind, price = net(pictures, words, numbers)
        return 0.75 * F.cross_entropy(kind, kinds) + 2 * F.mse_loss(price, prices)

    return steps(net, sgd, loss)


FILES = {
    "mnist_cnn.json": mnist_cnn,
    "classifier.json": classifier,
    "tagger.json": tagger,
    "tied.json": tied,
    "advert.json": advert,
}
