"""Operators on numbers, rows, sequences, and whole tensors."""

import math

from images import written
from vector import NotApplicable, case, name_of, quoted, rounded, simple, split, tensor


def activation(layer, defaults=None, fixed=None):
    """`defaults`: from ONNX's name of an attribute to (its default, our argument); `fixed`: values that the layer has built in."""

    def make(vector, node, shape, batch, **attributes):
        written = []
        for name, value in (fixed or {}).items():
            if abs(attributes.pop(name, value[0]) - value[1]) > 1e-6:
                raise NotApplicable(f"`{layer}` has PyTorch's {name}, {value[1]:.6g}, built in")
        for name, (default, argument) in (defaults or {}).items():
            value = attributes.pop(name, default)
            if rounded(value) != rounded(default):
                written.append(f"{argument} = {rounded(value)}")
        assert not attributes, (vector.name, attributes)
        return f"{layer}({', '.join(written)})" if written else layer

    return simple(make)


def gelu(vector, node, shape, batch, approximate="none"):
    return f"GELU(approximate = {quoted(approximate)})"


def softmax(layer):
    def make(vector, node, axis=-1):
        rank = len(vector.shapes[node["inputs"][0]])
        axis = axis + rank if axis < 0 else axis
        unbatched = axis == 0
        body = f"{layer}(dim = {axis if unbatched else axis - 1})"
        return simple(body, unbatched=unbatched)(vector, node)

    return make


def flatten(vector, node, axis=1):
    x, y = node["inputs"][0], node["outputs"][0]
    shape = vector.shapes[x]
    axis = axis + len(shape) if axis < 0 else axis
    # The axes in front are the batch.
    batch, rest = math.prod(shape[:axis]), shape[axis:]
    return case(
        vector, {"x": (rest, tensor(x))}, "Flatten(x)", n=batch, outputs={y: [math.prod(rest)]}
    )


def prelu(vector, node):
    x, slope = node["inputs"]
    shape, slopes = vector.shapes[x], vector.shapes[slope]
    y = node["outputs"][0]
    if node["op"] == "PRelu" and len(slopes) == 1 and slopes[0] in (1, shape[1]) and len(shape) > 1 and slopes[0] != shape[-1]:
        batch, rest = split(shape)  # PyTorch's export: a slope for all, or for each channel
    else:
        # Numbers that have a slope of their own are channels.
        rest = [math.prod(slopes)]
        batch = math.prod(shape) // rest[0]
    count = math.prod(slopes)
    layers = f"layer: PReLU(num_parameters = {count})"
    return case(
        vector,
        {"x": (rest, tensor(x))},
        "layer(x)",
        n=batch,
        outputs={y: rest},
        layers=layers,
        tensors={"layer.weight": tensor(slope)},
    )


def reduce_mean(vector, node, axes, keepdims=1):
    """The axes in front of the one that is left out are the batch."""
    x, y = node["inputs"][0], node["outputs"][0]
    [axis], shape = axes, vector.shapes[x]
    return case(
        vector,
        {"x": (shape[axis:], tensor(x))},
        "Mean(x)",
        n=math.prod(shape[:axis]),
        outputs={y: shape[axis + 1 :]},
    )


def concat(vector, node, axis):
    shapes = [vector.shapes[x] for x in node["inputs"]]
    y = node["outputs"][0]
    axis = axis + len(shapes[0]) if axis < 0 else axis
    unbatched = axis == 0
    inputs = {chr(97 + i): (split(shape, unbatched)[1], tensor(x)) for i, (x, shape) in enumerate(zip(node["inputs"], shapes))}
    batch, result = split(vector.shapes[y], unbatched)
    dim = axis if unbatched else axis - 1
    return case(vector, inputs, f"Concat({', '.join(inputs)}, dim = {dim})", n=batch, outputs={y: result})


def split_node(vector, node, axis=0, **_):
    x = node["inputs"][0]
    rank = len(vector.shapes[x])
    axis = axis + rank if axis < 0 else axis
    unbatched = axis == 0
    batch, shape = split(vector.shapes[x], unbatched)
    dim, start, slices, outputs = axis if unbatched else axis - 1, 0, [], {}
    for y in node["outputs"]:
        _, outputs[y] = split(vector.shapes[y], unbatched)
        end = start + outputs[y][dim]
        if end == start:
            raise NotApplicable("an output without numbers")
        slices.append(f"Slice({start}, {end}, dim = {dim})(x)")
        start = end
    return case(vector, {"x": (shape, tensor(x))}, f"({', '.join(slices)})", n=batch, outputs=outputs)


def gemm(vector, node, alpha=1.0, beta=1.0, transA=0, transB=0, broadcast=1):
    """`alpha a b + beta c` with rows of `a` as samples: `b` is the weight, transposed, and `c` the bias."""
    a, b, c = node["inputs"][0], node["inputs"][1], name_of(vector, node, 2)
    y = node["outputs"][0]
    n, features = vector.shapes[y]
    inside = vector.shapes[a][0 if transA else 1]
    x = tensor(a) + (f".transposed({n})" if transA else "")
    weight = tensor(b) + ("" if transB else f".transposed({features})") + times(alpha)
    inputs, tensors = {"x": ([inside], x)}, {"fc.weight": weight}
    body, bias = "fc(x)", ", bias = false"
    if c and beta and math.prod(vector.shapes.get(c, [])) == n * features:
        # A matrix is no bias: it comes in beside the samples.
        inputs["c"], body = ([features], tensor(c) + times(beta)), "fc(x) + c"
    elif c and beta:
        tensors["fc.bias"], bias = tensor(c) + f".filling({features})" + times(beta), ""
    return case(vector, inputs, body, n=n, outputs={y: [features]}, layers=f"fc: Linear({features}{bias})", tensors=tensors)


def times(factor):
    return "" if factor == 1 else f".times({rounded(factor)})"


def matmul(vector, node):
    a, b = node["inputs"]
    y = node["outputs"][0]
    left, right = vector.shapes[a], vector.shapes[b]
    if len(right) > 2 and len(left) > 1:
        raise NotApplicable("a product of two values: `Linear` has one weight for all samples")
    if len(right) > 2:
        # One row, and several matrices of one column: they are the rows of the weight.
        assert right[-1] == 1
        inside, features = right[-2], math.prod(right[:-2])
        weight = tensor(b)
    else:
        inside, features = right[0], math.prod(right[1:])
        weight = tensor(b) + f".transposed({features})"
    return case(
        vector,
        {"x": ([inside], tensor(a))},
        "fc(x)",
        n=math.prod(left) // inside,
        outputs={y: [features]},
        layers=f"fc: Linear({features}, bias = false)",
        tensors={"fc.weight": weight},
    )


def dropout(vector, node, **attributes):
    """In use, whatever the ratio; or in training with ratio 0. The mask, all ones, is not given out."""
    x, y = node["inputs"][0], node["outputs"][0]
    batch, shape = split(vector.shapes[x])
    training = name_of(vector, node, 2) is not None
    p = "0.0" if training else "0.5"
    return case(vector, {"x": (shape, tensor(x))}, f"Dropout({p})(x)", n=batch, outputs={y: shape}, training=training)


def batch_norm(vector, node, epsilon=1e-5, momentum=0.9, training_mode=0, is_test=1):
    x, *state = node["inputs"]
    y = node["outputs"][0]
    batch, *shape = vector.shapes[x]
    if len(shape) == 4:
        # Every number of a channel is alike, whatever its axes.
        shape = [shape[0], shape[1], shape[2] * shape[3]]
    layer = "BatchNorm1d" if len(shape) < 3 else "BatchNorm2d"
    arguments = [f"eps = {rounded(epsilon)}"]
    names = ["weight", "bias", "running_mean", "running_var"]
    return case(
        vector,
        {"x": (shape, tensor(x))},
        "bn(x)",
        n=batch,
        outputs={y: shape},
        layers=f"bn: {layer}({', '.join(arguments)})",
        tensors={f"bn.{name}": tensor(source) for name, source in zip(names, state)},
        training=bool(training_mode),
        # ONNX keeps the variance of the batch itself, PyTorch that of the population behind it.
        after={"bn.running_mean": node["outputs"][1]} if training_mode else None,
    )


def row_norm(layer, default):
    """LayerNormalization and RMSNormalization: the axes in front of `axis` are the batch, but that at least one axis is of the sample."""

    def make(vector, node, axis=-1, epsilon=1e-5, stash_type=1):
        x, *given = node["inputs"]
        y, shape = node["outputs"][0], vector.shapes[x]
        axis = axis + len(shape) if axis < 0 else axis
        before = min(axis, 1)
        row = ", ".join(map(str, shape[axis:]))
        arguments = [f"[{row}]"] + ([] if rounded(epsilon) == rounded(default) else [f"eps = {rounded(epsilon)}"])
        arguments += ["bias = false"] if layer == "LayerNorm" and len(given) < 2 else []
        return case(
            vector,
            {"x": (shape[before:], tensor(x))},
            "norm(x)",
            n=math.prod(shape[:before]),
            outputs={y: shape[before:]},
            layers=f"norm: {layer}({', '.join(arguments)})",
            tensors={f"norm.{name}": tensor(source) for name, source in zip(["weight", "bias"], given)},
        )

    return make


def channel_norm(layer):
    """GroupNormalization and InstanceNormalization."""

    def make(vector, node, num_groups=None, epsilon=1e-5, stash_type=1):
        x, weight, bias = node["inputs"]
        y = node["outputs"][0]
        batch, shape = split(vector.shapes[x])
        arguments = [str(num_groups)] if num_groups else ["affine = true"]
        arguments.append(f"eps = {rounded(epsilon)}")
        return case(
            vector,
            {"x": (shape, tensor(x))},
            "norm(x)",
            n=batch,
            outputs={y: shape},
            layers=f"norm: {layer}({', '.join(arguments)})",
            tensors={"norm.weight": tensor(weight), "norm.bias": tensor(bias)},
        )

    return make


def attention(vector, node, q_num_heads=None, kv_num_heads=None, scale=None, is_causal=0, softcap=0.0, **attributes):
    """ONNX's operator is the attention without the maps around it: they are the identity here, times the scale if that is another."""
    q, k, v = node["inputs"][:3]
    y = node["outputs"][0]
    if any(name_of(vector, node, i) for i in range(3, len(node["inputs"]))):
        raise NotApplicable("a mask, or keys and values from before, as an input: `MultiheadAttention` goes by lengths")
    if vector.header[f"{vector.name}/{q}"]["dtype"] == "F16":
        raise NotApplicable("numbers of 16 bits: a network has `f32`")
    if any(attributes.get(f"{side}_window_size", -1) >= 0 for side in ("left", "right")):
        raise NotApplicable("a window: `MultiheadAttention` looks at all steps, or all that were before")
    if softcap or attributes.get("qk_matmul_output_mode") is not None or len(node["outputs"]) > 1:
        raise NotApplicable("scores that are capped, or given out: PyTorch's `nn.MultiheadAttention` does neither")
    query, key, value = (vector.shapes[name] for name in (q, k, v))
    if len(query) == 4:
        heads, size, other = query[1], query[3], key[1]
        widths = {heads * each[3] for each in (query, value)}
    else:
        heads, other = q_num_heads, kv_num_heads
        size, widths = query[2] // heads, {query[2], value[2]}
    if heads != other:
        raise NotApplicable("heads that share keys: `MultiheadAttention` has keys for each")
    if len(widths) > 1:
        raise NotApplicable("values of another size than queries: PyTorch's `nn.MultiheadAttention` has one")
    if is_causal and query[-2] != key[-2]:
        raise NotApplicable("causal, with more keys than queries: what is earlier is not said by places")
    features = heads * size
    factor = 1.0 if scale is None else scale * math.sqrt(size)
    # Queries get the factor, keys and values stay as they are.
    tensors = {
        "attn.in_proj_weight": f"identity({features}, &[{rounded(factor)}, 1.0, 1.0])",
        "attn.out_proj.weight": f"identity({features}, &[1.0])",
    }
    inputs, arguments = {}, []
    for name, source, shape in (("q", q, query), ("k", k, key), ("v", v, value)):
        inputs[name] = (shape[1:], tensor(source))
        # Heads behind steps, and then side by side.
        flat = f"Reshape([{shape[-2]}, {features}])(Transpose(0, 1)({name}))"
        arguments.append(flat if len(shape) == 4 else name)
    body = f"attn({', '.join(arguments)})"
    if len(query) == 4:
        body = f"Transpose(0, 1)(Reshape([{query[2]}, {heads}, {size}])({body}))"
    causal = ", causal = true" if is_causal else ""
    return case(
        vector,
        inputs,
        body,
        n=query[0],
        outputs={y: vector.shapes[y][1:]},
        layers=f"attn: MultiheadAttention({heads}, bias = false{causal})",
        tensors=tensors,
    )


def add(vector, node, **_):
    a, b = node["inputs"]
    y = node["outputs"][0]
    if vector.shapes[a] != vector.shapes.get(b):
        raise NotApplicable("one value is repeated to fit the other: `Add` takes inputs of one shape")
    batch, shape = split(vector.shapes[a])
    return case(vector, {"a": (shape, tensor(a)), "b": (shape, tensor(b))}, "a + b", n=batch, outputs={y: shape})


def no_rank_six(vector, node, **_):
    raise NotApplicable("six axes: a shape has at most 4")


# What an operator is here, by its name.
# The gates in PyTorch's order, by their places in ONNX's.
GATES = {"LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2], "RNN": [0]}


def recurrent(vector, node, hidden_size, direction="forward", layout=0, linear_before_reset=0):
    """PyTorch's layers have both directions or the first; the second alone is a part of both."""
    kind, h = node["op"], hidden_size
    x, w, r = node["inputs"][:3]
    b, lens, p = (name_of(vector, node, i) for i in (3, 4, 7))
    if p:
        raise NotApplicable("peepholes, which PyTorch's `LSTM` has not")
    assert not lens
    n, steps, features = vector.shapes[x] if layout else [vector.shapes[x][i] for i in (1, 0, 2)]
    if kind == "GRU" and not linear_before_reset and steps > 1:
        raise NotApplicable("linear_before_reset = 0: the state is reset before its product, in PyTorch's `GRU` behind it")
    source = tensor(x)
    if n > 1 and steps > 1 and not layout:
        source += f".blocks(&{[t * n + i for i in range(n) for t in range(steps)]})"
    both, gates = direction != "forward", f".blocks(&{GATES[kind]})" if len(GATES[kind]) > 1 else ""
    tensors = {}
    for i, name in enumerate(["_l0", "_l0_reverse"] if both else ["_l0"]):
        part = f".part({i}, 2)" if direction == "bidirectional" else ""
        tensors["layer.weight_ih" + name] = tensor(w) + part + gates
        tensors["layer.weight_hh" + name] = tensor(r) + part + gates
        if b:
            assert direction == "forward"
            for half, of in enumerate(["ih", "hh"]):
                tensors[f"layer.bias_{of}{name}"] = tensor(b) + f".part({half}, 2)" + gates
    y, last = name_of(vector, {"inputs": node["outputs"]}, 0), node["outputs"][1]
    arguments = [str(h)] + ["bias = false"] * (not b) + ["bidirectional = true"] * both
    width = 2 * h if direction == "bidirectional" else h
    if y and steps == 1 and not both:
        body, outputs = "let y = layer(x); (y, Last(y))", {y: [steps, h], last: [h]}
    else:
        arguments.append("last = true")
        body, outputs = "layer(x)", {last: [width]}
    if direction == "reverse":
        body = f"Slice({h}, {2 * h})(layer(x))"
    return case(
        vector,
        {"x": ([steps, features], source)},
        body,
        n=n,
        outputs=outputs,
        layers=f"layer: {kind}({', '.join(arguments)})",
        tensors=tensors,
    )


def gather(vector, node, axis=0):
    data, ids = node["inputs"]
    shape, y = vector.shapes[data], node["outputs"][0]
    if axis != 0:
        raise NotApplicable("along another axis than the first: `Embedding` gives rows")
    if "negative" in vector.name:
        raise NotApplicable("indices below zero, which PyTorch's `Embedding` refuses")
    rows, width, count = shape[0], math.prod(shape[1:]), math.prod(vector.shapes[ids])
    return case(
        vector,
        {"x": ([count], tensor(ids) + ".ids()")},
        "layer(x)",
        n=1,
        outputs={y: [count, width]},
        layers=f"layer: Embedding({rows}, {width})",
        tensors={"layer.weight": tensor(data)},
    )
