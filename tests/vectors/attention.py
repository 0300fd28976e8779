"""Attention, the layers of a transformer, and positions.

Cases are those of layers.py. A ragged one has `lengths`: its sequences are packed, all steps of one after those of the other. PyTorch is
given them padded, with the padding masked.
"""

import math

import torch
from torch import nn

from case import case, images


def moved(module):
    """With parameters as after a while, and no two alike."""
    for parameter in module.parameters():
        parameter.data += 0.3 * torch.randn(parameter.shape)
    return module


def pad(x, lengths):
    return nn.utils.rnn.pad_sequence(x.split(lengths), batch_first=True)


def pack(y, lengths):
    return torch.cat([sequence[:length] for sequence, length in zip(y, lengths)])


def padding(lengths):
    """True where there is nothing."""
    return torch.arange(max(lengths)) >= torch.tensor(lengths)[:, None]


def later(steps):
    """True where a step is not to look."""
    return torch.ones(steps, steps).triu(1).bool()


class MultiheadAttention(nn.MultiheadAttention):
    def __init__(self, *arguments, lengths=None, causal=False, **others):
        super().__init__(*arguments, batch_first=True, **others)
        self.lengths, self.causal = lengths, causal

    def forward(self, *inputs):
        if self.lengths:
            inputs = [pad(x, self.lengths) for x in inputs]
        y = self.attend(inputs[0], inputs[-1] if len(inputs) < 3 else inputs[1], inputs[-1])
        return pack(y, self.lengths) if self.lengths else y

    def attend(self, query, key, value):
        hidden = padding(self.lengths) if self.lengths else None
        mask = later(query.shape[1]) if self.causal else None
        return super().forward(query, key, value, key_padding_mask=hidden, attn_mask=mask, need_weights=False)[0]


class RotaryAttention(MultiheadAttention):
    """Pairs of numbers as complex numbers, turned by their position."""

    def attend(self, query, key, value):
        weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
        q, k, v = (nn.functional.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases))
        q, k, v = (x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for x in (q, k, v))
        mask = None
        if self.causal:
            mask = ~later(query.shape[1])
        if self.lengths:
            seen = ~padding(self.lengths)[:, None, None]
            mask = seen if mask is None else seen & mask
        y = nn.functional.scaled_dot_product_attention(turned(q), turned(k), v, attn_mask=mask)
        return self.out_proj(y.transpose(1, 2).flatten(2))


def turned(x):
    steps, size = x.shape[-2:]
    frequencies = 10000.0 ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.arange(steps, dtype=torch.float64)[:, None] * frequencies
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)


def multihead_attention():
    lengths = [5, 1, 3]
    return [
        case("new", MultiheadAttention(8, 2), images(2, 5, 8)),
        case("plain", moved(MultiheadAttention(8, 2)), images(2, 5, 8)),
        case("one head", moved(MultiheadAttention(6, 1)), images(2, 4, 6)),
        case("a head for each feature", moved(MultiheadAttention(4, 4)), images(2, 3, 4)),
        case("one step", moved(MultiheadAttention(6, 2)), images(3, 1, 6)),
        case("no bias", moved(MultiheadAttention(8, 2, bias=False)), images(2, 5, 8)),
        case("many steps", moved(MultiheadAttention(8, 2)), images(2, 37, 8)),
        case("many features", moved(MultiheadAttention(48, 4)), images(2, 9, 48)),
        case("causal", moved(MultiheadAttention(8, 2, causal=True)), images(2, 5, 8)),
        case("causal, many steps", moved(MultiheadAttention(6, 2, causal=True)), images(2, 70, 6)),
        case("ragged", moved(MultiheadAttention(8, 2, lengths=lengths)), images(9, 8), lengths=lengths),
        case(
            "ragged, causal",
            moved(MultiheadAttention(6, 3, lengths=lengths, causal=True)),
            images(9, 6),
            lengths=lengths,
        ),
        case("rotary", moved(RotaryAttention(8, 2)), images(2, 6, 8)),
        case("rotary, causal", moved(RotaryAttention(12, 2, causal=True)), images(2, 40, 12)),
        case(
            "rotary, ragged, causal",
            moved(RotaryAttention(8, 1, lengths=lengths, causal=True)),
            images(9, 8),
            lengths=lengths,
        ),
        case("memory", moved(MultiheadAttention(8, 2)), images(2, 4, 8), images(2, 7, 8)),
        case("memory of one step", moved(MultiheadAttention(6, 3)), images(2, 4, 6), images(2, 1, 6)),
        case("memory, rotary", moved(RotaryAttention(8, 2)), images(2, 4, 8), images(2, 7, 8)),
        case(
            "memory, ragged",
            moved(MultiheadAttention(8, 2, lengths=lengths)),
            images(9, 8),
            images(9, 8),
            lengths=lengths,
        ),
        case(
            "query, key and value",
            moved(MultiheadAttention(8, 4)),
            images(2, 3, 8),
            images(2, 6, 8),
            images(2, 6, 8),
        ),
    ]


class EncoderLayer(nn.TransformerEncoderLayer):
    def __init__(self, *arguments, lengths=None, causal=False, **others):
        super().__init__(*arguments, dropout=0.0, batch_first=True, **others)
        self.lengths, self.causal = lengths, causal

    def forward(self, x):
        x = pad(x, self.lengths) if self.lengths else x
        hidden = padding(self.lengths) if self.lengths else None
        mask = later(x.shape[1]) if self.causal else None
        y = super().forward(x, src_mask=mask, src_key_padding_mask=hidden)
        return pack(y, self.lengths) if self.lengths else y


class DecoderLayer(nn.TransformerDecoderLayer):
    def __init__(self, *arguments, lengths=None, causal=False, **others):
        super().__init__(*arguments, dropout=0.0, batch_first=True, **others)
        self.lengths, self.causal = lengths, causal

    def forward(self, x, memory):
        if self.lengths:
            x, memory = pad(x, self.lengths), pad(memory, self.lengths)
        hidden = padding(self.lengths) if self.lengths else None
        mask = later(x.shape[1]) if self.causal else None
        y = super().forward(
            x, memory, tgt_mask=mask, tgt_key_padding_mask=hidden, memory_key_padding_mask=hidden
        )
        return pack(y, self.lengths) if self.lengths else y


def transformer():
    lengths = [2, 5, 3]
    return [
        case("encoder, new", EncoderLayer(8, 2, 16), images(2, 5, 8)),
        case("encoder", moved(EncoderLayer(8, 2, 16)), images(2, 5, 8)),
        case("encoder, norm first", moved(EncoderLayer(8, 2, 16, norm_first=True)), images(2, 5, 8)),
        case("encoder, gelu", moved(EncoderLayer(6, 3, 9, activation="gelu")), images(2, 4, 6)),
        case("encoder, no bias", moved(EncoderLayer(8, 2, 12, bias=False)), images(2, 5, 8)),
        case("encoder, eps", moved(EncoderLayer(6, 2, 5, layer_norm_eps=0.25)), images(2, 3, 6)),
        case("encoder, causal", moved(EncoderLayer(8, 2, 16, causal=True)), images(2, 36, 8)),
        case("encoder, ragged", moved(EncoderLayer(8, 2, 16, lengths=lengths)), images(10, 8), lengths=lengths),
        case(
            "encoder, all of it",
            moved(EncoderLayer(8, 4, 20, activation="gelu", norm_first=True, lengths=lengths, causal=True)),
            images(10, 8),
            lengths=lengths,
        ),
        case("decoder, new", DecoderLayer(8, 2, 16), images(2, 5, 8), images(2, 3, 8)),
        case("decoder", moved(DecoderLayer(8, 2, 16)), images(2, 5, 8), images(2, 7, 8)),
        case("decoder, norm first", moved(DecoderLayer(8, 2, 16, norm_first=True)), images(2, 5, 8), images(2, 5, 8)),
        case(
            "decoder, no bias",
            moved(DecoderLayer(6, 3, 9, activation="gelu", bias=False)),
            images(2, 4, 6),
            images(2, 2, 6),
        ),
        case("decoder, causal", moved(DecoderLayer(8, 2, 16, causal=True)), images(2, 6, 8), images(2, 3, 8)),
        case(
            "decoder, all of it",
            moved(DecoderLayer(8, 4, 12, activation="gelu", norm_first=True, lengths=lengths, causal=True)),
            images(10, 8),
            images(10, 8),
            lengths=lengths,
        ),
    ]


def waves(steps, size):
    positions = torch.arange(steps, dtype=torch.float64)[:, None]
    angles = positions * torch.exp(torch.arange(0, size, 2, dtype=torch.float64) * (-math.log(10000.0) / size))
    table = torch.zeros(steps, size, dtype=torch.float64)
    table[:, 0::2], table[:, 1::2] = angles.sin(), angles.cos()[:, : size // 2]
    return table


def positional_encoding():
    lengths = [4, 1, 6]
    return [
        case("plain", lambda x: x + waves(7, 8), images(2, 7, 8)),
        case("odd", lambda x: x + waves(5, 7), images(2, 5, 7)),
        case("many steps", lambda x: x + waves(300, 2), images(1, 300, 2)),
        case(
            "ragged",
            lambda x: torch.cat([each + waves(len(each), 6) for each in x.split(lengths)]),
            images(11, 6),
            lengths=lengths,
        ),
    ]


class PositionalEmbedding(nn.Embedding):
    lengths = None

    def forward(self, x):
        if self.lengths:
            return torch.cat([each + super(PositionalEmbedding, self).forward(torch.arange(len(each))) for each in x.split(self.lengths)])
        return x + super().forward(torch.arange(x.shape[1]))


def positional_embedding():
    ragged = PositionalEmbedding(6, 4)
    ragged.lengths = [4, 1, 6]
    return [
        case("plain", PositionalEmbedding(5, 3), images(2, 5, 3)),
        case("ragged", ragged, images(11, 4), lengths=ragged.lengths),
    ]


FILES = {
    "layers/multihead_attention.json": multihead_attention,
    "layers/transformer.json": transformer,
    "layers/positional_encoding.json": positional_encoding,
    "layers/positional_embedding.json": positional_embedding,
}
