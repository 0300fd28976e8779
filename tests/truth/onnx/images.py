"""Operators that move a window over lines and images, or change their borders and size."""

import math

from vector import NotApplicable, case, name_of, rounded, simple, split, tensor


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
