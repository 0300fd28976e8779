"""What the scripts here have in common: flags, and PyTorch set up by them."""

import argparse

import torch


def settings(doc, *files, **flags):
    """The flags of a script with the text `doc`: `files` by their place, and `flags` with a default each, which is a number, False for a switch,
    or a list of choices with the default in front."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawTextHelpFormatter)
    for name in files:
        parser.add_argument(name)
    for name, default in {**flags, "seed": 1, "threads": 2}.items():
        if default is False:
            parser.add_argument(f"--{name}", action="store_true")
        elif isinstance(default, list):
            parser.add_argument(f"--{name}", choices=default, default=default[0])
        else:
            parser.add_argument(f"--{name}", type=type(default), default=default)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    return args
