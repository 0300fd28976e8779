"""Silero's voice activity detector with the weights of its safetensors file, over a few seconds of speech.

The weights and the recordings are data beside the project, `$FIRMNET_DATA` or `../shared/data`; without them the vector stays as it is.
"""

import os
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional as F

PROJECT = pathlib.Path(__file__).parent / "../.."
DATA = pathlib.Path(os.environ.get("FIRMNET_DATA", PROJECT / "../shared/data"))


class Silero(nn.Module):
    def __init__(self):
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 258, 256, stride=128, bias=False)
        self.conv1 = nn.Conv1d(129, 128, 3, padding=1)
        self.conv2 = nn.Conv1d(128, 64, 3, stride=2, padding=1)
        self.conv3 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
        self.conv4 = nn.Conv1d(64, 128, 3, padding=1)
        self.lstm_cell = nn.LSTMCell(128, 128)
        self.final_conv = nn.Conv1d(128, 1, 1)

    def forward(self, x, state):
        spectrum = self.stft_conv(F.pad(x, (0, 64), mode="reflect"))
        y = (spectrum[:, :129] ** 2 + spectrum[:, 129:] ** 2).sqrt()
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            y = F.relu(conv(y))
        h, c = self.lstm_cell(y[..., 0], state)
        return torch.sigmoid(self.final_conv(F.relu(h)[..., None])).mean(), (h, c)


def samples(name):
    pcm = numpy.frombuffer((DATA / "speech" / f"{name}.wav").read_bytes()[44:], numpy.int16)
    return torch.from_numpy(pcm / 32768)


@torch.no_grad()
def silero():
    from safetensors.torch import load_file

    net = Silero().double()
    net.load_state_dict(load_file(DATA / "silero-vad/silero_vad_16k.safetensors"))
    audio = torch.cat([torch.zeros(64)] + [samples(name) for name in ("yes", "no", "silence", "noise")])
    state, probabilities = (torch.zeros(1, 128, dtype=torch.float64),) * 2, []
    for end in range(576, len(audio) + 1, 512):
        probability, state = net(audio[None, None, end - 576 : end].double(), state)
        probabilities.append(probability)
    return [{"probability": torch.stack(probabilities), "state": torch.cat(state)}]


FILES = {"silero.json": silero} if (DATA / "silero-vad").exists() else {}
