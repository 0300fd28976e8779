"""A published vector, and the case of the test that it becomes."""

import struct


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
