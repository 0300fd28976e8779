use firmnet::prelude::*;

network! {
    struct Net: [3, 4, 4] -> [3, 4, 4] {
        BatchNorm2d(affine = false),
        BatchNorm2d(affine = false, track_running_stats = false),
    }
}

fn main() {}
