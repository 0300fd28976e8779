"""The example `speech` in PyTorch: the same frames, network and settings, so that the closing lines compare.

Usage: speech.py FOLDER [--epochs 15] [--batch 32] [--lr 3e-3] [--seed 1] [--threads 2]

FOLDER is the folder `recordings` of the free spoken digit dataset, or holds all of it as `recordings.wav.gz` and `index.tsv`.
"""

import csv
import glob
import gzip
import os
import time
import wave

import numpy
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

from settings import settings

RATE, SIZE, BANDS, LONGEST = 8000, 256, 40, 150


def pcm(file):
    with wave.open(file, "rb") as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getsampwidth()) == (RATE, 1, 2)
        return numpy.frombuffer(wav.readframes(wav.getnframes()), numpy.int16).astype(numpy.float32) / 32768


def read(folder):
    """Samples, digit and whether it is held back, of each recording."""
    if not os.path.exists(f"{folder}/index.tsv"):
        for path in sorted(glob.glob(f"{folder}/*.wav")):
            digit, _, take = os.path.basename(path)[:-4].split("_")
            yield pcm(path), int(digit), int(take) < 5
        return
    with gzip.open(f"{folder}/recordings.wav.gz") as file:
        samples = pcm(file)
    with open(f"{folder}/index.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            start = int(row["start"])
            yield samples[start : start + int(row["samples"])], int(row["digit"]), int(row["take"]) < 5


def mel(hz):
    return 1127 * numpy.log(1 + hz / 700)


def filters():
    low, high = mel(60), mel(4000)
    width = (high - low) / (BANDS + 1)
    middles = low + width * numpy.arange(1, BANDS + 1)
    away = numpy.abs(mel(numpy.arange(SIZE // 2 + 1) * RATE / SIZE)[:, None] - middles)
    return numpy.maximum(1 - away / width, 0)


def frames(samples):
    samples = numpy.pad(samples, (0, max(SIZE - len(samples), 0)))
    windows = numpy.lib.stride_tricks.sliding_window_view(samples, SIZE)[:: SIZE // 2]
    spectrum = numpy.abs(numpy.fft.rfft(windows * numpy.hanning(SIZE + 1)[:-1])) ** 2
    x = numpy.log(spectrum @ filters() / SIZE**2 + 1e-9)
    loudness = x.max(1)
    heard = numpy.flatnonzero(loudness > loudness.max() - 9.2)
    x = x[heard[0] : heard[-1] + 1]
    return torch.from_numpy((x - x.mean()) / 3).float()[:LONGEST]


class Speech(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(BANDS, 64, 3, padding=1)
        self.conv2 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
        self.gru = nn.GRU(64, 64, batch_first=True)
        self.fc = nn.Linear(64, 10)

    def forward(self, sequences):
        # Beyond the end of a sequence there are zeros, as if it stood alone.
        lengths = torch.tensor([len(x) for x in sequences])
        x = nn.utils.rnn.pad_sequence(sequences, batch_first=True).transpose(1, 2)
        within = torch.arange(x.shape[2]) < lengths[:, None]
        x = F.relu(self.conv1(x)) * within[:, None]
        x = F.relu(self.conv2(x)).transpose(1, 2)
        x = F.dropout(x, 0.2, self.training)
        packed = pack_padded_sequence(x, (lengths + 1) // 2, batch_first=True, enforce_sorted=False)
        h = self.gru(packed)[1][0]
        return self.fc(F.dropout(h, 0.4, self.training))


def main():
    args = settings(__doc__, "folder", epochs=15, batch=32, lr=3e-3)

    start = time.perf_counter()
    samples = [(frames(x), digit, test) for x, digit, test in read(args.folder)]
    train = [sample for sample in samples if not sample[2]]
    test = [sample for sample in samples if sample[2]]
    net = Speech()
    adam = torch.optim.AdamW(net.parameters(), lr=args.lr)
    steps = args.epochs * -(-len(train) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, args.lr, steps, cycle_momentum=False)
    digits = torch.tensor([digit for _, digit, _ in test])
    for epoch in range(1, args.epochs + 1):
        net.train()
        for order in torch.randperm(len(train)).split(args.batch):
            batch = [train[i] for i in order]
            loss = F.cross_entropy(net([x for x, _, _ in batch]), torch.tensor([digit for _, digit, _ in batch]))
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            adam.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            accuracy = 100 * (net([x for x, _, _ in test]).argmax(1) == digits).float().mean().item()
        print(f"epoch {epoch}/{args.epochs}  loss {loss.item():.4f}  test accuracy {accuracy:.2f} %", flush=True)
    seconds = time.perf_counter() - start
    print(f"test accuracy: {accuracy:.2f} %  ({args.epochs} epochs, {seconds:.1f} s)")


if __name__ == "__main__":
    main()
