"""MNIST, as the scripts here read it."""

import gzip

import numpy
import torch


def read(folder, name):
    """The images of `train` or `t10k`, from 0 (paper) to 1 (ink), and their digits."""

    def idx(kind, offset):
        with gzip.open(f"{folder}/{name}-{kind}-ubyte.gz") as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)

    images = idx("images-idx3", 16).reshape(-1, 1, 28, 28).astype(numpy.float32)
    return torch.from_numpy(images) / 255, torch.from_numpy(idx("labels-idx1", 8).astype(numpy.int64))
