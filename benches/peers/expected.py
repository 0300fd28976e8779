"""Writes `benches/work/expected.txt`: what comes out of the first runs of each workload, by PyTorch.

Usage: expected.py > ../work/expected.txt, with what `requirements.txt` names.
"""

import torch

from work import WORK, first

MOST = 512

print(f"# benches/peers/expected.py, torch {torch.__version__.split('+')[0]}")
for name in WORK:
    y = first(name)
    print(name, *(f"{number:.9g}" for number in y[:: -(-len(y) // MOST)].tolist()))
