use firmnet::prelude::*;

network! {
    struct Net: [4] -> [3] {
        fc: Linear(3),
    }
}

fn main() {
    let samples = [([0.0; 4], 0_u8)];
    let mut boxed = Net::boxed_zero();
    let mut trainer = Trainer::new(Adam::new(1e-3), CrossEntropyLoss::new());
    let _ = trainer.fit(&mut boxed, &samples, ());
}
