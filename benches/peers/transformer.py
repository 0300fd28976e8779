"""Trains the network of examples/transformer.rs with PyTorch on the same text with the same settings, and prints its validation loss.

Usage: transformer.py TEXT [--steps 500] [--batch 16] [--lr 2e-3] [--seed 1] [--threads 2]
"""

import gzip
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

from settings import settings

CONTEXT, CHARACTERS, WIDTH, HEADS, HIDDEN = 64, 97, 96, 4, 384


def turns(steps, size):
    """The turn of each pair of a head at each position, as a complex number (Su et al. 2021)."""
    frequencies = 10000.0 ** (-torch.arange(0, size, 2) / size)
    angles = torch.arange(steps)[:, None] * frequencies
    return torch.polar(torch.ones_like(angles), angles)


class Layer(nn.TransformerEncoderLayer):
    """PyTorch's own, pre-norm and causal, with queries and keys turned by their positions."""

    def __init__(self):
        super().__init__(WIDTH, HEADS, HIDDEN, dropout=0.1, norm_first=True, batch_first=True)
        self.turns = turns(CONTEXT, WIDTH // HEADS)

    def turn(self, x):
        pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
        return torch.view_as_real(pairs * self.turns[: x.shape[2]]).flatten(-2)

    def _sa_block(self, x, *_, **__):
        attn = self.self_attn
        qkv = F.linear(x, attn.in_proj_weight, attn.in_proj_bias).chunk(3, -1)
        q, k, v = (z.unflatten(-1, (HEADS, -1)).transpose(1, 2) for z in qkv)
        dropout = 0.1 if self.training else 0.0
        y = F.scaled_dot_product_attention(self.turn(q), self.turn(k), v, dropout_p=dropout, is_causal=True)
        return self.dropout1(attn.out_proj(y.transpose(1, 2).flatten(-2)))


class Writer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(CHARACTERS, WIDTH)
        self.layer1, self.layer2, self.layer3 = Layer(), Layer(), Layer()
        self.norm = nn.LayerNorm(WIDTH)
        self.next = nn.Linear(WIDTH, CHARACTERS)

    def forward(self, x):
        x = self.embedding(x)
        for layer in (self.layer1, self.layer2, self.layer3):
            x = x + layer._sa_block(layer.norm1(x))
            x = x + layer._ff_block(layer.norm2(x))
        return self.next(self.norm(x))


def ids(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        text = file.read()
    number = {c: ord(c) - 31 for c in map(chr, range(32, 127))} | {"\n": 0}
    return torch.tensor([number.get(c, CHARACTERS - 1) for c in text])


def pieces(text, starts):
    x = torch.stack([text[at : at + CONTEXT] for at in starts])
    y = torch.stack([text[at + 1 : at + CONTEXT + 1] for at in starts])
    return x, y


def loss_of(net, x, y):
    return F.cross_entropy(net(x).flatten(0, 1), y.flatten())


def main():
    args = settings(__doc__, "text", steps=500, batch=16, lr=2e-3)

    text = ids(args.text)
    learned, held_back = text[: len(text) * 9 // 10], text[len(text) * 9 // 10 :]
    net, start = Writer(), time.perf_counter()
    adam = torch.optim.AdamW(net.parameters(), lr=args.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, args.steps)
    for step in range(args.steps):
        x, y = pieces(learned, torch.randint(len(learned) - CONTEXT, (args.batch,)).tolist())
        loss = loss_of(net, x, y)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        schedule.step()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}: {loss.item():.3f}", flush=True)
    seconds = time.perf_counter() - start

    net.eval()
    x, y = pieces(held_back, range(0, len(held_back) - CONTEXT, CONTEXT))
    with torch.no_grad():
        losses = [loss_of(net, x, y).item() * len(x) for x, y in zip(x.split(64), y.split(64))]
    loss = sum(losses) / len(x)
    print(f"validation loss: {loss:.3f} nats a character, as if chosen from {math.exp(loss):.1f}  ({args.steps} steps, {seconds:.1f} s)")


if __name__ == "__main__":
    main()
