//! Counts instructions.
//!
//! The emulator gives every instruction the same time (`emulate` says how much), so a timer of the board counts instructions once it is
//! known how far it goes in one: [`Clock::start`] finds out from a loop whose instructions are known. RISC-V has a counter.

#[cfg(target_arch = "arm")]
use cortex_m::peripheral::{SYST, syst::SystClkSource};

/// Turns of the loop that the timer is set by: of two instructions each.
#[cfg(target_arch = "arm")]
const TURNS: u32 = 1_000_000;

/// A counter of instructions.
pub struct Clock {
    /// Ticks in `2 · TURNS` instructions.
    #[cfg(target_arch = "arm")]
    ticks: u32,
    /// What it counts where there is nothing to count.
    nothing: u32,
}

impl Clock {
    /// The clock. There is one: a program starts it once.
    pub fn start() -> Clock {
        let mut clock = Clock {
            #[cfg(target_arch = "arm")]
            ticks: 1,
            nothing: 0,
        };
        #[cfg(target_arch = "arm")]
        {
            start_timer();
            let before = clock.now();
            turn(TURNS);
            clock.ticks = clock.since(before);
        }
        clock.nothing = clock.count(|| ());
        clock
    }

    /// The instructions that `work` takes. On Arm, at most as many as the 24 bits of the timer can count, ten million or so; the answer to
    /// more is wrong.
    #[inline(never)]
    pub fn count(&self, work: impl FnOnce()) -> u32 {
        let before = self.now();
        work();
        let ticks = self.since(before);
        self.instructions(ticks).saturating_sub(self.nothing)
    }
}

#[cfg(target_arch = "arm")]
impl Clock {
    fn now(&self) -> u32 {
        SYST::get_current()
    }

    /// Ticks since `before`; the timer counts down.
    fn since(&self, before: u32) -> u32 {
        before.wrapping_sub(self.now()) & 0xff_ffff
    }

    fn instructions(&self, ticks: u32) -> u32 {
        let known = u64::from(2 * TURNS);
        ((u64::from(ticks) * known + u64::from(self.ticks / 2)) / u64::from(self.ticks.max(1)))
            as u32
    }
}

#[cfg(target_arch = "arm")]
fn start_timer() {
    // SAFETY: there is one `Clock`, and nothing else here uses the peripherals.
    let mut timer = unsafe { cortex_m::Peripherals::steal() }.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(0xff_ffff);
    timer.clear_current();
    timer.enable_counter();
}

/// `2 · turns` instructions.
#[cfg(target_arch = "arm")]
fn turn(turns: u32) {
    // SAFETY: counts a register down to zero.
    unsafe { core::arch::asm!("2: subs {0}, #1", "bne 2b", inout(reg) turns => _) };
}

#[cfg(target_arch = "riscv32")]
impl Clock {
    fn now(&self) -> u32 {
        riscv::register::minstret::read() as u32
    }

    fn since(&self, before: u32) -> u32 {
        self.now().wrapping_sub(before)
    }

    fn instructions(&self, counted: u32) -> u32 {
        counted
    }
}
