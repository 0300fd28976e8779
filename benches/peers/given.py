"""Parameters, inputs and targets of the workloads: the same numbers as those of `benches/work/given.rs`."""

import numpy as np
import torch


def numbers(shape, seed):
    """Numbers in -1 .. 1 that look random and are the same in any language."""
    length = int(np.prod(shape))
    with np.errstate(over="ignore"):
        powers = np.cumprod(np.full(length, 1_664_525, np.uint32), dtype=np.uint32)
        sums = np.cumsum(np.concatenate([np.ones(1, np.uint32), powers[:-1]]), dtype=np.uint32)
        first = np.uint32((seed * 2_654_435_761 + 1) % 2**32)
        state = powers * first + sums * np.uint32(1_013_904_223)
    return torch.from_numpy((state >> 8).astype(np.float32) / 8_388_608 - 1).reshape(shape)


def fill(model):
    """Fills each tensor with numbers that follow from its name."""
    for name, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            continue
        middle, width = 0.0, 0.25
        if tensor.dim() > 1:
            width = 1 / np.sqrt(np.float32(tensor[0].numel()))
        elif name.endswith((".weight", ".running_var")):
            middle, width = 1.0, 0.5
        # FNV-1a.
        seed = 2_166_136_261
        for byte in name.encode():
            seed = (seed ^ byte) * 16_777_619 % 2**32
        tensor.copy_(middle + width * numbers(tensor.shape, seed))
    return model


def sentence():
    return torch.tensor([[(i * 1667 + 5) % 5000 for i in range(30)]])


def classes(count):
    return torch.tensor([i * 7 % 10 for i in range(count)])
