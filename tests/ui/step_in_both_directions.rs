use firmnet::prelude::*;

network! {
    struct Net: [..100, 40] -> [..100, 16] {
        lstm: LSTM(8, bidirectional = true),
    }
}

fn main() {
    let (net, mut stream) = (Net::boxed_zero(), Net::stream());
    net.step(&[0.0; 40], &mut stream);
}
