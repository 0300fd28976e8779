"""Files of parameters as PyTorch writes them, with what their networks give."""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

HERE = pathlib.Path(__file__).parent / "files"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 3, 3)
        self.bn1 = nn.BatchNorm2d(3)
        self.fc1 = nn.Linear(3 * 2 * 2, 2, bias=False)

    def forward(self, x):
        return self.fc1(torch.relu(self.bn1(self.conv1(x))).flatten(1))


def networks():
    """A network after some batches in training, in each type that a file may have."""
    HERE.mkdir(exist_ok=True)
    cases = []
    for dtype in [torch.float32, torch.float64, torch.float16, torch.bfloat16]:
        torch.manual_seed(0)
        net = Net().to(dtype)
        for _ in range(3):
            net(torch.randn(8, 1, 4, 4).to(dtype) + 0.5)
        name = f"net_{str(dtype).removeprefix('torch.')}.safetensors"
        save_file(net.state_dict(), HERE / name, metadata={"format": "pt"})
        x = torch.randn(2, 1, 4, 4).to(dtype)
        net.to(torch.float64).eval()
        cases.append({"file": name, "x": x.to(torch.float64), "y": net(x.to(torch.float64))})
    # What torch.save writes is no safetensors file.
    torch.save({"weight": torch.zeros(1)}, HERE / "net.pt")
    return cases


FILES = {"files/networks.json": networks}
