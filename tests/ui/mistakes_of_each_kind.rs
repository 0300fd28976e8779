use firmnet::prelude::*;

// A slip, a name and a shape: three mistakes, three errors.
network! {
    struct Three {
        conv: Conv2d(8, 9),
        fc1: Linear(16 bias = false),
        fc2: Linear(2),
    }
    fn forward(x: [1, 8, 8]) -> [2] {
        let h = Flatten(conv(x));
        let h = fc1(h);
        fc2(hh)
    }
}

// What follows from the first is not said.
network! {
    #[budget(flash = "1 KiB", ram = "1 KiB")]
    struct One: [1, 8, 8] -> [2] {
        conv: Conv2d(8, 9), ReLU,
        MaxPool2d(2),
        Flatten,
        fc1: Linear(72 -> 16), ReLU,
        fc2: Linear(16 -> 2),
    }
}

// A stated shape is believed.
network! {
    struct Stated { conv: Conv2d(8, 3), fc: Linear(288 -> 2) }
    fn forward(x: [1, 8, 8]) -> [2] {
        let h: [8, 5, 5] = conv(x);
        let h = Flatten(h);
        fc(h)
    }
}

fn main() {
    let net = One::ZERO;
    let _ = net.forward(&[[[0.0; 8]; 8]], &mut Workspace::new())[1] + net.fc2.weight[1][15];
}
