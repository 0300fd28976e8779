//! The compiler's questions: each stops the build with a message where the answer is no.

use super::{Doubt, Inferred, MAX_DIMS};
use crate::shape::Shape;
use crate::text::Message;

impl<A: Copy> Inferred<A> {
    /// Stops the build when something is wrong.
    ///
    /// # Panics
    /// With a message that says where, what, and how to mend.
    #[track_caller]
    pub const fn verify(&self) {
        if let Some(message) = &self.fault {
            self.stop(*message)
        }
        self.verify_length();
        let (output, says) = (self.node.output, self.inputs.says().str("would give "));
        if matches!(self.inputs.doubt(), Doubt::None)
            && output.len() == 0
            && self.inputs.shape(0).len() > 0
        {
            self.stop(says.shape(&output).str(", which holds no number"))
        }
    }

    /// Stops the build with a message.
    #[track_caller]
    pub(crate) const fn stop(&self, says: Message) -> ! {
        panic!("{}", self.inputs.with_names(&says).as_str())
    }

    /// Stops the build when an input is not as long in all samples, which the layer does not know of.
    #[track_caller]
    const fn verify_length(&self) {
        let mut i = 0;
        while i < self.inputs.given()
            && !self.any_length
            && matches!(self.inputs.doubt(), Doubt::None)
        {
            if self.inputs.shape(i).bound().is_some() {
                let says = self.inputs.says().str("takes a fixed size");
                let says = self.inputs.but_gives(says, i);
                self.stop(says.str("; `Last`, `Mean` or `Max` make one of a sequence"))
            }
            i += 1;
        }
    }

    /// As [`verify`](Self::verify) for a layer without a name, which has no place for parameters.
    #[track_caller]
    pub const fn verify_unnamed(&self) {
        self.verify();
        let says = Message::new().str("`").str(self.inputs.kind());
        let (numbers, what) = match self.parameters {
            0 => (self.buffers, " numbers that last"),
            1 => (1, " parameter"),
            parameters => (parameters, " parameters"),
        };
        let says = if numbers > 0 {
            says.str("` has ").num(numbers).str(what).str(", and needs a name for them, as in `")
        } else if self.is_sized() {
            // Where a layer without a name is called, its type has no const arguments.
            says.str("` is made for the size that comes in, and needs a name, as in `")
        } else {
            return;
        };
        self.stop(says.str("layer: ").str(self.inputs.kind()).str("(…)`"))
    }

    /// Whether the layer's type has const arguments.
    const fn is_sized(&self) -> bool {
        let mut i = 0;
        while i < MAX_DIMS {
            if self.dims[i] > 0 {
                return true;
            }
            i += 1;
        }
        false
    }

    /// Stops the build when a layer that is called again would need other parameters than the first time.
    #[track_caller]
    pub const fn verify_again(&self, first: &Self) {
        let mut i = 0;
        while i < MAX_DIMS {
            let known = matches!(self.inputs.doubt().or(first.inputs.doubt()), Doubt::None);
            if self.dims[i] != first.dims[i] && known {
                let says = self.inputs.says().str("takes ").shape(&first.inputs.shape(0));
                let says = self.inputs.but_gives(says.str(" where it is called first"), 0);
                self.stop(says.str(" here; its parameters fit only one of them"))
            }
            i += 1;
        }
    }

    /// Stops the build when the value `name`, of which a shape is stated in passing, has another.
    #[track_caller]
    pub const fn verify_said(&self, name: &str, stated: Shape) {
        if matches!(self.doubt, Doubt::None) && !self.node.output.looks_like(&stated) {
            let says = Message::new().str(name).str(" is said to be ").shape(&stated);
            let says = says.str(", but `").str(self.inputs.layer()).str("` gives ");
            self.stop(says.shape(&self.node.output))
        }
    }

    /// Stops the build when the output `name` of the network is declared with another shape than it has.
    #[track_caller]
    pub const fn verify_output(&self, name: &str, declared: Shape) {
        if matches!(self.doubt(), Doubt::None) && !self.node.output.looks_like(&declared) {
            let says = Message::new().str(name).str(" is declared as ").shape(&declared);
            let says = says.str(", but `").str(self.inputs.layer()).str("` gives ");
            self.stop(says.shape(&self.node.output))
        }
    }
}
