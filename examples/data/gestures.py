"""Writes the recordings that the example `gestures` learns from: smartwatches on ten people who do seven shoulder exercises (Burns et al. 2018).

Usage: pip install seglearn==1.2.5 && python gestures.py FOLDER

`samples.csv.gz` gets a line for each sample, 50 in a second: series, accelerations, rates of turn. `series.tsv` says what each series is.
"""

import gzip
import importlib.util
import os
import sys

import numpy

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
# Beside the package, which itself needs more than its data does.
package = importlib.util.find_spec("seglearn").submodule_search_locations[0]
data = numpy.load(f"{package}/data/watch_dataset.npy", allow_pickle=True).item()

with open(f"{folder}/series.tsv", "w", encoding="utf-8", newline="\n") as file:
    print("series", "samples", "label", "exercise", "subject", "side", sep="\t", file=file)
    for i, (x, y, subject, side) in enumerate(zip(data["X"], data["y"], data["subject"], data["side"])):
        label = int(y)
        print(i, len(x), label, data["y_labels"][label], int(subject), ["left", "right"][int(side)], sep="\t", file=file)
with gzip.open(f"{folder}/samples.csv.gz", "wt", encoding="utf-8", newline="\n") as file:
    print("series,ax,ay,az,wx,wy,wz", file=file)
    for i, x in enumerate(data["X"]):
        for sample in x:
            print(i, *(f"{number:.6g}" for number in sample), sep=",", file=file)
