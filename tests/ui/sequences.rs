use firmnet::prelude::*;

network! {
    struct TwoBounds: [..8, ..4] -> [4] { lstm: LSTM(4, last = true) }
}
network! {
    struct LaterAxis: [4, ..8] -> [2] { lstm: LSTM(4, last = true), fc: Linear(2) }
}
network! {
    struct FromTo: [2..8, 4] -> [4] { lstm: LSTM(4, last = true) }
}
network! {
    struct FixedSize: [..8, 4] -> [2] { Flatten, fc: Linear(2) }
}
network! {
    struct FixedOutput: [..8, 4] -> [8, 4] { lstm: LSTM(4) }
}
network! {
    struct Ids { table: Embedding(10, 8), fc: Linear(8) }
    fn forward(x: [8]) -> [8] { Mean(table(x)) + fc(x) }
}

fn main() {}
