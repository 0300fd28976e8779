use firmnet::prelude::*;

network! {
    struct Net: [4] -> [2] { fc: Linear(2) }
}

fn main() {
    let (mut net, mut memory) = (Net::ZERO, Workspace::new());
    let (grad, mut state) = (Net::ZERO, Sgd::new(0.1).state());
    let prepared = net.prepared();
    Sgd::new(0.1).step(&mut net, &grad, &mut state);
    prepared.forward(&[0.0; 4], &mut memory);
}
