"""Times training steps of the PyTorch MNIST example's network on real images, and prints the median in milliseconds.

Usage: mnist_step.py MNIST_FOLDER [--steps 100] [--batch 64] [--threads 2] [--tuned]

`--tuned` means fused Adam and channels-last images, the best that was found for PyTorch on a processor.
"""

import argparse
import gzip
import statistics
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout2d(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv2(F.relu(self.conv1(x))))
        x = torch.flatten(self.dropout1(F.max_pool2d(x, 2)), 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


def idx(path, offset):
    with gzip.open(path) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tuned", action="store_true")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    images = idx(f"{args.folder}/train-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(idx(f"{args.folder}/train-labels-idx1-ubyte.gz", 8).astype(numpy.int64))
    images = (torch.from_numpy(images.astype(numpy.float32)) / 255 - 0.1307) / 0.3081
    net = Net()
    if args.tuned:
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, fused=args.tuned)
    times = []
    for step in range(args.steps):
        at = step * args.batch % (len(images) - args.batch)
        start = time.perf_counter()
        adam.zero_grad()
        loss = F.nll_loss(net(images[at : at + args.batch]), labels[at : at + args.batch])
        loss.backward()
        adam.step()
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{statistics.median(times):.2f}  # loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
