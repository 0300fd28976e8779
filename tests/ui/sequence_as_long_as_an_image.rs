use firmnet::prelude::*;

network! {
    struct Net { fc: Linear(2) }
    fn forward(image: [3, 8, 8], words: [..image, 3]) -> [..9, 2] { fc(words + image) }
}

fn main() {}
