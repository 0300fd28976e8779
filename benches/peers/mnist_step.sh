#!/usr/bin/env bash
# A training step of the MNIST network, firmnet beside PyTorch, on the same images and cores.
#
#   [ISA=avx2] benches/peers/mnist_step.sh [ROUNDS]
#
# ISA=avx2 holds both to AVX2 on a processor that has more.
#
# Makes a virtual environment with PyTorch in target/peers/venv (5 GB) unless PYTHON names one. The two run in turn, ROUNDS times (5);
# printed are the medians of the rounds' medians, and their ratios. PyTorch runs as the example is written ("eager"), and with
# fused Adam and channels-last images ("tuned").
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
threads=$(nproc)
python=${PYTHON:-target/peers/venv/bin/python}
if [ ! -x "$(command -v "$python")" ]; then
  python3 -m venv target/peers/venv
  target/peers/venv/bin/pip install -q -r benches/peers/requirements.txt
fi
if [ "${ISA:-}" = avx2 ]; then
  export FIRMNET_ISA=avx2 ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2
elif [ -n "${ISA:-}" ]; then
  echo "ISA=$ISA: only avx2 can be asked for" >&2
  exit 2
fi
cargo build -q --release --bench mnist_step
bench() { cargo bench -q --bench mnist_step -- --threads "$threads" 2>/dev/null | tail -n 1; }
torch() { "$python" benches/peers/mnist_step.py examples/data/mnist --threads "$threads" "$@"; }
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

ours=() eager=() tuned=()
for round in $(seq "$rounds"); do
  ours+=("$(bench)") eager+=("$(torch)") tuned+=("$(torch --tuned)")
  if [ -z "${ours[-1]}" ]; then
    echo "firmnet gave no time: see cargo bench --bench mnist_step" >&2
    exit 1
  fi
  echo "round $round: firmnet ${ours[-1]}  eager ${eager[-1]}  tuned ${tuned[-1]}" >&2
done
o=$(printf '%s\n' "${ours[@]}" | median) e=$(printf '%s\n' "${eager[@]}" | median) t=$(printf '%s\n' "${tuned[@]}" | median)
awk -v o="$o" -v e="$e" -v t="$t" -v n="$threads" -v isa="${ISA:+, $ISA}" 'BEGIN {
  printf "milliseconds a training step, batch 64, %d threads%s\n", n, isa
  printf "firmnet          %7.2f\n", o
  printf "PyTorch eager    %7.2f   firmnet / PyTorch %.2f\n", e, o / e
  printf "PyTorch tuned    %7.2f   firmnet / PyTorch %.2f\n", t, o / t
}'
