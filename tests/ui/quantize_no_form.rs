use firmnet::prelude::*;

network! {
    #[quantize(i8)]
    struct Net: [3, 8, 8] -> [2] {
        norm: GroupNorm(3),
        Upsample(scale_factor = 2),
        Flatten,
        fc: Linear(2),
    }
}

fn run(net: &NetInt8, memory: &mut Workspace) -> i8 {
    net.forward(&[0; 192], memory)[0]
}

fn main() {}
