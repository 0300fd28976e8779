use firmnet::prelude::*;

network! {
    struct Net: [5, 8] -> [5, 4] {
        rnn: RNN(4, nonlinearity = "sigmoid"),
    }
}

fn main() {}
