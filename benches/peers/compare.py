"""Runs firmnet and other libraries on the same workloads in turn, and writes a table and a chart: `run` calls it.

Usage: compare.py FOLDER [--threads 1] [--rounds 5] [--seconds 0.3] [--only TEXT] [--write FOLDER/table]

The table goes to FOLDER/table.md and the chart to FOLDER/table.svg.

FOLDER has the ONNX files of `export.py`, and the programs of firmnet and of `rust/`. Before anything is timed, what the first runs of each peer give is
compared with firmnet's. In each round every peer does every workload for
some time, one after the other, so that a busy moment of the machine hits all alike; what counts is the median of the rounds.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from chart import chart
from work import WORK

HERE = Path(__file__).parent
TITLES = {
    "w1a": "W1a: MLP 16-32-32-4, batch 1",
    "w1b": "W1b: MLP 784-128-10, batch 1",
    "w2-inference-1": "W2: MNIST CNN, batch 1",
    "w2-inference-64": "W2: MNIST CNN, batch 64",
    "w2-training": "W2: MNIST CNN, training step, batch 64",
    "w3-inference": "W3: LSTM tagger, 30 words",
    "w3-training": "W3: LSTM tagger, training step",
    "w4-training": "W4: GAN, a step of both, batch 64",
    "w5": "W5: LSTM of 20, a sample of audio",
    "w6-inference": "W6: transformer layer, 64 steps",
    "w6-training": "W6: transformer layer, training step",
    "w8": "W8: ResNet-8, batch 1",
}

# Floating-point operations of a run, in millions: two for each multiplication with a parameter or of attention (`Network::MACS`), three
# times as many for training, without gradients by inputs that nobody asks for.
MEGAFLOP = {
    "w1a": 0.003328,
    "w1b": 0.203,
    "w2-inference-1": 23.98,
    "w2-inference-64": 1535,
    "w2-training": 4580,
    "w3-inference": 6.03,
    "w3-training": 18.1,
    "w4-training": 232,
    "w5": 0.0034,
    "w6-inference": 7.34,
    "w6-training": 22.0,
    "w8": 25.0,
}
# Of one run of what firmnet's program calls `peak`.
PEAK_FLOP = 786_432


class Peer:
    """A program that does workloads as it is told."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, told):
        self.process.stdin.write(told + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            sys.exit(f"{self.process.args[0]} has ended at `{told}`")
        return None if answer == ["none"] else [float(number) for number in answer]


def commands(folder, threads):
    """How each peer is called, firmnet first."""
    worker = [sys.executable, HERE / "worker.py"]
    yield "firmnet", [folder / "firmnet"]
    yield f"PyTorch {version('torch')}", [*worker, "eager", threads, folder]
    yield "PyTorch, tuned", [*worker, "tuned", threads, folder]
    yield f"ONNX Runtime {version('onnxruntime')}", [*worker, "onnxruntime", threads, folder]
    # tract has one thread.
    if threads == 1:
        yield f"tract {version('tract')}", [*worker, "tract", threads, folder]
    locked = tomllib.loads((HERE / "rust/Cargo.lock").read_text())["package"]
    versions = {package["name"]: package["version"] for package in locked}
    for name, package in [("rten", "rten"), ("candle", "candle-core"), ("burn", "burn")]:
        yield f"{name} {versions[package]}", [folder / f"rust/release/peer-{name}", folder]


def check(name, peer, found, expected):
    """Holds what a peer gives against firmnet's: within 1e-4 of the largest number, and the losses of a training within 1e-3."""
    scale = max(abs(number) for number in expected)
    tolerance = scale * (1e-3 if name.endswith("training") else 1e-4)
    for i, (f, e) in enumerate(zip(found, expected, strict=True)):
        if not abs(f - e) <= tolerance:
            sys.exit(f"{name}[{i}]: {peer} gives {f} where firmnet gives {e}")


def spell(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"


def times_as_long(ratio):
    return f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×"


def table(times, peers):
    """Markdown: a row for each workload, with the time and how many times firmnet's it is."""
    lines = ["| | " + " | ".join(peers) + " |", "|---" * (len(peers) + 1) + "|"]
    for name, of in times.items():
        cells = [spell(of["firmnet"])]
        for peer in peers[1:]:
            cells.append(f"{spell(of[peer])} ({times_as_long(of[peer] / of['firmnet'])})" if peer in of else "–")
        lines.append(f"| {TITLES[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def roofline(times, peak, threads):
    """Markdown: how long the arithmetic alone takes at the peak, and how close firmnet comes."""
    lines = ["| | million operations | at the peak | firmnet | share of the peak |", "|---" * 5 + "|"]
    for name, of in times.items():
        bound = MEGAFLOP[name] * 1e6 / peak / threads
        share = 100 * bound / of["firmnet"]
        cells = [f"{MEGAFLOP[name]:.3g}", spell(bound), spell(of["firmnet"]), f"{share:.0f} %"]
        lines.append(f"| {TITLES[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def processor():
    for line in open("/proc/cpuinfo") if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    environment = dict(os.environ)
    for variable in ("RAYON_NUM_THREADS", "RTEN_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[variable] = str(args.threads)
    peers = {name: Peer(command, environment) for name, command in commands(args.folder, args.threads)}
    names = [name for name in WORK if args.only in name]

    for name in names:
        expected = peers["firmnet"].ask(f"first {name}")
        for peer in list(peers)[1:]:
            found = peers[peer].ask(f"first {name}")
            if found:
                check(name, peer, found, expected)
    print("all peers give the same", file=sys.stderr)

    rounds, peaks = {name: {peer: [] for peer in peers} for name in names}, []
    for i in range(args.rounds):
        for name in names:
            for peer, program in peers.items():
                if time := program.ask(f"time {name} {args.seconds}"):
                    rounds[name][peer] += time
        peaks += peers["firmnet"].ask(f"time peak {args.seconds}")
        print(f"round {i + 1} of {args.rounds}", file=sys.stderr)
    times = {n: {p: statistics.median(t) for p, t in of.items() if t} for n, of in rounds.items()}
    # The best round is the one that nobody disturbed.
    peak = PEAK_FLOP / min(peaks)

    isa = os.environ.get("FIRMNET_ISA", "all instruction sets that it has")
    threads = f"{args.threads} thread{'s' * (args.threads > 1)}"
    text = (
        f"{processor()}, {isa}, {threads}; medians of rounds ({args.rounds}), in brackets how many times firmnet's time that is.\n\n"
        f"{table(times, list(peers))}\n\nThe peak: {peak:.0f} GFLOP/s a thread.\n\n{roofline(times, peak, args.threads)}\n"
    )
    print(text)
    write = args.write or args.folder / "table"
    write.parent.mkdir(parents=True, exist_ok=True)
    write.with_suffix(".md").write_text(text)
    write.with_suffix(".svg").write_text(chart({TITLES[name]: of for name, of in times.items()}, list(peers)))


if __name__ == "__main__":
    main()
