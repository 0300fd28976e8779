//! A light.

/// A light on the board, where there is one that a single register switches: on Arm's MPS2.
pub struct Led(*mut u32);

impl Led {
    /// The light, switched off.
    pub fn new() -> Option<Led> {
        // Of the board's own logic, "FPGAIO" in Arm's application notes 385, 386 and 505; of the last, on the secure side.
        let address: usize = match env!("BOARD").as_bytes() {
            b"mps2-an385" | b"mps2-an386" => 0x4002_8000,
            b"mps2-an505" => 0x5030_2000,
            _ => return None,
        };
        let mut led = Led(address as *mut u32);
        led.set(false);
        Some(led)
    }

    /// Switches it.
    pub fn set(&mut self, on: bool) {
        // SAFETY: the register that the board has there for its lights; bit 0 is the first of them.
        unsafe { self.0.write_volatile(u32::from(on)) }
    }
}
