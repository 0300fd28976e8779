use firmnet::prelude::*;

network! {
    struct Net {
        fc1: Linear(3), fc2: Linear(2),
    }
    fn forward(x: [4]) -> ([3], [2]) {
        (fc1(x), fc2(x))
    }
}

fn main() {
    let samples = [([0.0; 4], (0_u8, [0.0; 2]))];
    let mut net = Net::boxed_zero();
    let losses = (CrossEntropyLoss::new(), MseLoss::new(), Weighted(0.5, L1Loss::new()));
    let mut trainer = Trainer::new(Adam::new(1e-3), losses);
    let _ = trainer.fit(&mut *net, &samples, ());
}
