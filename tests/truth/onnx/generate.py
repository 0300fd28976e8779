"""Writes operators.rs, and cases.rs: for each published ONNX vector of an operator that exists here, the layers that do it.

    python generate.py ../../../../shared/data/onnx-vectors

Shapes are declared, so every vector needs a network of its own. What no layer does is written down with the reason.
"""

import gzip
import json
import pathlib
import struct
import sys

from images import causal_conv, conv, conv_transpose, global_average, pad, pool, resize
from operators import (
    activation,
    add,
    attention,
    batch_norm,
    channel_norm,
    concat,
    dropout,
    flatten,
    gather,
    gelu,
    gemm,
    matmul,
    no_rank_six,
    prelu,
    recurrent,
    reduce_mean,
    row_norm,
    softmax,
    split_node,
)
from vector import NotApplicable, Vector, case, quoted, simple, split, tensor


LOSSES = {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}


OPTIMIZERS = {"Adam", "Adagrad", "Momentum"}


OPERATORS = {
    "Add": add,
    "Attention": attention,
    "AveragePool": pool("AvgPool"),
    "BatchNormalization": batch_norm,
    "CausalConvWithState": causal_conv,
    "Concat": concat,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Dropout": dropout,
    "Elu": activation("ELU", {"alpha": (1.0, "alpha")}),
    "Flatten": flatten,
    "GRU": recurrent,
    "Gather": gather,
    "Gelu": simple(gelu),
    "Gemm": gemm,
    "GlobalAveragePool": simple(global_average),
    "GroupNormalization": channel_norm("GroupNorm"),
    "HardSigmoid": activation("Hardsigmoid", fixed={"alpha": (0.2, 1 / 6), "beta": (0.5, 0.5)}),
    "HardSwish": activation("Hardswish"),
    "InstanceNormalization": channel_norm("InstanceNorm2d"),
    "LayerNormalization": row_norm("LayerNorm", 1e-5),
    "LSTM": recurrent,
    "LeakyRelu": activation("LeakyReLU", {"alpha": (0.01, "negative_slope")}),
    "LogSoftmax": softmax("LogSoftmax"),
    "MatMul": matmul,
    "MaxPool": pool("MaxPool"),
    "PRelu": prelu,
    "Pad": pad,
    "RMSNormalization": row_norm("RMSNorm", 2.0**-23),
    "RNN": recurrent,
    "ReduceMean": reduce_mean,
    "Relu": activation("ReLU"),
    "Resize": resize,
    "Selu": activation("SELU", fixed={"alpha": (1.6732632, 1.6732632), "gamma": (1.050701, 1.050701)}),
    "Sigmoid": activation("Sigmoid"),
    "Softmax": softmax("Softmax"),
    "Softplus": activation("Softplus"),
    "Split": split_node,
    "Swish": activation("SiLU", fixed={"alpha": (1.0, 1.0)}),
    "Tanh": activation("Tanh"),
    "Transpose": no_rank_six,
}


def several(vector):
    """The vectors of several nodes."""
    shapes, operators = vector.shapes, vector.operators
    y = vector.outputs[0]

    def inputs(*names):
        return {chr(97 + i): (split(shapes[name])[1], tensor(name)) for i, name in enumerate(names)}

    if operators == "SwiGLU":
        alpha = vector.nodes[0]["attributes"].get("alpha", 1.0)
        if alpha != 1:
            raise NotApplicable("`SiLU` has no factor within")
        batch, shape = split(shapes[y])
        return case(vector, inputs("a", "b"), "SiLU(a) * b", n=batch, outputs={y: shape})
    if operators == "Split Sigmoid Mul":
        axis = vector.nodes[0]["attributes"]["axis"]
        batch, shape = split(shapes["0"])
        dim = len(shape) + axis if axis < 0 else axis - 1
        half = shape[dim] // 2
        body = f"Slice(0, {half}, dim = {dim})(a) * Sigmoid(Slice({half}, {2 * half}, dim = {dim})(a))"
        return case(vector, inputs("0"), body, n=batch, outputs={y: split(shapes[y])[1]})
    if operators == "Add Mul":
        batch, shape = split(shapes["0"])
        return case(vector, inputs("0", "1"), "a * (a + b)", n=batch, outputs={y: shape})
    if operators == "Unsqueeze AveragePool Squeeze":
        # The axis that is added for the window is there in the declaration.
        [pooled] = [node for node in vector.nodes if node["op"] == "AveragePool"]
        vector.shapes = {pooled["inputs"][0]: shapes["0"] + [1], pooled["outputs"][0]: shapes[y] + [1]}
        return pool("AvgPool")(vector, pooled, **pooled["attributes"]).replace(
            tensor(pooled["inputs"][0]), tensor("0")
        ).replace(f"= {quoted(pooled['outputs'][0])}", f"= {quoted(y)}")
    if operators == "Transpose MatMul":
        n, features = shapes[y]
        return case(
            vector,
            {"x": ([shapes["0"][1]], tensor("0"))},
            "fc(x)",
            n=n,
            outputs={y: [features]},
            layers=f"fc: Linear({features}, bias = false)",
            tensors={"fc.weight": tensor("1")},
        )
    if operators == "Gemm Gemm":
        # x b + (x b + c): the one weight is called twice, but the bias counts once.
        n, features = shapes[y]
        return case(
            vector,
            {"x": ([shapes["0"][1]], tensor("0"))},
            "fc(x) + again(x)",
            n=n,
            outputs={y: [features]},
            layers=f"fc: Linear({features}), again: Linear({features}, bias = false)",
            tensors={
                "fc.weight": tensor("1") + f".transposed({features})",
                "fc.bias": tensor("2"),
                "again.weight": tensor("1") + f".transposed({features})",
            },
        )
    if operators == "Constant Gemm":
        node = vector.nodes[1] | {"inputs": vector.nodes[1]["inputs"][:2]}
        return gemm(vector, node, **node["attributes"])
    if operators == "Slice Squeeze":
        attributes = vector.nodes[0]["attributes"]
        [start], [end], [axis] = attributes["starts"], attributes["ends"], attributes["axes"]
        shape = shapes["0"]
        result = [end - start if i == axis else size for i, size in enumerate(shape)]
        return case(
            vector,
            {"x": (shape, tensor("0"))},
            f"Slice({start}, {end}, dim = {axis})(x)",
            n=1,
            outputs={y: result},
        )
    for node in vector.nodes:
        if node["op"] in {"Neg", "Tile", "Abs", "Exp", "Sub", "Div"}:
            raise NotApplicable(f"no layer does `{node['op']}`, which is a part of it")
    if "Constant" in operators and "Transpose" not in operators:
        raise NotApplicable("its constant is not published beside it")
    if "Transpose" in operators:
        raise NotApplicable("six axes on the way: a shape has at most 4")
    raise NotImplementedError(f"{vector.name}: {operators}")


def line(vector):
    try:
        if len(vector.nodes) > 1 or vector.operators == "SwiGLU":
            return several(vector)
        [node] = vector.nodes
        return OPERATORS[node["op"]](vector, node, **node["attributes"])
    except NotApplicable as reason:
        return f"        case! {{ {quoted(vector.name)} {quoted(vector.operators)} not_applicable {quoted(reason)} }},\n"


def main():
    folder = pathlib.Path(sys.argv[1])
    tests = json.loads((folder / "vectors.json").read_text())
    data = gzip.decompress((folder / "vectors.safetensors.gz").read_bytes())
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:end])
    # Parts of networks that stand for a layer of ours, and layers that are made of ours.
    also = {"Mul", "Slice", "Reshape", "SwiGLU"}
    vectors = [Vector(test, header, data[end:]) for test in tests]
    vectors = [v for v in vectors if {n["op"] for n in v.nodes} & (OPERATORS.keys() | also)]
    lines = [line(vector) for vector in vectors]
    known = sorted(OPERATORS.keys() | also | LOSSES | OPTIMIZERS)
    here, origin = pathlib.Path(__file__).parent, "// generate.py, from the onnx-vectors of onnx 1.23.2\n"
    (here / "operators.rs").write_text(
        origin
        + "//! ONNX's operators of which every vector is judged.\n\n"
        + "/// In alphabetical order.\n"
        + "pub const OPERATORS: &[&str] = &[\n"
        + "".join(f"    {quoted(name)},\n" for name in known)
        + "];\n"
    )
    (here / "cases.rs").write_text(
        origin
        + "//! Which layers do the published vectors, and what stands in the way of the others.\n\n"
        + "use super::*;\n\n"
        + "/// All vectors but those of losses and optimizers.\n"
        + "pub fn cases() -> Vec<Case> {\n    vec![\n"
        + "".join(lines)
        + "    ]\n}\n"
    )
    done = sum("not_applicable" not in each for each in lines)
    print(f"cases.rs: {done} declared, {len(lines) - done} not applicable")


if __name__ == "__main__":
    main()
