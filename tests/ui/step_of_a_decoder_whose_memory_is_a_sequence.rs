use firmnet::prelude::*;

network! {
    struct Translator {
        layer: TransformerDecoderLayer(2, 12, causal = true),
    }
    fn forward(x: [..9, 8], memory: [..9, 8]) -> [..9, 8] { layer(x, memory) }
}

fn main() {
    let (net, mut stream) = (Translator::boxed_zero(), Translator::stream());
    net.step(&([0.0; 8], [0.0; 8]), &mut stream);
}
