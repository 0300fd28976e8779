"""The example `resnet` in PyTorch: the same network, settings and shifted images, so that the closing lines compare.

Usage: resnet.py MNIST_FOLDER [--epochs 6] [--batch 64] [--lr 0.01] [--shift 2] [--samples 60000] [--seed 1] [--threads 2]
"""

import time

import torch
from torch import nn
from torch.nn import functional as F

from mnist import read
from settings import settings


def conv(inputs, outputs, kernel, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = conv(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride > 1:
            self.shortcut = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.shortcut(x) + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


def resnet():
    return nn.Sequential(
        conv(1, 24, 3), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
        Block(24, 24, 1), Block(24, 24, 1), Block(24, 48, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10),
    )


def shifted(images, shift):
    """Each image moved by its own draw; from outside comes paper."""
    padded = F.pad(images[:, 0], [shift] * 4)
    starts = torch.randint(2 * shift + 1, (2, len(images), 1))
    down, right = starts + torch.arange(28)
    return padded[torch.arange(len(images))[:, None, None], down[:, :, None], right[:, None, :]][:, None]


def main():
    args = settings(__doc__, "folder", epochs=6, batch=64, lr=0.01, shift=2, samples=60_000)

    (images, labels), (test, answers) = read(args.folder, "train"), read(args.folder, "t10k")
    images, labels = images[: args.samples], labels[: args.samples]
    net, start = resnet(), time.perf_counter()
    adam = torch.optim.AdamW(net.parameters(), lr=args.lr)
    steps = args.epochs * -(-len(images) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, args.lr, steps, cycle_momentum=False)
    for epoch in range(1, args.epochs + 1):
        net.train()
        for batch in torch.randperm(len(images)).split(args.batch):
            x = (shifted(images[batch], args.shift) - 0.1307) / 0.3081
            loss = F.cross_entropy(net(x), labels[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            said = torch.cat([net((x - 0.1307) / 0.3081).argmax(1) for x in test.split(500)])
        accuracy = 100 * (said == answers).float().mean().item()
        print(f"epoch {epoch}/{args.epochs}  loss {loss.item():.4f}  test accuracy {accuracy:.2f} %", flush=True)
    seconds = time.perf_counter() - start
    print(f"test accuracy: {accuracy:.2f} %  ({args.epochs} epochs, {seconds:.1f} s)")


if __name__ == "__main__":
    main()
