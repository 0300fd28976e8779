"""The example `tagger` in PyTorch: the same networks, words, settings and batches of whole sentences, so that the closing lines compare.

Usage: tagger.py TRAIN TEST [--model lstm] [--epochs 5] [--batch 32] [--lr 0.002] [--seed 1] [--threads 2]

TRAIN and TEST have a word and its tag on each line, a tab between, and an empty line after each sentence; gzip too.
"""

import collections
import gzip
import math
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from settings import settings

WORDS, LONGEST, AFFIXES = 10_240, 160, 4096
TAGS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X".split()


class Recurrent(nn.Module):
    def __init__(self, model):
        super().__init__()
        both, self.spelt = model != "lstm", model == "characters"
        self.word = nn.Embedding(WORDS, 64)
        if self.spelt:
            self.affixes = nn.ModuleList([nn.Embedding(AFFIXES, size) for size in (32, 16, 16)])
        self.dropout = nn.Dropout(0.3 if self.spelt else 0.0)
        self.lstm = nn.LSTM(64 + 68 * self.spelt, 128, batch_first=True, bidirectional=both)
        self.hidden2tag = nn.Linear(128 * (1 + both), len(TAGS))

    def forward(self, words, affixes, looks, lengths):
        x = self.word(words)
        if self.spelt:
            x = torch.cat([x, *(embed(ids) for embed, ids in zip(self.affixes, affixes)), looks], 2)
        packed = pack_padded_sequence(self.dropout(x), lengths, batch_first=True, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return F.log_softmax(self.hidden2tag(self.dropout(y)), 2)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 128)
        layer = lambda: nn.TransformerEncoderLayer(128, 4, 256, batch_first=True, norm_first=True)
        self.layers = nn.ModuleList([layer(), layer()])
        self.norm, self.hidden2tag = nn.LayerNorm(128), nn.Linear(128, len(TAGS))
        positions = torch.arange(LONGEST)[:, None] * torch.exp(torch.arange(0, 128, 2) * (-math.log(10000.0) / 128))
        self.register_buffer("positions", torch.stack([positions.sin(), positions.cos()], 2).flatten(1))

    def forward(self, words, affixes, looks, lengths):
        x = self.embedding(words) + self.positions[: words.shape[1]]
        padding = torch.arange(words.shape[1])[None] >= lengths[:, None]
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        return F.log_softmax(self.hidden2tag(self.norm(x)), 2)


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        blocks = file.read().strip("\n").split("\n\n")
    return [[line.split("\t") for line in block.split("\n")] for block in blocks]


def affix(word, first, count):
    letters = word.lower()
    hash = 0x811C9DC5
    for byte in (letters[:count] if first else letters[-count:]).encode():
        hash = (hash ^ byte) * 0x01000193 % 2**32
    return hash % AFFIXES


def looks(word):
    capital = word[0].isupper()
    every = capital and len(word) > 1 and not any(c.islower() for c in word)
    return [capital, every, any(c in "0123456789" for c in word), "-" in word]


def sample(sentence, ids):
    words = [word for word, _ in sentence[:LONGEST]]
    affixes = [[affix(word, first, count) for word in words] for first, count in ((False, 3), (False, 2), (True, 3))]
    return (
        torch.tensor([ids.get(word, 0) for word in words]),
        torch.tensor(affixes).T,
        torch.tensor([looks(word) for word in words], dtype=torch.float32),
        torch.tensor([TAGS.index(tag) for _, tag in sentence[:LONGEST]]),
    )


def batch(samples):
    words, affixes, marks, tags = zip(*samples)
    lengths = torch.tensor([len(words) for words in words])
    pad = lambda parts, value=0: pad_sequence(parts, batch_first=True, padding_value=value)
    return (pad(words), pad(affixes).unbind(2), pad(marks), lengths), pad(tags, -100)


def main():
    models = ["lstm", "bidirectional", "characters", "transformer"]
    args = settings(__doc__, "train", "test", model=models, epochs=5, batch=32, lr=2e-3)

    start = time.perf_counter()
    train, test = read(args.train), read(args.test)
    counts = collections.Counter(word for sentence in train for word, _ in sentence)
    known = sorted((word for word in counts if counts[word] > 1), key=lambda word: (-counts[word], word.encode()))
    ids = {word: i + 1 for i, word in enumerate(known[: WORDS - 1])}
    train, test = ([sample(sentence, ids) for sentence in sentences] for sentences in (train, test))
    net = Encoder() if args.model == "transformer" else Recurrent(args.model)
    adam = torch.optim.Adam(net.parameters(), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        net.train()
        for chosen in torch.randperm(len(train)).split(args.batch):
            inputs, tags = batch([train[i] for i in chosen])
            loss = F.nll_loss(net(*inputs).flatten(0, 1), tags.flatten())
            adam.zero_grad()
            loss.backward()
            adam.step()
        net.eval()
        right = total = 0
        with torch.no_grad():
            for i in range(0, len(test), 64):
                inputs, tags = batch(test[i : i + 64])
                said = net(*inputs).argmax(2)
                right, total = right + (said == tags).sum().item(), total + (tags >= 0).sum().item()
        accuracy = 100 * right / total
        print(f"epoch {epoch}/{args.epochs}  loss {loss.item():.4f}  test accuracy {accuracy:.2f} %", flush=True)
    print(f"test accuracy: {accuracy:.2f} %  ({args.epochs} epochs, {time.perf_counter() - start:.1f} s)")


if __name__ == "__main__":
    main()
