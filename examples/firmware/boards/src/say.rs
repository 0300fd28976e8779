//! Text by semihosting: through the debugger to the screen of whoever watches.

use semihosting::sys::arm_compat::sys_writec;

/// Says what it is told, piece by piece: `Say.text("answer ").number(7).line()`.
#[derive(Clone, Copy)]
pub struct Say;

impl Say {
    /// A piece of text.
    pub fn text(self, text: &str) -> Say {
        text.bytes().for_each(sys_writec);
        self
    }

    /// A number in decimals.
    pub fn number(self, mut number: u32) -> Say {
        let mut digits = [0; 10];
        let mut count = 0;
        for digit in &mut digits {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            count += 1;
            if number == 0 {
                break;
            }
        }
        digits.iter().take(count).rev().copied().for_each(sys_writec);
        self
    }

    /// The bits of each number, as eight hexadecimal digits after a space: what another machine can compare exactly.
    pub fn bits(self, numbers: &[f32]) -> Say {
        for number in numbers {
            sys_writec(b' ');
            for place in (0..8).rev() {
                let digit = (number.to_bits() >> (4 * place) & 15) as u8;
                sys_writec(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
            }
        }
        self
    }

    /// Each byte as a number from 0 to 255, after a space.
    pub fn bytes(self, bytes: &[u8]) -> Say {
        bytes.iter().fold(self, |say, &byte| say.text(" ").number(byte.into()))
    }

    /// The end of a line.
    pub fn line(self) {
        sys_writec(b'\n');
    }
}
