"""Writes operators.rs, and cases.rs: for each published ONNX vector of an operator that exists here, the layers that do it.

    python generate.py ../../../../shared/data/onnx-vectors

Shapes are declared, so every vector needs a network of its own. What no layer does is written down with the reason.
"""

import gzip
import json
import math
import pathlib
import struct
import sys

LOSSES = {"NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss"}
OPTIMIZERS = {"Adam", "Adagrad", "Momentum"}


class NotApplicable(Exception):
    """Why no layer does it."""


class Vector:
    """One published test: its nodes, and the shapes of its tensors."""

    def __init__(self, test, header, numbers):
        self.name, self.nodes = test["name"], test["nodes"]
        self.outputs, self.header, self.data = test["outputs"], header, numbers
        self.shapes = {
            key.removeprefix(self.name + "/"): entry["shape"]
            for key, entry in header.items()
            if key.startswith(self.name + "/")
        }

    def values(self, name):
        """The numbers of a tensor that says how to compute, and does not come in."""
        entry = self.header[f"{self.name}/{name}"]
        start, end = entry["data_offsets"]
        letter = {"I64": "q", "F32": "f"}[entry["dtype"]]
        return [value for (value,) in struct.iter_unpack(f"<{letter}", self.data[start:end])]

    @property
    def operators(self):
        return " ".join(node["op"] for node in self.nodes)


def name_of(vector, node, i):
    """The name of input `i` of a node, or nothing where it is left out."""
    return node["inputs"][i] if len(node["inputs"]) > i and node["inputs"][i] else None


def case(vector, inputs, body, *, n, outputs=None, layers="", tensors=None, training=False, after=None):
    """`inputs`: from a name in `forward` to (sample shape, source); `outputs`: sample shapes by name of the tensor;
    `tensors`: what the parameters are set to; `after`: what buffers are after a step in training."""
    arguments = ", ".join(f"{name}: {shape} = {source}" for name, (shape, source) in inputs.items())
    results = ", ".join(f"{shape} = {quoted(name)}" for name, shape in outputs.items())
    sets = "".join(f"{quoted(name)} = {source}, " for name, source in (tensors or {}).items())
    how = "trained" if training else "used"
    layers = f"{{ {layers} }}" if layers else "{}"
    sets = f" with {{ {sets.rstrip(', ')} }}" if sets else ""
    after = ", ".join(f"{quoted(name)} = {quoted(y)}" for name, y in (after or {}).items())
    after = f" then {{ {after} }}" if after else ""
    return (
        f"        case! {{ {quoted(vector.name)} {quoted(vector.operators)} {how} {n}: "
        f"({arguments}) -> ({results}) {layers} {{ {body} }}{sets}{after} }},\n"
    )


def quoted(text):
    return f'"{text}"'


def tensor(name):
    return f"tensor({quoted(name)})"


def simple(layer, *, unbatched=False):
    """A layer of one input and one output. Without `unbatched` the first axis is the batch, if there are several."""

    def make(vector, node, **attributes):
        x, y = node["inputs"][0], node["outputs"][0]
        batch, shape = split(vector.shapes[x], unbatched)
        body = layer(vector, node, shape, batch, **attributes) if callable(layer) else layer
        _, result = split(vector.shapes[y], unbatched)
        return case(vector, {"x": (shape, tensor(x))}, f"{body}(x)", n=batch, outputs={y: result})

    return make


def split(shape, unbatched=False):
    """Samples, and the shape of one. A row is one sample."""
    if unbatched or len(shape) == 1:
        batch, shape = 1, shape
    else:
        batch, *shape = shape
    if len(shape) > 4:
        raise NotApplicable(f"{len(shape)} axes beside the batch: a shape has at most 4")
    return batch, shape


def rounded(value):
    """The shortest decimal that gives the same float32."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return repr(float(text))
    return repr(value)


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


def windows(vector, node, kernel, attributes, y):
    """The shapes that come in and out; kernel, stride, padding and dilation, a number for each axis."""
    axes = len(kernel)
    if axes == 3:
        raise NotApplicable("three-dimensional windows: no layer has them")
    shape = vector.shapes[node["inputs"][0]]
    size, out = shape[2:], vector.shapes[y][2:]
    stride = attributes.pop("strides", [1] * axes)
    dilation = attributes.pop("dilations", [1] * axes)
    pads = attributes.pop("pads", [0] * (2 * axes))
    auto = attributes.pop("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        total = [max((o - 1) * s + d * (k - 1) + 1 - i, 0) for o, s, d, k, i in zip(out, stride, dilation, kernel, size)]
        small, large = [t // 2 for t in total], [t - t // 2 for t in total]
        pads = small + large if auto == "SAME_UPPER" else large + small
    return shape, out, kernel, stride, pads, dilation


def sizes(values):
    return str(values[0]) if len(set(values)) == 1 else f"({', '.join(map(str, values))})"


def written(name, values, default):
    return [] if set(values) == {default} else [f"{name} = {sizes(values)}"]


def conv(vector, node, **attributes):
    x, w, b = node["inputs"][0], node["inputs"][1], name_of(vector, node, 2)
    y = node["outputs"][0]
    kernel = attributes.pop("kernel_shape", vector.shapes[w][2:])
    groups = attributes.pop("group", 1)
    shape, out, kernel, stride, pads, dilation = windows(vector, node, kernel, attributes, y)
    assert not attributes, (vector.name, attributes)
    oc, body, half = vector.shapes[w][0], "layer(x)", len(kernel)
    if pads[:half] != pads[half:]:
        [top, left, bottom, right] = pads
        body, pads = f"layer(ZeroPad2d(({left}, {right}, {top}, {bottom}))(x))", [0] * len(pads)
    arguments = (
        [str(oc), sizes(kernel)]
        + written("stride", stride, 1)
        + written("padding", pads[:half], 0)
        + written("dilation", dilation, 1)
        + ([f"groups = {groups}"] if groups != 1 else [])
        + ([] if b else ["bias = false"])
    )
    tensors = {"layer.weight": tensor(w)} | ({"layer.bias": tensor(b)} if b else {})
    return case(
        vector,
        {"x": (shape[1:], tensor(x))},
        body,
        n=shape[0],
        outputs={y: [oc] + out},
        layers=f"layer: Conv{len(kernel)}d({', '.join(arguments)})",
        tensors=tensors,
    )


def conv_transpose(vector, node, **attributes):
    x, w, b = node["inputs"][0], node["inputs"][1], name_of(vector, node, 2)
    y = node["outputs"][0]
    kernel = attributes.pop("kernel_shape", vector.shapes[w][2:])
    axes = len(kernel)
    attributes.pop("output_shape", None)  # which the published output has
    output_padding = attributes.pop("output_padding", [0] * axes)
    groups = attributes.pop("group", 1)
    pads = attributes.get("pads", [0] * (2 * axes))
    explicit = "pads" in attributes or not attributes.get("auto_pad", "").startswith("SAME")
    upper = attributes.pop("auto_pad", "NOTSET") == "SAME_UPPER"
    shape, out, kernel, stride, _, dilation = windows(vector, node, kernel, attributes, y)
    assert not attributes, (vector.name, attributes)
    size = shape[2:]
    if axes == 1:
        shape, size, out = shape[:2] + [1] + size, [1] + size, [1] + out
        kernel, stride, dilation = [1] + kernel, [1] + stride, [1] + dilation
        output_padding, pads = [0] + output_padding, [0, pads[0], 0, pads[1]]
    begin, end = pads[:2], pads[2:]
    for axis in range(2):
        whole = (size[axis] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
        missing = whole + output_padding[axis] - begin[axis] - end[axis] - out[axis]
        if missing < 0:
            output_padding[axis] -= missing
        elif missing > 0:
            assert not explicit, vector.name
            small, large = missing // 2, missing - missing // 2
            begin[axis], end[axis] = (small, large) if upper else (large, small)
    oc, body = vector.shapes[w][1] * groups, "layer(x)"
    if begin != end:
        # All is painted, and what is not wanted is cut off.
        for axis in range(2):
            body = f"Slice({begin[axis]}, {begin[axis] + out[axis]}, dim = {axis + 1})({body})"
        begin = [0, 0]
    arguments = (
        [str(oc), sizes(kernel)]
        + written("stride", stride, 1)
        + written("padding", begin, 0)
        + written("output_padding", output_padding, 0)
        + written("dilation", dilation, 1)
        + ([f"groups = {groups}"] if groups != 1 else [])
        + ([] if b else ["bias = false"])
    )
    tensors = {"layer.weight": tensor(w)} | ({"layer.bias": tensor(b)} if b else {})
    return case(
        vector,
        {"x": (shape[1:], tensor(x))},
        body,
        n=shape[0],
        outputs={y: [oc] + out},
        layers=f"layer: ConvTranspose2d({', '.join(arguments)})",
        tensors=tensors,
    )


def pad(vector, node, mode="constant", pads=None, value=0.0):
    x, y = node["inputs"][0], node["outputs"][0]
    rank = len(vector.shapes[x])
    if pads is None:
        pads = vector.values(node["inputs"][1])
        value = vector.values(node["inputs"][2])[0] if name_of(vector, node, 2) else value
        if axes := name_of(vector, node, 3):
            given, half = vector.values(axes), len(pads) // 2
            where = {axis % rank: (pads[i], pads[half + i]) for i, axis in enumerate(given)}
            pads = [where.get(axis, (0, 0))[end] for end in range(2) for axis in range(rank)]
    if mode in ("edge", "wrap"):
        raise NotApplicable(f"no layer pads with what mode `{mode}` puts there")
    if mode == "constant" and value:
        raise NotApplicable("no layer pads with another number than zero")
    assert rank == 4 and pads[:2] == pads[4:6] == [0, 0], vector.name
    layer = {"constant": "ZeroPad2d", "reflect": "ReflectionPad2d"}[mode]
    return simple(f"{layer}(({pads[3]}, {pads[7]}, {pads[2]}, {pads[6]}))")(vector, node)


def resize(vector, node, mode="nearest", coordinate_transformation_mode="half_pixel", nearest_mode="round_prefer_floor", **attributes):
    x, y = node["inputs"][0], node["outputs"][0]
    if mode == "cubic" or attributes.get("antialias"):
        raise NotApplicable("`Upsample` knows neither cubic curves nor a filter that keeps lines from breaking")
    if coordinate_transformation_mode == "tf_crop_and_resize":
        raise NotApplicable("`Upsample` takes the whole image")
    size, out = vector.shapes[x][2:], vector.shapes[y][2:]
    scales = None
    if name_of(vector, node, 2):
        scales, axes = vector.values(node["inputs"][2]), attributes.get("axes")
        # Not what goes in as the batch or as channels.
        scales = [scales[axes.index(axis)] for axis in (2, 3)] if axes else scales[2:]
        scales = [float(rounded(scale)) for scale in scales]
    factors = scales or [o / i for o, i in zip(out, size)]
    if attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        choose = min if attributes["keep_aspect_ratio_policy"] == "not_larger" else max
        wanted = vector.values(node["inputs"][3])
        factors = [choose(w / i for w, i in zip(wanted, size))] * 2

    def place(o, factor, i, n):
        """Where output `o` of `n` lies among `i` numbers, as the vector has it."""
        match coordinate_transformation_mode:
            case "half_pixel":
                return (o + 0.5) / factor - 0.5
            case "pytorch_half_pixel":
                return (o + 0.5) / factor - 0.5 if n > 1 else 0
            case "half_pixel_symmetric":
                offset = i / 2 * (1 - n / (i * factor))
                return offset + (o + 0.5) / factor - 0.5
            case "align_corners":
                return o * (i - 1) / (n - 1) if n > 1 else 0
            case "asymmetric":
                return o / factor

    def index(place):
        match nearest_mode:
            case "round_prefer_floor":
                return math.ceil(place - 0.5)
            case "round_prefer_ceil":
                return math.floor(place + 0.5)
            case "floor":
                return math.floor(place)
            case "ceil":
                return math.ceil(place)

    corners = coordinate_transformation_mode == "align_corners" and mode == "linear"
    written = f"scale_factor = ({scales[0]}, {scales[1]})" if scales else f"({out[0]}, {out[1]})"
    for axis in range(2):
        i, n, factor = size[axis], out[axis], factors[axis]
        ours = factor if scales else n / i
        for o in range(n):
            theirs = place(o, factor, i, n)
            if mode == "nearest":
                same = min(max(index(theirs), 0), i - 1) == min(math.floor(o / ours), i - 1)
            else:
                here = o * (i - 1) / max(n - 1, 1) if corners else (o + 0.5) / ours - 0.5
                same = abs(min(max(theirs, 0), i - 1) - min(max(here, 0), i - 1)) < 1e-6
            if not same:
                raise NotApplicable("the numbers are not taken where PyTorch's `Upsample` takes them")
    written += ', mode = "bilinear"' if mode == "linear" else ""
    written += ", align_corners = true" if corners else ""
    return simple(f"Upsample({written})")(vector, node)


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


def causal_conv(vector, node, activation="none"):
    """Each channel on its own. The numbers before the first are zeros, or come in as the state of an earlier call."""
    x, w = node["inputs"][:2]
    b, past = name_of(vector, node, 2), name_of(vector, node, 3)
    y = node["outputs"][0]
    batch, shape = split(vector.shapes[x])
    channels, _, kernel = vector.shapes[w]
    causal = "" if past else ", causal = true"
    bias = "" if b else ", bias = false"
    inputs, body = {"x": (shape, tensor(x))}, "layer(x)"
    if past:
        inputs["past"] = (split(vector.shapes[past])[1], tensor(past))
        body = "layer(Concat(past, x, dim = 1))"
    return case(
        vector,
        inputs,
        body if activation == "none" else f"SiLU({body})",
        n=batch,
        outputs={y: shape},
        layers=f"layer: Conv1d({channels}, {kernel}, groups = {channels}{bias}{causal})",
        tensors={"layer.weight": tensor(w)} | ({"layer.bias": tensor(b)} if b else {}),
    )


def pool(layer):
    def make(vector, node, **attributes):
        x, y = node["inputs"][0], node["outputs"][0]
        kernel = attributes.pop("kernel_shape")
        ceil_mode = attributes.pop("ceil_mode", 0)
        shape, out, kernel, stride, pads, dilation = windows(vector, node, kernel, attributes, y)
        if pads[: len(kernel)] != pads[len(kernel) :]:
            raise NotApplicable("more padding on one side than on the other, which PyTorch's layers have not")
        pads = pads[: len(kernel)]
        arguments = [sizes(kernel), f"stride = {sizes(stride)}"] + written("padding", pads, 0)
        if any(2 * p > k for p, k in zip(pads, kernel)):
            raise NotApplicable("more padding than half of the window, which PyTorch refuses")
        if layer == "AvgPool":
            if set(dilation) != {1}:
                raise NotApplicable("a mean over distant places: PyTorch's average has no dilation")
            if not attributes.pop("count_include_pad", 0):
                arguments.append("count_include_pad = false")
        else:
            arguments += written("dilation", dilation, 1)
            attributes.pop("storage_order", 0)  # of the indices, which no layer gives out
        if ceil_mode:
            arguments.append("ceil_mode = true")
        assert not attributes, (vector.name, attributes)
        return case(
            vector,
            {"x": (shape[1:], tensor(x))},
            f"{layer}{len(kernel)}d({', '.join(arguments)})(x)",
            n=shape[0],
            outputs={y: [shape[1]] + out},
        )

    return make


def global_average(vector, node, shape, batch):
    return "AdaptiveAvgPool2d(1)"


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
