//! Convolution's innermost loops: one channel or four at four places, two taps at a time.

use core::arch::asm;

/// Places that are worked on at a time.
pub(super) const PLACES: usize = 4;

/// For each sum and number: adds the number times the weight in `$w` to the sum.
macro_rules! fma {
    ($w:literal, $([$sum:literal, $x:literal]),+) => {
        concat!($("vfma.f32 ", $sum, ", ", $x, ", ", $w, "\n",)+)
    };
}
pub(super) use fma;

/// One tap of each channel, with its weight in `$w` and its four sums; what the places see is in s0 to s3.
macro_rules! first_tap {
    ($([$w:literal, $a:literal, $b:literal, $c:literal, $d:literal]),+) => {
        concat!($(fma!($w, [$a, "s0"], [$b, "s1"], [$c, "s2"], [$d, "s3"]),)+)
    };
}

/// As `first_tap`, in s4 to s7.
macro_rules! second_tap {
    ($([$w:literal, $a:literal, $b:literal, $c:literal, $d:literal]),+) => {
        concat!($(fma!($w, [$a, "s4"], [$b, "s5"], [$c, "s6"], [$d, "s7"]),)+)
    };
}

/// `$tap` of four channels.
macro_rules! four_channels {
    ($tap:ident, $a:literal, $b:literal, $c:literal, $d:literal) => {
        $tap!(
            [$a, "s16", "s17", "s18", "s19"],
            [$b, "s20", "s21", "s22", "s23"],
            [$c, "s24", "s25", "s26", "s27"],
            [$d, "s28", "s29", "s30", "s31"]
        )
    };
}

/// Adds `Σ over p: weight[r · lda + p] · x[p]` to the four numbers at `y[r · ldy]`, for four rows `r`.
///
/// # Safety
/// Rows of as many numbers as `x` has are valid for reading, and those of `y` for reading and writing.
#[inline(never)]
pub(super) unsafe fn four(
    weight: *const f32,
    lda: usize,
    x: &[[f32; PLACES]],
    y: *mut f32,
    ldy: usize,
) {
    let (b, c, d) =
        (weight.wrapping_add(lda), weight.wrapping_add(2 * lda), weight.wrapping_add(3 * lda));
    // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
    unsafe {
        asm!(
            "mov {to}, {y}",
            "vldmia {to}, {{s16-s19}}",
            "add {to}, {to}, {ldy}",
            "vldmia {to}, {{s20-s23}}",
            "add {to}, {to}, {ldy}",
            "vldmia {to}, {{s24-s27}}",
            "add {to}, {to}, {ldy}",
            "vldmia {to}, {{s28-s31}}",
            "lsrs {to}, {taps}, #1",
            "beq 3f",
            "2:",
            "vldmia {x}!, {{s0-s7}}",
            "vldmia {a}!, {{s8-s9}}",
            "vldmia {b}!, {{s10-s11}}",
            "vldmia {c}!, {{s12-s13}}",
            "vldmia {d}!, {{s14-s15}}",
            four_channels!(first_tap, "s8", "s10", "s12", "s14"),
            four_channels!(second_tap, "s9", "s11", "s13", "s15"),
            "subs {to}, {to}, #1",
            "bne 2b",
            "3:",
            "lsls {to}, {taps}, #31",
            "beq 4f",
            "vldmia {x}!, {{s0-s3}}",
            "vldmia {a}!, {{s8}}",
            "vldmia {b}!, {{s10}}",
            "vldmia {c}!, {{s12}}",
            "vldmia {d}!, {{s14}}",
            four_channels!(first_tap, "s8", "s10", "s12", "s14"),
            "4:",
            "vstmia {y}, {{s16-s19}}",
            "add {y}, {y}, {ldy}",
            "vstmia {y}, {{s20-s23}}",
            "add {y}, {y}, {ldy}",
            "vstmia {y}, {{s24-s27}}",
            "add {y}, {y}, {ldy}",
            "vstmia {y}, {{s28-s31}}",
            a = inout(reg) weight => _,
            b = inout(reg) b => _,
            c = inout(reg) c => _,
            d = inout(reg) d => _,
            x = inout(reg) x.as_ptr() => _,
            taps = in(reg) x.len(),
            y = inout(reg) y => _,
            ldy = in(reg) size_of::<f32>() * ldy,
            to = out(reg) _,
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _, out("s5") _, out("s6") _, out("s7") _, out("s8") _, out("s9") _, out("s10") _, out("s11") _, out("s12") _, out("s13") _, out("s14") _, out("s15") _, out("s16") _, out("s17") _, out("s18") _, out("s19") _, out("s20") _, out("s21") _, out("s22") _, out("s23") _, out("s24") _, out("s25") _, out("s26") _, out("s27") _, out("s28") _, out("s29") _, out("s30") _, out("s31") _,
            options(nostack),
        );
    }
}

/// As [`four`], of one row. Of each place, the even and the odd taps are summed apart.
///
/// # Safety
/// The same.
#[inline(never)]
pub(super) unsafe fn one(weight: *const f32, x: &[[f32; PLACES]], y: *mut f32) {
    // SAFETY: reads and writes what the caller promises to be there, and changes only the registers that it names.
    unsafe {
        asm!(
            "vldmia {y}, {{s16-s19}}",
            "vmov s20, {zero}",
            "vmov s21, {zero}",
            "vmov s22, {zero}",
            "vmov s23, {zero}",
            "lsrs {n}, {taps}, #1",
            "beq 3f",
            "2:",
            "vldmia {x}!, {{s0-s7}}",
            "vldmia {a}!, {{s8-s9}}",
            first_tap!(["s8", "s16", "s17", "s18", "s19"]),
            second_tap!(["s9", "s20", "s21", "s22", "s23"]),
            "subs {n}, {n}, #1",
            "bne 2b",
            "3:",
            "lsls {n}, {taps}, #31",
            "beq 4f",
            "vldmia {x}!, {{s0-s3}}",
            "vldmia {a}!, {{s8}}",
            first_tap!(["s8", "s16", "s17", "s18", "s19"]),
            "4:",
            "vadd.f32 s16, s16, s20",
            "vadd.f32 s17, s17, s21",
            "vadd.f32 s18, s18, s22",
            "vadd.f32 s19, s19, s23",
            "vstmia {y}, {{s16-s19}}",
            a = inout(reg) weight => _,
            x = inout(reg) x.as_ptr() => _,
            taps = in(reg) x.len(),
            y = in(reg) y,
            zero = in(reg) 0,
            n = out(reg) _,
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _, out("s5") _, out("s6") _, out("s7") _, out("s8") _, out("s9") _, out("s16") _, out("s17") _, out("s18") _, out("s19") _, out("s20") _, out("s21") _, out("s22") _, out("s23") _,
            options(nostack),
        );
    }
}
