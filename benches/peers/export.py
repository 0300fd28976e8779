"""Writes what the other peers read: the networks that run forward as ONNX.

Usage: export.py FOLDER
"""

import sys
import warnings
from pathlib import Path

import torch

from work import WORK

EXPORTED = ["w1a", "w1b", "w2-inference-1", "w2-inference-64", "w3-inference", "w5", "w6-inference", "w8"]


def main():
    # That there is another exporter, which takes another package.
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXPORTED:
        work = WORK[name](False)
        inputs = {"x": work.samples[0], "h": work.h, "c": work.c} if name == "w5" else {"x": work.x}
        torch.onnx.export(
            work.model, tuple(inputs.values()), folder / f"{name}.onnx", dynamo=False, opset_version=17,
            input_names=list(inputs), output_names=["y", "h2", "c2"][: len(inputs)],
        )


if __name__ == "__main__":
    main()
