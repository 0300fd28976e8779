use firmnet::prelude::*;

network! {
    struct Net: [4] -> [3] {
        fc: Linear(3),
    }
}

fn main() {
    let samples = [([0.0; 4], 0.0_f32)];
    let mut net = Net::boxed_zero();
    let mut trainer = Trainer::new(Adam::new(1e-3), CrossEntropyLoss::new());
    let _ = trainer.fit(&mut *net, &samples, ());
}
