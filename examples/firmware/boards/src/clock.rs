//! Counts instructions.
//!
//! The emulator gives every instruction the same time (`emulate` says how much), so a counter of the board counts instructions once it is
//! known how far it goes in one: [`Clock::start`] finds out from a loop whose instructions are known.

use core::arch::asm;

/// Turns of that loop, of two instructions each.
const TURNS: u32 = 1_000_000;

/// A counter of instructions.
pub struct Clock {
    /// Ticks in `2 · TURNS` instructions.
    known: u32,
    /// What it counts where there is nothing to count.
    nothing: u32,
}

impl Clock {
    /// The clock. There is one: a program starts it once.
    pub fn start() -> Clock {
        counter::start();
        let before = counter::now();
        turn(TURNS);
        let mut clock = Clock { known: counter::ticks_since(before), nothing: 0 };
        clock.nothing = clock.count(|| ());
        clock
    }

    /// The instructions that `work` takes: as many as the counter of the board has room for, which on Arm are five million.
    #[inline(never)]
    pub fn count(&self, work: impl FnOnce()) -> u32 {
        let before = counter::now();
        work();
        let (ticks, known) = (counter::ticks_since(before), u64::from(self.known.max(1)));
        let instructions = (u64::from(ticks) * u64::from(2 * TURNS) + known / 2) / known;
        (instructions as u32).saturating_sub(self.nothing)
    }
}

/// Lets so many instructions pass, or one more.
pub fn wait(instructions: u32) {
    turn(instructions.div_ceil(2));
}

/// `2 · turns` instructions.
fn turn(turns: u32) {
    // SAFETY: counts a register down to zero.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("2: subs {0}, #1", "bne 2b", inout(reg) turns => _);
        #[cfg(target_arch = "riscv32")]
        asm!("2: addi {0}, {0}, -1", "bnez {0}, 2b", inout(reg) turns => _);
    }
}

/// A timer of 24 bits that counts down.
#[cfg(target_arch = "arm")]
mod counter {
    use cortex_m::peripheral::SYST;
    use cortex_m::peripheral::syst::SystClkSource;

    const MOST: u32 = 0xff_ffff;

    pub fn start() {
        // SAFETY: there is one `Clock`, and nothing else here uses the peripherals.
        let mut timer = unsafe { cortex_m::Peripherals::steal() }.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(MOST);
        timer.clear_current();
        timer.enable_counter();
    }

    pub fn now() -> u32 {
        SYST::get_current()
    }

    pub fn ticks_since(before: u32) -> u32 {
        before.wrapping_sub(now()) & MOST
    }
}

#[cfg(target_arch = "riscv32")]
mod counter {
    pub fn start() {}

    pub fn now() -> u32 {
        riscv::register::minstret::read() as u32
    }

    pub fn ticks_since(before: u32) -> u32 {
        now().wrapping_sub(before)
    }
}
