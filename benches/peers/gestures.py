"""The example `gestures` in PyTorch: the same networks, settings and pieces, so that the closing lines compare.

Usage: gestures.py FOLDER [--epochs 20] [--batch 32] [--lr 3e-3] [--seed 1] [--threads 2]

FOLDER holds `samples.csv.gz` and `series.tsv`, as `examples/data/gestures.py` writes them.
"""

import csv
import gzip
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from settings import settings

WINDOW, PASSAGE, GESTURES = 100, 300, 7


def cnn():
    return nn.Sequential(
        nn.Conv1d(6, 32, 9, padding=4, bias=False), nn.BatchNorm1d(32), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(32, 64, 5, padding=2, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(64, 64, 5, padding=2, bias=False), nn.BatchNorm1d(64), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, GESTURES),
    )


class Listener(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(6, 64, num_layers=2, dropout=0.3, batch_first=True)
        self.fc = nn.Linear(64, GESTURES)

    def forward(self, x):
        return self.fc(self.gru(x)[0])


def read(folder):
    """Series of samples, each with its gesture, of those to learn from and of those held back."""
    with open(f"{folder}/series.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    with gzip.open(f"{folder}/samples.csv.gz", "rt") as file:
        table = numpy.loadtxt(file, numpy.float32, delimiter=",", skiprows=1)
    scaled = torch.from_numpy(table[:, 1:]) * torch.tensor([1, 1, 1, 0.5, 0.5, 0.5])
    series = [(scaled[table[:, 0] == i], int(row["label"])) for i, row in enumerate(rows)]
    held_back = [int(row["subject"]) > 7 for row in rows]
    return [s for s, held in zip(series, held_back) if not held], [s for s, held in zip(series, held_back) if held]


def windows(series, length):
    pieces = [(x.unfold(0, length, length // 2).transpose(1, 2), y) for x, y in series]
    return torch.cat([x for x, _ in pieces]), torch.cat([torch.full((len(x),), y) for x, y in pieces])


def rotation(most):
    a, b, c = (torch.rand(3) * 2 - 1) * most
    x = torch.tensor([[1, 0, 0], [0, a.cos(), -a.sin()], [0, a.sin(), a.cos()]])
    y = torch.tensor([[b.cos(), 0, b.sin()], [0, 1, 0], [-b.sin(), 0, b.cos()]])
    z = torch.tensor([[c.cos(), -c.sin(), 0], [c.sin(), c.cos(), 0], [0, 0, 1]])
    return z @ y @ x


def drawn(series, length):
    """Pieces from anywhere, in any order, each as from a watch that is worn a little differently."""
    xs, ys = [], []
    for x, y in series:
        last = len(x) - length
        for at in torch.randint(last + 1, (last // (length // 2) + 1,)).tolist():
            turned = x[at : at + length].unflatten(1, (2, 3)) @ rotation(0.2).T
            xs.append(turned.flatten(1))
            ys.append(y)
    order = torch.randperm(len(xs))
    return torch.stack(xs)[order], torch.tensor(ys)[order]


def train(net, loss_of, series, length, args):
    adam = torch.optim.AdamW(net.parameters(), lr=args.lr)
    steps = args.epochs * -(-len(windows(series, length)[0]) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, args.lr, steps, cycle_momentum=False)
    net.train()
    for epoch in range(1, args.epochs + 1):
        xs, ys = drawn(series, length)
        for x, y in zip(xs.split(args.batch), ys.split(args.batch)):
            loss = loss_of(net, x, y)
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            adam.step()
            schedule.step()
        print(f"epoch {epoch}/{args.epochs}  loss {loss.item():.4f}", flush=True)
    net.eval()


def main():
    args = settings(__doc__, "folder", epochs=20, batch=32, lr=3e-3)

    start = time.perf_counter()
    learned, held_back = read(args.folder)
    by_window = cnn()
    train(by_window, lambda net, x, y: F.cross_entropy(net(x.transpose(1, 2)), y), learned, WINDOW, args)
    by_sample = Listener()

    def at_each_sample(net, x, y):
        return F.cross_entropy(net(x).flatten(0, 1), y.repeat_interleave(PASSAGE))

    train(by_sample, at_each_sample, learned, PASSAGE, args)
    with torch.no_grad():
        x, y = windows(held_back, WINDOW)
        of_windows = (by_window(x.transpose(1, 2)).argmax(1) == y).float().mean().item()
        right = [by_sample(x[None])[0, WINDOW - 1 :: WINDOW // 2].argmax(1) == y for x, y in held_back]
        of_samples = torch.cat(right).float().mean().item()
    seconds = time.perf_counter() - start
    print(
        f"accuracy on people never seen: {100 * of_windows:.1f} % of windows with the CNN, {100 * of_samples:.1f} % "
        f"at the same times with the GRU  ({args.epochs} epochs, {seconds:.1f} s)"
    )


if __name__ == "__main__":
    main()
