//! Inputs of a network that hold ids: which they are follows from where they go in.

use crate::text::Message;

/// What an input of a network is made of: `u32` where it holds ids, or `f32`.
pub type Number<const IDS: bool> = <Element<IDS> as sealed::Is>::Type;

/// See [`Number`].
pub enum Element<const IDS: bool> {}

mod sealed {
    pub trait Is {
        type Type;
    }
    impl Is for super::Element<false> {
        type Type = f32;
    }
    impl Is for super::Element<true> {
        type Type = u32;
    }
}

/// Whether an input of a network holds ids: `taken` says for each place where it goes in whether ids go in there.
pub const fn holds_ids(taken: &[bool]) -> bool {
    let mut i = 0;
    while i < taken.len() {
        if taken[i] {
            return true;
        }
        i += 1;
    }
    false
}

/// Stops the build when an input, which a message calls `name`, goes in as ids at one place and as numbers at another.
#[track_caller]
pub const fn verify_ids(name: &str, taken: &[bool]) {
    let mut i = 0;
    while i < taken.len() {
        if taken[i] != taken[0] {
            let says = Message::new().str(name).str(" goes in as ids here and as numbers there");
            panic!("{}", says.str("; make two inputs of it").as_str())
        }
        i += 1;
    }
}
