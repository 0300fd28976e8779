"""Times training steps of the PyTorch MNIST example's network on real images, and prints the median in milliseconds.

Usage: mnist_step.py MNIST_FOLDER [--steps 100] [--batch 64] [--threads 2] [--tuned]

`--tuned` means fused Adam and channels-last images, the best that was found for PyTorch on a processor.
"""

import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

from mnist import read
from settings import settings


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


def main():
    args = settings(__doc__, "folder", steps=100, batch=64, tuned=False)
    images, labels = read(args.folder, "train")
    images = (images - 0.1307) / 0.3081
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
