"""Writes the vectors beside this file: what PyTorch computes, for the tests in ../truth.

    pip install -r requirements.txt
    python generate.py            # all files
    python generate.py losses     # those of losses.py

Each subject has a file of its own with a dictionary FILES: from the name of a vector file to a function that gives
its cases. A case is a dictionary of names, numbers, lists and tensors. Every function begins with the same seed, so
that a change to one leaves the other files as they are.

Inputs are float32; PyTorch computes in float64 where a case says nothing else, so that a difference is ours alone.
"""

import importlib
import json
import pathlib
import sys

import numpy
import torch

SUBJECTS = ["models", "gan", "silero", "layers", "recurrent", "attention", "networks", "losses", "optimizers", "schedules", "initialisers", "files", "compress", "qat"]
HERE = pathlib.Path(__file__).parent


def main():
    for subject in sys.argv[1:] or SUBJECTS:
        for name, cases in importlib.import_module(subject).FILES.items():
            torch.manual_seed(0)
            write(HERE / name, cases())


def write(path, cases):
    """One case a line, so that a difference shows which case changed."""
    lines = ",\n".join(json.dumps(plain(case), allow_nan=False) for case in cases)
    by = f"generate.py, torch {torch.__version__.split('+')[0]}, seed 0"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'{{"generated_by": "{by}",\n"cases": [\n{lines}\n]}}\n')
    print(f"{path.relative_to(HERE)}: {len(cases)} cases, {path.stat().st_size // 1000} KB")


def plain(value):
    """Numbers as the shortest decimals that give the same float32."""
    match value:
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case torch.Tensor():
            return plain(value.detach().tolist())
        case float() if not numpy.isfinite(value):
            return str(value)  # JSON has no number for it
        case float():
            return float(str(numpy.float32(value)))
        case _:
            return value


if __name__ == "__main__":
    main()
