//! What a program takes beside its network.

use firmnet::prelude::*;

network! {
    /// Gives back what comes in.
    pub struct Nothing: [1] -> [1] { Identity }
}
