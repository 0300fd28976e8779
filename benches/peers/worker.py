"""A peer in Python, which does workloads as it is told on its standard input: `compare.py` talks to it.

Usage: worker.py eager|tuned|onnxruntime|tract THREADS ONNX_FOLDER

`first NAME` is answered by what the first runs of a workload give, `time NAME SECONDS` by the median nanoseconds of a run in
that time; a workload that the peer does not have by `none`.
"""

import statistics
import sys
import time

import torch

import work
from export import EXPORTED


class Exported:
    """A network of `export.py` in a library that reads ONNX; the state of W5 goes back in."""

    def __init__(self, name, load):
        original = work.WORK[name](False)
        self.model, self.checked, self.audio = load(name), original.checked, name == "w5"
        if self.audio:
            self.samples = original.samples.numpy()
        else:
            self.x = original.x.numpy()
        self.restart()

    def restart(self):
        self.h = self.c = torch.zeros(1, 1, 20).numpy()
        self.next = 0

    def run(self):
        if not self.audio:
            return self.model([self.x])[0]
        y, self.h, self.c = self.model([self.samples[self.next], self.h, self.c])
        self.next = (self.next + 1) % len(self.samples)
        return y


def onnx_runtime(folder, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads

    def load(name):
        path = f"{folder}/{name}.onnx"
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        names = [each.name for each in session.get_inputs()]
        return lambda inputs: session.run(None, dict(zip(names, inputs)))

    return load


def tract(folder):
    import tract

    def load(name):
        model = tract.onnx().load(f"{folder}/{name}.onnx").into_model().into_runnable()
        return lambda inputs: [y.to_numpy() for y in model.run(inputs)]

    return load


def clock(some, seconds):
    """The median nanoseconds of a run, over samples of at least a millisecond."""
    runs = 1
    while timed(some, runs) * runs < 1e6:
        runs *= 2
    # A training starts anew before there is nothing left to learn.
    if isinstance(some, (work.Training, work.Gan)):
        runs = min(runs, 50)
    samples, end = [], time.perf_counter() + seconds
    while len(samples) < 3 or time.perf_counter() < end:
        samples.append(timed(some, runs))
    return statistics.median(samples)


def timed(some, runs):
    some.restart()
    # What is made at first is made before the clock runs.
    some.run()
    start = time.perf_counter_ns()
    for _ in range(runs):
        some.run()
    return (time.perf_counter_ns() - start) / runs


def main():
    peer, threads, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(threads)
    made = {}
    load = {"onnxruntime": lambda: onnx_runtime(folder, threads), "tract": lambda: tract(folder)}.get(peer, lambda: None)()

    def make(name, **chance):
        if load:
            # The call of tract from Python takes some fifty microseconds, which is not tract's fault.
            short = peer == "tract" and name in ("w1a", "w1b", "w5")
            return Exported(name, load) if name in EXPORTED and not short else None
        return work.WORK[name](peer == "tuned", **chance)

    for line in sys.stdin:
        told, name, *rest = line.split()
        if told == "first":
            some = make(name, **({"dropout": False} if name == "w2-training" else {}))
            print(*work.first_of(some).tolist() if some else ["none"], flush=True)
        else:
            if name not in made:
                made[name] = make(name)
            print(clock(made[name], float(rest[0])) if made[name] else "none", flush=True)


if __name__ == "__main__":
    main()
