"""The example `gan` in PyTorch: the same networks, losses, settings and judge, so that the closing lines compare.

Usage: gan.py MNIST_FOLDER JUDGE [--conv] [--loss non-saturating] [--epochs 20] [--lr 2e-4] [--pace 1]
              [--average 0] [--batch 64] [--samples 60000] [--threads 2]

With --conv, as in the example, --epochs, --lr, --pace and --average are 8, 1e-3, 0.3 and 0.999, and the learning rate falls to 0.

JUDGE is the classifier that the example `mnist` saves (target/mnist/mnist.safetensors) or the example `gan` trains for itself.
Needs `safetensors` beside `requirements.txt`.
"""

import copy
import math
import time

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from mnist import read
from settings import settings


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        return F.softmax(self.fc2(F.relu(self.fc1(torch.flatten(x, 1)))), dim=1)


def mlp():
    g = nn.Sequential(nn.Linear(10, 256), nn.LeakyReLU(0.2), nn.Linear(256, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    d = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))
    return 10, g, d


def conv():
    g = nn.Sequential(
        nn.Linear(32, 3136, bias=False), nn.Unflatten(1, (64, 7, 7)), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1), nn.Tanh(),
    )
    d = nn.Sequential(
        nn.Conv2d(1, 32, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, stride=2, padding=1), nn.LeakyReLU(0.2),
        nn.Flatten(), nn.Linear(3136, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1),
    )
    return 32, g, d


def discriminator_loss(loss, d, real, fake):
    y_real, y_fake = d(real), d(fake)
    if loss == "wasserstein-gp":
        share = torch.rand(len(real), 1, 1, 1)
        between = (real + share * (fake - real)).requires_grad_()
        (slope,) = torch.autograd.grad(d(between).sum(), between, create_graph=True)
        penalty = 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        return y_fake.mean() - y_real.mean() + penalty
    ones = torch.full_like(y_real, 0.9 if loss == "smooth" else 1)
    bce = F.binary_cross_entropy_with_logits
    return bce(y_real, ones) + bce(y_fake, torch.zeros_like(y_fake))


def generator_loss(loss, y):
    if loss == "wasserstein-gp":
        return -y.mean()
    bce = F.binary_cross_entropy_with_logits
    return -bce(y, torch.zeros_like(y)) if loss == "saturating" else bce(y, torch.ones_like(y))


def main():
    losses = ["non-saturating", "saturating", "smooth", "wasserstein-gp"]
    # `average` is how much of the averaged generator stays in each step. What is not given is as in the example.
    args = settings(
        __doc__, "folder", "judge", conv=False, loss=losses, epochs=0, lr=0.0, pace=0.0, average=-1.0, batch=64,
        samples=60_000,
    )
    epochs, lr, pace, average = (8, 1e-3, 0.3, 0.999) if args.conv else (20, 2e-4, 1.0, 0.0)
    args.epochs, args.lr, args.pace = args.epochs or epochs, args.lr or lr, args.pace or pace
    args.average = args.average if args.average >= 0 else average
    images = 2 * read(args.folder, "train")[0][: args.samples] - 1
    judge = Classifier()
    judge.load_state_dict(load_file(args.judge))
    size, g, d = conv() if args.conv else mlp()
    adam_g, adam_d = (
        torch.optim.Adam(net.parameters(), lr=lr, betas=(0.5, 0.999))
        for net, lr in ((g, args.lr), (d, args.pace * args.lr))
    )
    steps_of_epoch = len(images) // args.batch
    fall = lambda step: (1 + math.cos(math.pi * step / (args.epochs * steps_of_epoch))) / 2 if args.conv else 1.0
    schedules = [torch.optim.lr_scheduler.LambdaLR(adam, fall) for adam in (adam_g, adam_d)]
    average = copy.deepcopy(g).eval()
    every = 5 if args.loss == "wasserstein-gp" else 1

    def verdict(count):
        with torch.no_grad():
            x = average(torch.randn(count, size))
            return judge(((x + 1) / 2 - 0.1307) / 0.3081).max(dim=1)

    start = time.perf_counter()
    for epoch in range(1, args.epochs + 1):
        sums, steps = [0.0, 0.0], [0, 0]
        order = torch.randperm(len(images))
        for step in range(steps_of_epoch):
            real = images[order[step * args.batch : (step + 1) * args.batch]]
            with torch.no_grad():
                fake = g(torch.randn(args.batch, size))
            loss = discriminator_loss(args.loss, d, real, fake)
            adam_d.zero_grad()
            loss.backward()
            adam_d.step()
            sums[0], steps[0] = sums[0] + loss.item(), steps[0] + 1
            if (step + 1) % every == 0:
                loss = generator_loss(args.loss, d(g(torch.randn(args.batch, size))))
                adam_g.zero_grad()
                loss.backward()
                adam_g.step()
                for a, p in zip(average.state_dict().values(), g.state_dict().values()):
                    a.lerp_(p, 1 - args.average) if a.is_floating_point() else a.copy_(p)
                sums[1], steps[1] = sums[1] + loss.item(), steps[1] + 1
            for schedule in schedules:
                schedule.step()
        losses = [total / max(count, 1) for total, count in zip(sums, steps)]
        confidence = 100 * verdict(1000).values.mean().item()
        print(
            f"epoch {epoch}/{args.epochs}  loss of discriminator {losses[0]:.4f}, generator {losses[1]:.4f}   "
            f"confidence {confidence:.1f} %   {time.perf_counter() - start:.1f} s",
            flush=True,
        )
    seconds = time.perf_counter() - start
    said = verdict(5000)
    sure = 100 * (said.values >= 0.9).float().mean().item()
    counts = said.indices.bincount(minlength=10).tolist()
    print(
        f"mean confidence: {100 * said.values.mean().item():.1f} %, at least 90 % sure of {sure:.1f} % of 5000 samples; "
        f"digits 0 to 9: {counts}  ({args.epochs} epochs, {seconds:.1f} s)"
    )


if __name__ == "__main__":
    main()
