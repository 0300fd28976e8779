"""The networks of `benches/work/networks.rs`, for PyTorch."""

import torch
from torch import nn
from torch.nn import functional as F


class Controller(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(16, 32), nn.Linear(32, 32), nn.Linear(32, 4)

    def forward(self, x):
        return self.fc3(torch.tanh(self.fc2(torch.tanh(self.fc1(x)))))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 128), nn.Linear(128, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class MnistCnn(nn.Module):
    def __init__(self, dropout=True):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.dropout1, self.dropout2 = nn.Dropout2d(0.25 * dropout), nn.Dropout(0.5 * dropout)
        self.fc1, self.fc2 = nn.Linear(9216, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = F.relu(self.fc1(torch.flatten(self.dropout1(x), 1)))
        return F.log_softmax(self.fc2(self.dropout2(x)), dim=1)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(5000, 64), nn.LSTM(64, 128, batch_first=True)
        self.hidden2tag = nn.Linear(128, 17)

    def forward(self, words):
        return self.hidden2tag(self.lstm(self.embedding(words))[0])


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(10, 256), nn.Linear(256, 784)

    def forward(self, x):
        return torch.tanh(self.fc2(F.leaky_relu(self.fc1(x), 0.2)))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 256), nn.Linear(256, 1)

    def forward(self, x):
        return self.fc2(F.leaky_relu(self.fc1(x), 0.2))


class Amplifier(nn.Module):
    """One sample of audio and the state before it, to the output and the state behind it."""

    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(1, 20, batch_first=True), nn.Linear(20, 1)

    def forward(self, x, h, c):
        y, (h, c) = self.lstm(x, (h, c))
        return self.out(y), h, c


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(
            64, 4, 256, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )

    def forward(self, x):
        return self.layer(x)


class Block(nn.Module):
    """Two convolutions and what goes around them; `stride` 2 halves the side."""

    def __init__(self, ins, outs, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(ins, outs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outs)
        self.conv2, self.bn2 = nn.Conv2d(outs, outs, 3, padding=1, bias=False), nn.BatchNorm2d(outs)
        if stride > 1:
            self.shortcut, self.bn3 = nn.Conv2d(ins, outs, 1, stride, bias=False), nn.BatchNorm2d(outs)
        self.stride = stride

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.bn3(self.shortcut(x)) if self.stride > 1 else x))


class ResNet8(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)
        self.block, self.down1, self.down2 = Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.down2(self.down1(self.block(F.relu(self.bn(self.conv(x))))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))
