"""Layers along sequences: outputs and gradients of one step, as those in layers.py.

`x` holds the steps of all samples one after the other, as many of each as `lengths` says; without `lengths` the samples are of one
size. An initial state comes sample by sample: `[n, layers, hidden]`, where PyTorch wants `[layers, n, hidden]`.
"""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence


def case(name, module, inputs, compute, **also):
    """A step of `module`, of which `compute` gives the output for the leaves of `inputs`."""
    module = module.float().double().train()
    state = {k: v.clone() for k, v in module.state_dict().items()}
    leaves = [x.double().requires_grad_() if x.is_floating_point() else x for x in inputs]
    y = compute(*leaves)
    dy = torch.randn(y.shape)
    y.backward(dy.double())
    after = module.state_dict()
    if any(not torch.equal(after[k], state[k]) for k in state):
        also["state_after"] = after
    return {
        "name": name,
        "x": inputs,
        "state": state,
        "y": y,
        "dy": dy,
        "dx": [leaf.grad for leaf in leaves if leaf.is_floating_point()],
        "grads": {k: p.grad for k, p in module.named_parameters()},
    } | also


def sequences(name, module, lengths, *, ragged=True, last=False, initial=False):
    """A batch of sequences through an RNN; `last` for the last state of each direction of the last layer."""
    n, directions = len(lengths), 2 if module.bidirectional else 1
    x = torch.randn(sum(lengths), module.input_size)
    states = 2 if isinstance(module, nn.LSTM) else 1
    shape = (n, module.num_layers * directions, module.hidden_size)
    initials = [torch.randn(shape) for _ in range(states)] if initial else []

    def compute(x, *initials):
        packed = pack_sequence(torch.split(x, lengths), enforce_sorted=False)
        given = [each.transpose(0, 1).contiguous() for each in initials]
        given = (tuple(given) if states == 2 else given[0]) if given else None
        y, h = module(packed, given)
        if last:
            h = h[0] if states == 2 else h
            return h[-directions:].transpose(0, 1).reshape(n, -1)
        y, lens = pad_packed_sequence(y, batch_first=True)
        assert lens.tolist() == lengths
        return torch.cat([each[:len] for each, len in zip(y, lengths)])

    if ragged:
        return case(name, module, [x, *initials], compute, lengths=lengths)
    # Samples of one size: `y` has a sample in each row.
    made = case(name, module, [x, *initials], compute)
    assert len(set(lengths)) == 1
    for key in [] if last else ["y", "dy"]:
        made[key] = made[key].reshape(n, lengths[0], -1)
    return made


RAGGED = [3, 1, 6, 4, 6]


def stacks(kind, **arguments):
    """The same sets of arguments for each of PyTorch's recurrent layers."""

    def cases():
        def of(inputs, hidden, **also):
            return kind(inputs, hidden, **arguments, **also)

        return [
            sequences("plain", of(3, 4), [5, 5], ragged=False),
            sequences("one number", of(1, 1), [3], ragged=False),
            sequences("one step", of(4, 3), [1, 1], ragged=False),
            sequences("no bias", of(3, 4, bias=False), [4, 4], ragged=False),
            sequences("wider than a vector", of(19, 21), [4, 4, 4], ragged=False),
            sequences("many samples", of(2, 3), [3] * 19, ragged=False),
            sequences("two layers", of(3, 5, num_layers=2), [4, 4], ragged=False),
            sequences("bidirectional", of(3, 4, bidirectional=True), [5, 5], ragged=False),
            sequences("three, both ways", of(2, 3, num_layers=3, bidirectional=True), [4, 4], ragged=False),
            sequences("last", of(3, 4), [5, 5], ragged=False, last=True),
            sequences("last, both ways", of(3, 4, num_layers=2, bidirectional=True), [4, 4], ragged=False, last=True),
            sequences("initial state", of(3, 4, num_layers=2, bidirectional=True), [4, 4], ragged=False, initial=True),
            sequences("ragged", of(3, 4), RAGGED),
            sequences("ragged, one", of(3, 4), [4]),
            sequences("ragged, both ways", of(3, 17, num_layers=2, bidirectional=True), RAGGED),
            sequences("ragged, last", of(3, 4, num_layers=2, bidirectional=True, bias=False), RAGGED, last=True),
            sequences("ragged, initial state", of(3, 5, bidirectional=True), RAGGED, initial=True),
            sequences("ragged, many", of(5, 6), [1 + i * 5 % 7 for i in range(21)], last=True, initial=True),
        ]

    return cases


def rnn():
    cases = stacks(nn.RNN)()
    for each in stacks(nn.RNN, nonlinearity="relu")():
        if each["name"] in ["plain", "two layers", "bidirectional", "last", "ragged, both ways"]:
            cases.append(each | {"name": f"relu, {each['name']}"})
    return cases


def cells(kind, **arguments):
    def cases():
        lstm = kind is nn.LSTMCell

        def cell(name, inputs, hidden, n, *, initial, bias=True):
            module = kind(inputs, hidden, bias=bias, **arguments)
            given = [torch.randn(n, inputs)]
            if initial == "apart":
                given += [torch.randn(n, hidden) for _ in range(2 if lstm else 1)]
            if initial == "together":
                given += [torch.randn(n, 2, hidden)]

            def compute(x, *state):
                if initial == "together":
                    state = state[0].unbind(1)
                if not lstm:
                    return module(x, *state)
                return torch.stack(module(x, tuple(state) if state else None), 1)

            return case(name, module, given, compute)

        return [
            cell("plain", 3, 4, 3, initial="apart"),
            cell("no bias", 5, 2, 2, initial="apart", bias=False),
            cell("wide", 18, 19, 2, initial="apart"),
            cell("no state", 3, 4, 3, initial=None),
        ] + ([cell("one state", 3, 5, 3, initial="together")] if lstm else [])

    return cases


def rnn_cell():
    return cells(nn.RNNCell)() + [
        each | {"name": f"relu, {each['name']}"} for each in cells(nn.RNNCell, nonlinearity="relu")()
    ]


def embedding():
    def ids(name, module, shape, *, lengths=None):
        x = torch.randint(module.num_embeddings, [sum(lengths)] if lengths else shape)
        if module.padding_idx is not None:
            x.view(-1)[::3] = module.padding_idx
        also = {"ids": True} | ({"lengths": lengths} if lengths else {})
        return case(name, module, [x], module, **also)

    return [
        ids("plain", nn.Embedding(7, 4), [3, 5]),
        ids("one", nn.Embedding(3, 5), [4]),
        ids("an image", nn.Embedding(11, 3), [2, 3, 4]),
        ids("wider than a vector", nn.Embedding(9, 37), [2, 6]),
        ids("padding", nn.Embedding(6, 4, padding_idx=2), [3, 5]),
        ids("max norm", nn.Embedding(8, 5, max_norm=1.5), [3, 6]),
        ids("ragged", nn.Embedding(50, 6), None, lengths=RAGGED),
        ids("ragged, all", nn.Embedding(5, 6, padding_idx=0, max_norm=2.0), None, lengths=RAGGED),
    ]


LAYERS = {
    "embedding": embedding,
    "lstm": stacks(nn.LSTM),
    "gru": stacks(nn.GRU),
    "rnn": rnn,
    "lstm_cell": cells(nn.LSTMCell),
    "gru_cell": cells(nn.GRUCell),
    "rnn_cell": rnn_cell,
}

FILES = {f"layers/{name}.json": cases for name, cases in LAYERS.items()}
