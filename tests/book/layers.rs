//! The declarations of the layer reference. That they compile is what is tested: shapes are stated.

use firmnet::prelude::*;

// ANCHOR: Linear
network! { struct LinearNet: [784] -> [10] { fc: Linear(10) } }
// ANCHOR_END: Linear

// ANCHOR: Conv1d
network! { struct Conv1dNet: [40, 100] -> [64, 100] { conv: Conv1d(64, 3, dilation = 2, causal = true) } }
// ANCHOR_END: Conv1d

// ANCHOR: Conv2d
network! { struct Conv2dNet: [16, 28, 28] -> [32, 14, 14] { conv: Conv2d(32, 3, stride = 2, padding = 1) } }
// ANCHOR_END: Conv2d

// ANCHOR: ConvTranspose2d
network! { struct ConvTranspose2dNet: [64, 7, 7] -> [32, 14, 14] { up: ConvTranspose2d(32, 4, stride = 2, padding = 1) } }
// ANCHOR_END: ConvTranspose2d

// ANCHOR: Embedding
network! { struct EmbeddingNet: [..64] -> [..64, 32] { embedding: Embedding(5000, 32, padding_idx = 0) } }
// ANCHOR_END: Embedding

// ANCHOR: LSTM
network! { struct LSTMNet: [..64, 32] -> [..64, 256] { lstm: LSTM(128, num_layers = 2, dropout = 0.2, bidirectional = true) } }
// ANCHOR_END: LSTM

// ANCHOR: GRU
network! { struct GRUNet: [..100, 9] -> [64] { gru: GRU(64, last = true) } }
// ANCHOR_END: GRU

// ANCHOR: RNN
network! { struct RNNNet: [20, 8] -> [20, 16] { rnn: RNN(16, nonlinearity = "relu") } }
// ANCHOR_END: RNN

// ANCHOR: LSTMCell
network! {
    struct LSTMCellNet { cell: LSTMCell(16) }
    fn forward(x: [8], state: [2, 16]) -> [2, 16] { cell(x, state) }
}
// ANCHOR_END: LSTMCell

// ANCHOR: GRUCell
network! {
    struct GRUCellNet { cell: GRUCell(16) }
    fn forward(x: [8], h: [16]) -> [16] { cell(x, h) }
}
// ANCHOR_END: GRUCell

// ANCHOR: RNNCell
network! {
    struct RNNCellNet { cell: RNNCell(16) }
    fn forward(x: [8], h: [16]) -> [16] { cell(x, h) }
}
// ANCHOR_END: RNNCell

// ANCHOR: BatchNorm1d
network! { struct BatchNorm1dNet: [64] -> [64] { bn: BatchNorm1d } }
// ANCHOR_END: BatchNorm1d

// ANCHOR: BatchNorm2d
network! { struct BatchNorm2dNet: [16, 8, 8] -> [16, 8, 8] { bn: BatchNorm2d(eps = 1e-3) } }
// ANCHOR_END: BatchNorm2d

// ANCHOR: LayerNorm
network! { struct LayerNormNet: [20, 64] -> [20, 64] { norm: LayerNorm } }
// ANCHOR_END: LayerNorm

// ANCHOR: RMSNorm
network! { struct RMSNormNet: [20, 64] -> [20, 64] { norm: RMSNorm(eps = 1e-6) } }
// ANCHOR_END: RMSNorm

// ANCHOR: GroupNorm
network! { struct GroupNormNet: [16, 8, 8] -> [16, 8, 8] { norm: GroupNorm(4) } }
// ANCHOR_END: GroupNorm

// ANCHOR: InstanceNorm1d
network! { struct InstanceNorm1dNet: [16, 50] -> [16, 50] { InstanceNorm1d } }
// ANCHOR_END: InstanceNorm1d

// ANCHOR: InstanceNorm2d
network! { struct InstanceNorm2dNet: [16, 8, 8] -> [16, 8, 8] { norm: InstanceNorm2d(affine = true) } }
// ANCHOR_END: InstanceNorm2d

// ANCHOR: MultiheadAttention
network! {
    struct MultiheadAttentionNet { own: MultiheadAttention(4, causal = true), other: MultiheadAttention(4) }
    fn forward(x: [..20, 64], memory: [..50, 64]) -> [..20, 64] {
        other(own(x), memory)
    }
}
// ANCHOR_END: MultiheadAttention

// ANCHOR: TransformerEncoderLayer
network! {
    struct TransformerEncoderLayerNet: [..20, 64] -> [..20, 64] {
        layer1: TransformerEncoderLayer(4, 256), layer2: TransformerEncoderLayer(4, 256),
    }
}
// ANCHOR_END: TransformerEncoderLayer

// ANCHOR: TransformerDecoderLayer
network! {
    struct TransformerDecoderLayerNet { layer: TransformerDecoderLayer(4, 256, causal = true) }
    fn forward(x: [..20, 64], memory: [..50, 64]) -> [..20, 64] {
        layer(x, memory)
    }
}
// ANCHOR_END: TransformerDecoderLayer

// ANCHOR: PositionalEncoding
network! { struct PositionalEncodingNet: [..20, 64] -> [..20, 64] { PositionalEncoding } }
// ANCHOR_END: PositionalEncoding

// ANCHOR: PositionalEmbedding
network! { struct PositionalEmbeddingNet: [..20, 64] -> [..20, 64] { positions: PositionalEmbedding } }
// ANCHOR_END: PositionalEmbedding

// ANCHOR: PReLU
network! { struct PReLUNet: [16, 8, 8] -> [16, 8, 8] { act: PReLU(num_parameters = 16) } }
// ANCHOR_END: PReLU

// ANCHOR: MaxPool1d
network! { struct MaxPool1dNet: [64, 100] -> [64, 50] { MaxPool1d(2) } }
// ANCHOR_END: MaxPool1d

// ANCHOR: MaxPool2d
network! { struct MaxPool2dNet: [16, 28, 28] -> [16, 14, 14] { MaxPool2d(2) } }
// ANCHOR_END: MaxPool2d

// ANCHOR: AvgPool1d
network! { struct AvgPool1dNet: [64, 100] -> [64, 50] { AvgPool1d(3, stride = 2, padding = 1) } }
// ANCHOR_END: AvgPool1d

// ANCHOR: AvgPool2d
network! { struct AvgPool2dNet: [16, 28, 28] -> [16, 14, 14] { AvgPool2d(3, stride = 2, padding = 1) } }
// ANCHOR_END: AvgPool2d

// ANCHOR: AdaptiveAvgPool1d
network! { struct AdaptiveAvgPool1dNet: [64, 100] -> [64, 1] { AdaptiveAvgPool1d(1) } }
// ANCHOR_END: AdaptiveAvgPool1d

// ANCHOR: AdaptiveAvgPool2d
network! { struct AdaptiveAvgPool2dNet: [64, 7, 9] -> [64, 1, 1] { AdaptiveAvgPool2d(1) } }
// ANCHOR_END: AdaptiveAvgPool2d

// ANCHOR: ReLU
network! { struct ReLUNet: [10] -> [10] { ReLU } }
// ANCHOR_END: ReLU

// ANCHOR: ReLU6
network! { struct ReLU6Net: [10] -> [10] { ReLU6 } }
// ANCHOR_END: ReLU6

// ANCHOR: LeakyReLU
network! { struct LeakyReLUNet: [10] -> [10] { LeakyReLU(negative_slope = 0.2) } }
// ANCHOR_END: LeakyReLU

// ANCHOR: ELU
network! { struct ELUNet: [10] -> [10] { ELU } }
// ANCHOR_END: ELU

// ANCHOR: SELU
network! { struct SELUNet: [10] -> [10] { SELU } }
// ANCHOR_END: SELU

// ANCHOR: GELU
network! { struct GELUNet: [10] -> [10] { GELU(approximate = "tanh") } }
// ANCHOR_END: GELU

// ANCHOR: SiLU
network! { struct SiLUNet: [10] -> [10] { SiLU } }
// ANCHOR_END: SiLU

// ANCHOR: Sigmoid
network! { struct SigmoidNet: [10] -> [10] { Sigmoid } }
// ANCHOR_END: Sigmoid

// ANCHOR: Tanh
network! { struct TanhNet: [10] -> [10] { Tanh } }
// ANCHOR_END: Tanh

// ANCHOR: Softplus
network! { struct SoftplusNet: [10] -> [10] { Softplus } }
// ANCHOR_END: Softplus

// ANCHOR: Hardswish
network! { struct HardswishNet: [10] -> [10] { Hardswish } }
// ANCHOR_END: Hardswish

// ANCHOR: Sqrt
network! { struct SqrtNet: [10] -> [10] { Sqrt } }
// ANCHOR_END: Sqrt

// ANCHOR: Hardsigmoid
network! { struct HardsigmoidNet: [10] -> [10] { Hardsigmoid } }
// ANCHOR_END: Hardsigmoid

// ANCHOR: Softmax
network! { struct SoftmaxNet: [10] -> [10] { Softmax } }
// ANCHOR_END: Softmax

// ANCHOR: LogSoftmax
network! { struct LogSoftmaxNet: [10] -> [10] { LogSoftmax } }
// ANCHOR_END: LogSoftmax

// ANCHOR: Dropout
network! { struct DropoutNet: [128] -> [128] { Dropout(0.5) } }
// ANCHOR_END: Dropout

// ANCHOR: Dropout2d
network! { struct Dropout2dNet: [64, 12, 12] -> [64, 12, 12] { Dropout2d(0.25) } }
// ANCHOR_END: Dropout2d

// ANCHOR: Flatten
network! { struct FlattenNet: [64, 12, 12] -> [9216] { Flatten } }
// ANCHOR_END: Flatten

// ANCHOR: Reshape
network! { struct ReshapeNet: [16] -> [1, 4, 4] { Reshape([1, 4, 4]) } }
// ANCHOR_END: Reshape

// ANCHOR: Transpose
network! { struct TransposeNet: [4, 6] -> [6, 4] { Transpose(0, 1) } }
// ANCHOR_END: Transpose

// ANCHOR: Slice
network! { struct SliceNet: [10] -> [4] { Slice(3, 7) } }
// ANCHOR_END: Slice

// ANCHOR: Upsample
network! { struct UpsampleNet: [16, 14, 14] -> [16, 28, 28] { Upsample(scale_factor = 2, mode = "bilinear") } }
// ANCHOR_END: Upsample

// ANCHOR: ZeroPad2d
network! { struct ZeroPad2dNet: [16, 28, 28] -> [16, 30, 29] { ZeroPad2d((1, 0, 1, 1)) } }
// ANCHOR_END: ZeroPad2d

// ANCHOR: ReflectionPad1d
network! { struct ReflectionPad1dNet: [1, 576] -> [1, 640] { ReflectionPad1d((0, 64)) } }
// ANCHOR_END: ReflectionPad1d

// ANCHOR: ReflectionPad2d
network! { struct ReflectionPad2dNet: [16, 28, 28] -> [16, 32, 32] { ReflectionPad2d(2) } }
// ANCHOR_END: ReflectionPad2d

// ANCHOR: Mean
network! { struct MeanNet: [100, 40] -> [40] { Mean } }
// ANCHOR_END: Mean

// ANCHOR: Max
network! { struct MaxNet: [100, 40] -> [40] { Max } }
// ANCHOR_END: Max

// ANCHOR: Last
network! { struct LastNet: [100, 40] -> [40] { Last } }
// ANCHOR_END: Last

// ANCHOR: Identity
network! { struct IdentityNet: [10] -> [10] { Identity } }
// ANCHOR_END: Identity

// ANCHOR: Detach
network! {
    struct DetachNet { fc1: Linear(8), fc2: Linear(8) }
    fn forward(x: [8]) -> [8] {
        let y = fc1(x);
        y + fc2(Detach(y))
    }
}
// ANCHOR_END: Detach

// ANCHOR: Add
network! {
    struct AddNet {}
    fn forward(a: [8], b: [8]) -> [8] {
        a + b
    }
}
// ANCHOR_END: Add

// ANCHOR: Mul
network! {
    struct MulNet {}
    fn forward(a: [8], b: [8]) -> [8] {
        a * b
    }
}
// ANCHOR_END: Mul

// ANCHOR: Concat
network! {
    struct ConcatNet {}
    fn forward(a: [8, 4, 4], b: [2, 4, 4]) -> [10, 4, 4] {
        Concat(a, b)
    }
}
// ANCHOR_END: Concat
