use firmnet::prelude::*;

struct Scale;

network! {
    struct Unnamed: [2] -> [1] { fc1: Linear(4), Scale, fc2: Linear(1) }
}
network! {
    struct Named: [2] -> [1] { scale: Scale(2, bias = true), fc: Linear(1) }
}
network! {
    struct Within { inner: Unnamed, fc: Linear(1) }
    fn forward(x: [2]) -> [1] { fc(inner(x)) }
}

fn main() {
    let _ = Named::ZERO.forward(&[0.0; 2], &mut Workspace::new())[0] + Within::ZERO.fc.bias[0];
}
