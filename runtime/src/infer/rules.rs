//! What a shape rule asks of the inputs and the arguments, and what is said where it is not so.

use super::{Doubt, Inferred};
use crate::text::Message;

const LINE: &str = "it is [channels, length], and `Transpose(0, 1)` makes it of [length, channels]";

impl<A: Copy> Inferred<A> {
    /// The shape of the output follows from the arguments alone, whatever comes in. What is said about the arguments comes behind.
    pub const fn certain(mut self) -> Self {
        if !self.too_large {
            self.doubt = Doubt::None;
        }
        self
    }

    /// Nothing is known about the output, not even how many axes it has.
    pub const fn unknown(mut self) -> Self {
        self.doubt = Doubt::Rank;
        self
    }

    /// Says `message` unless `right`, which depends on the shapes that come in. The first message stays, and nothing is said about
    /// a shape that is only guessed at after another mistake.
    pub const fn check(mut self, right: bool, message: Message) -> Self {
        if !right && matches!(self.inputs.doubt(), Doubt::None) {
            self.doubt = self.doubt.or(Doubt::Sizes);
            self = self.argument(right, message);
        }
        self
    }

    /// Says `message` unless `right`, which depends on the arguments alone. The first message stays.
    pub const fn argument(mut self, right: bool, message: Message) -> Self {
        if !right && self.fault.is_none() {
            self.doubt = self.doubt.or(Doubt::Sizes);
            self.fault = Some(message);
        }
        self
    }

    /// The layer takes exactly one input.
    pub const fn one_input(self) -> Self {
        let says = self.inputs.says().str("takes one input, but is given ");
        self.argument(self.inputs.count() <= 1, says.num(self.inputs.count()))
    }

    /// The layer takes inputs of `rank` axes; `mend` says what to do otherwise.
    pub const fn rank(mut self, rank: usize, mend: &str) -> Self {
        let right = self.inputs.shape(0).rank() == rank;
        if !right && !matches!(self.inputs.doubt(), Doubt::Rank) {
            let says = self.inputs.says().str("takes a rank-").num(rank).str(" input");
            let says = self.inputs.but_gives(says, 0).str("; ").str(mend);
            self = self.argument(right, says);
            self.doubt = Doubt::Rank;
        }
        self
    }

    /// The layer takes an image.
    pub const fn image(self) -> Self {
        self.rank(3, "an image is [channels, height, width], and `Reshape([…])` makes one")
    }

    /// The layer takes a line of several channels, of any length.
    pub const fn line(self) -> Self {
        self.rank(2, LINE).channels_first()
    }

    /// The layer takes a fixed number of channels, and behind them as much as comes.
    pub const fn channels_first(self) -> Self {
        let says = self.inputs.says().str("takes a fixed number of channels");
        let says = self.inputs.but_gives(says, 0).str("; ").str(LINE);
        self.check(!self.inputs.shape(0).is_bounded_at(0), says).any_length()
    }

    /// The argument `name`, which has no default, is given and not zero. Zero stands for one that is not given.
    pub const fn required(self, name: &str, value: usize) -> Self {
        let says = self.inputs.says().str("needs the argument ").str(name).str(", at least 1");
        self.argument(value > 0, says)
    }

    /// The argument `name` is not zero.
    pub const fn not_zero(self, name: &str, value: usize) -> Self {
        let says = self.inputs.says().str("is given ").str(name).str(" = 0; it must be at least 1");
        self.argument(value > 0, says)
    }

    /// The size `stated` in front of an arrow, if one is, is the one that comes in as `what`.
    pub const fn stated(self, stated: Option<usize>, what: &str, found: usize) -> Self {
        let Some(stated) = stated else { return self };
        let says = self.inputs.says().str("is said to take ").num(stated).str(" ").str(what);
        let says = self.inputs.but_gives(says, 0);
        let says = says.str("; write ").num(found).str(", or leave it out");
        self.check(stated == found, says)
    }
}
