//! Inner products of the rows of a matrix with one vector: four rows at a time, sixteen columns at a time.

use core::arch::asm;

/// `put(Σ over p: a[i · lda + p] · x[p])` for each of `rows` rows in turn, of as many columns as `x` has.
///
/// Of each product the even and the odd places are summed apart, each sum fused with its multiplications, and then added.
///
/// # Safety
/// The rows of `a` are valid for reading.
pub(in crate::kernel) unsafe fn rows(
    rows: usize,
    a: *const f32,
    lda: usize,
    x: &[f32],
    mut put: impl FnMut(f32),
) {
    let mut i = 0;
    while rows - i >= 4 {
        // SAFETY: the caller's promise, of rows `i` to `i + 3`.
        let sums = unsafe { four(a.add(i * lda), lda, x) };
        sums.into_iter().for_each(&mut put);
        i += 4;
    }
    while i < rows {
        // SAFETY: the same, of row `i`.
        put(unsafe { one(a.add(i * lda), x) });
        i += 1;
    }
}

/// Sixteen columns of the row at `$row` times those of `x` in s0 to s15, added to the sums in `$even` and `$odd`.
macro_rules! sixteen {
    ($row:literal, $even:literal, $odd:literal) => {
        concat!(
            eight!($row, $even, $odd, "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"),
            eight!($row, $even, $odd, "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15"),
        )
    };
}

/// Eight columns of the row at `$row` times those in the registers `$a` to `$h`, added to the sums in `$even` and `$odd`.
macro_rules! eight {
    ($row:literal, $even:literal, $odd:literal, $a:literal, $b:literal, $c:literal, $d:literal, $e:literal, $f:literal, $g:literal, $h:literal) => {
        concat!(
            "vldmia {",
            $row,
            "}!, {{s16-s23}}\n",
            "vfma.f32 ",
            $even,
            ", ",
            $a,
            ", s16\n",
            "vfma.f32 ",
            $odd,
            ", ",
            $b,
            ", s17\n",
            "vfma.f32 ",
            $even,
            ", ",
            $c,
            ", s18\n",
            "vfma.f32 ",
            $odd,
            ", ",
            $d,
            ", s19\n",
            "vfma.f32 ",
            $even,
            ", ",
            $e,
            ", s20\n",
            "vfma.f32 ",
            $odd,
            ", ",
            $f,
            ", s21\n",
            "vfma.f32 ",
            $even,
            ", ",
            $g,
            ", s22\n",
            "vfma.f32 ",
            $odd,
            ", ",
            $h,
            ", s23\n",
        )
    };
}

/// One column of the row at `$row` times that of `x` in s0, added to `$sum`.
macro_rules! column {
    ($row:literal, $sum:literal) => {
        concat!("vldmia {", $row, "}!, {{s16}}\n", "vfma.f32 ", $sum, ", s0, s16\n")
    };
}

/// Four rows, `lda` apart.
///
/// # Safety
/// They are valid for reading.
#[inline(never)]
unsafe fn four(a: *const f32, lda: usize, x: &[f32]) -> [f32; 4] {
    let sums: [u32; 4];
    // SAFETY: reads `x.len()` numbers of `x` and of each row, and changes only the registers that it names.
    unsafe {
        let (a, b, c, d) = (a, a.add(lda), a.add(2 * lda), a.add(3 * lda));
        let (e, f, g, h);
        asm!(
            "vmov s24, {zero}",
            "vmov s25, {zero}",
            "vmov s26, {zero}",
            "vmov s27, {zero}",
            "vmov s28, {zero}",
            "vmov s29, {zero}",
            "vmov s30, {zero}",
            "vmov s31, {zero}",
            "cmp {blocks}, #0",
            "beq 3f",
            "2:",
            "vldmia {x}!, {{s0-s15}}",
            sixteen!("a", "s24", "s25"),
            sixteen!("b", "s26", "s27"),
            sixteen!("c", "s28", "s29"),
            sixteen!("d", "s30", "s31"),
            "subs {blocks}, {blocks}, #1",
            "bne 2b",
            "3:",
            "cmp {rest}, #8",
            "blo 6f",
            "vldmia {x}!, {{s0-s7}}",
            eight!("a", "s24", "s25", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"),
            eight!("b", "s26", "s27", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"),
            eight!("c", "s28", "s29", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"),
            eight!("d", "s30", "s31", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"),
            "sub {rest}, {rest}, #8",
            "6:",
            "cmp {rest}, #0",
            "beq 5f",
            "4:",
            "vldmia {x}!, {{s0}}",
            column!("a", "s24"),
            column!("b", "s26"),
            column!("c", "s28"),
            column!("d", "s30"),
            "subs {rest}, {rest}, #1",
            "bne 4b",
            "5:",
            "vadd.f32 s24, s24, s25",
            "vadd.f32 s26, s26, s27",
            "vadd.f32 s28, s28, s29",
            "vadd.f32 s30, s30, s31",
            "vmov {a}, s24",
            "vmov {b}, s26",
            "vmov {c}, s28",
            "vmov {d}, s30",
            zero = in(reg) 0,
            x = inout(reg) x.as_ptr() => _,
            blocks = inout(reg) x.len() / 16 => _,
            rest = inout(reg) x.len() % 16 => _,
            a = inout(reg) a => e,
            b = inout(reg) b => f,
            c = inout(reg) c => g,
            d = inout(reg) d => h,
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _, out("s5") _, out("s6") _, out("s7") _, out("s8") _, out("s9") _, out("s10") _, out("s11") _, out("s12") _, out("s13") _, out("s14") _, out("s15") _, out("s16") _, out("s17") _, out("s18") _, out("s19") _, out("s20") _, out("s21") _, out("s22") _, out("s23") _, out("s24") _, out("s25") _, out("s26") _, out("s27") _, out("s28") _, out("s29") _, out("s30") _, out("s31") _,
            options(nostack, readonly),
        );
        sums = [e, f, g, h];
    }
    sums.map(f32::from_bits)
}

/// One row.
///
/// # Safety
/// It is valid for reading.
#[inline(never)]
unsafe fn one(a: *const f32, x: &[f32]) -> f32 {
    let sum;
    // SAFETY: reads `x.len()` numbers of `x` and of the row, and changes only the registers that it names.
    unsafe {
        asm!(
            "vmov s24, {zero}",
            "vmov s25, {zero}",
            "cmp {blocks}, #0",
            "beq 3f",
            "2:",
            "vldmia {x}!, {{s0-s15}}",
            sixteen!("a", "s24", "s25"),
            "subs {blocks}, {blocks}, #1",
            "bne 2b",
            "3:",
            "cmp {rest}, #0",
            "beq 5f",
            "4:",
            "vldmia {x}!, {{s0}}",
            column!("a", "s24"),
            "subs {rest}, {rest}, #1",
            "bne 4b",
            "5:",
            "vadd.f32 s24, s24, s25",
            "vmov {a}, s24",
            zero = in(reg) 0,
            x = inout(reg) x.as_ptr() => _,
            blocks = inout(reg) x.len() / 16 => _,
            rest = inout(reg) x.len() % 16 => _,
            a = inout(reg) a => sum,
            out("s0") _, out("s1") _, out("s2") _, out("s3") _, out("s4") _, out("s5") _, out("s6") _, out("s7") _, out("s8") _, out("s9") _, out("s10") _, out("s11") _, out("s12") _, out("s13") _, out("s14") _, out("s15") _, out("s16") _, out("s17") _, out("s18") _, out("s19") _, out("s20") _, out("s21") _, out("s22") _, out("s23") _, out("s24") _, out("s25") _, out("s26") _, out("s27") _, out("s28") _, out("s29") _, out("s30") _, out("s31") _,
            options(nostack, readonly),
        );
    }
    f32::from_bits(sum)
}
