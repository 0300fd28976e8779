//! Attention, the layers of a transformer and positions against PyTorch: as layers.rs, and sequences of several lengths.

use firmnet::prelude::*;

use super::cases::Cases;
use super::net::net;

/// A test for each file of vectors, which holds the cases that are declared here and no other.
macro_rules! layers {
    ($($file:ident { $($name:literal: ($($inputs:tt)*) -> [$($to:tt)*], $layer:ident $(($($args:tt)*))?, $body:expr;)* })*) => {
        $(#[test]
        fn $file() {
            let mut cases = Cases::of(stringify!($file));
            $(layers!(@ cases $name, ($($inputs)*) [$($to)*] $layer ($($($args)*)?), $body);)*
            cases.finish();
        })*
        pub const FILES: &[&str] = &[$(stringify!($file)),*];
    };
    (@ $cases:ident $name:literal, ($($inputs:tt)*) [$($to:tt)*] $layer:ident ($($args:tt)*), $body:expr) => {{
        network! { struct Alone { layer: $layer($($args)*) } fn forward($($inputs)*) -> [$($to)*] { $body } }
        // Between layers a plan may do more: one memory for input and output, and for their gradients.
        network! {
            struct Between { layer: $layer($($args)*) }
            fn forward($($inputs)*) -> [$($to)*] { let x = LeakyReLU(x, negative_slope = 1.0); LeakyReLU($body, negative_slope = 1.0) }
        }
        $cases.check($name, &mut [net::<Alone>(), net::<Between>()]);
    }};
}

layers! {
    multihead_attention {
        "new": (x: [5, 8]) -> [5, 8], MultiheadAttention(2), layer(x);
        "plain": (x: [5, 8]) -> [5, 8], MultiheadAttention(2), layer(x, x);
        "one head": (x: [4, 6]) -> [4, 6], MultiheadAttention(1), layer(x, x, x);
        "a head for each feature": (x: [3, 4]) -> [3, 4], MultiheadAttention(num_heads = 4), layer(x);
        "one step": (x: [1, 6]) -> [1, 6], MultiheadAttention(2), layer(x);
        "no bias": (x: [5, 8]) -> [5, 8], MultiheadAttention(2, bias = false), layer(x);
        "many steps": (x: [37, 8]) -> [37, 8], MultiheadAttention(2), layer(x);
        "many features": (x: [9, 48]) -> [9, 48], MultiheadAttention(4), layer(x);
        "causal": (x: [5, 8]) -> [5, 8], MultiheadAttention(2, causal = true), layer(x);
        "causal, many steps": (x: [70, 6]) -> [70, 6], MultiheadAttention(2, causal = true), layer(x);
        "ragged": (x: [..5, 8]) -> [..5, 8], MultiheadAttention(2), layer(x);
        "ragged, causal": (x: [..7, 6]) -> [..7, 6], MultiheadAttention(3, causal = true), layer(x);
        "rotary": (x: [6, 8]) -> [6, 8], MultiheadAttention(2, rotary = true), layer(x);
        "rotary, causal": (x: [40, 12]) -> [40, 12], MultiheadAttention(2, rotary = true, causal = true), layer(x);
        "rotary, ragged, causal": (x: [..5, 8]) -> [..5, 8], MultiheadAttention(1, rotary = true, causal = true), layer(x);
        "memory": (x: [4, 8], m: [7, 8]) -> [4, 8], MultiheadAttention(2), layer(x, m);
        "memory of one step": (x: [4, 6], m: [1, 6]) -> [4, 6], MultiheadAttention(3), layer(x, m);
        "memory, rotary": (x: [4, 8], m: [7, 8]) -> [4, 8], MultiheadAttention(2, rotary = true), layer(x, m);
        "memory, ragged": (x: [..5, 8], m: [..6, 8]) -> [..5, 8], MultiheadAttention(2), layer(x, m, m);
        "query, key and value": (x: [3, 8], k: [6, 8], v: [6, 8]) -> [3, 8], MultiheadAttention(4), layer(x, k, v);
    }
    transformer {
        "encoder, new": (x: [5, 8]) -> [5, 8], TransformerEncoderLayer(2, 16, dropout = 0.0), layer(x);
        "encoder": (x: [5, 8]) -> [5, 8], TransformerEncoderLayer(2, 16, 0.0), layer(x);
        "encoder, norm first": (x: [5, 8]) -> [5, 8], TransformerEncoderLayer(2, 16, 0.0, norm_first = true), layer(x);
        "encoder, gelu": (x: [4, 6]) -> [4, 6], TransformerEncoderLayer(3, 9, 0.0, "gelu"), layer(x);
        "encoder, no bias": (x: [5, 8]) -> [5, 8], TransformerEncoderLayer(2, 12, 0.0, bias = false), layer(x);
        "encoder, eps": (x: [3, 6]) -> [3, 6], TransformerEncoderLayer(2, 5, 0.0, "relu", 0.25), layer(x);
        "encoder, causal": (x: [36, 8]) -> [36, 8], TransformerEncoderLayer(2, 16, 0.0, causal = true), layer(x);
        "encoder, ragged": (x: [..5, 8]) -> [..5, 8], TransformerEncoderLayer(2, 16, 0.0), layer(x);
        "encoder, all of it": (x: [..9, 8]) -> [..9, 8],
            TransformerEncoderLayer(4, 20, 0.0, "gelu", norm_first = true, causal = true), layer(x);
        "decoder, new": (x: [5, 8], m: [3, 8]) -> [5, 8], TransformerDecoderLayer(2, 16, 0.0), layer(x, m);
        "decoder": (x: [5, 8], m: [7, 8]) -> [5, 8], TransformerDecoderLayer(2, 16, 0.0), layer(x, m);
        "decoder, norm first": (x: [5, 8], m: [5, 8]) -> [5, 8],
            TransformerDecoderLayer(2, 16, 0.0, norm_first = true), layer(x, m);
        "decoder, no bias": (x: [4, 6], m: [2, 6]) -> [4, 6],
            TransformerDecoderLayer(3, 9, 0.0, activation = "gelu", bias = false), layer(x, m);
        "decoder, causal": (x: [6, 8], m: [3, 8]) -> [6, 8], TransformerDecoderLayer(2, 16, 0.0, causal = true), layer(x, m);
        "decoder, all of it": (x: [..5, 8], m: [..8, 8]) -> [..5, 8],
            TransformerDecoderLayer(4, 12, 0.0, "gelu", norm_first = true, causal = true), layer(x, m);
    }
    positional_encoding {
        "plain": (x: [7, 8]) -> [7, 8], PositionalEncoding, layer(x);
        "odd": (x: [5, 7]) -> [5, 7], PositionalEncoding, layer(x);
        "many steps": (x: [300, 2]) -> [300, 2], PositionalEncoding, layer(x);
        "ragged": (x: [..6, 6]) -> [..6, 6], PositionalEncoding, layer(x);
    }
    positional_embedding {
        "plain": (x: [5, 3]) -> [5, 3], PositionalEmbedding, layer(x);
        "ragged": (x: [..6, 4]) -> [..6, 4], PositionalEmbedding, layer(x);
    }
}
