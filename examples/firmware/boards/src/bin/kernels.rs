//! Holds what is written by hand for this processor against plain loops, on awkward lengths.
#![no_std]
#![no_main]

use boards::{CORE, Say, entry, exit};
use firmnet::kernel::{Matrix, gemv};

boards::panics_end_it!();

/// Rows and columns on which a loop of fours and sixteens goes wrong if it ever does.
const ROWS: [usize; 7] = [1, 2, 3, 4, 5, 8, 11];
const COLUMNS: [usize; 13] = [1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64];

#[entry]
fn main() -> ! {
    Say.text("kernels on ").text(CORE).line();
    let (mut a, mut x, mut y) = ([0.0; 11 * 64 + 3], [0.0; 64 + 1], [0.0; 11]);
    whole_numbers(&mut a, 1);
    whole_numbers(&mut x, 2);
    let mut wrong = 0;
    for start in [0, 1, 3] {
        for rows in ROWS {
            for columns in COLUMNS {
                whole_numbers(&mut y, 3);
                wrong += u32::from(!fits(&a[start..], rows, columns, &x[start.min(1)..], &mut y));
            }
        }
    }
    Say.text("products that differ: ").number(wrong).line();
    exit(i32::from(wrong > 0))
}

/// Whether `gemv` of that size gives what plain loops give: with whole numbers, to the bit. What lies behind `y` stays as it is.
fn fits(a: &[f32], rows: usize, columns: usize, x: &[f32], y: &mut [f32; 11]) -> bool {
    let (x, before) = (&x[..columns], *y);
    gemv(Matrix::new(a, rows, columns), x, &mut y[..rows]);
    let mut right = y[rows..] == before[rows..];
    for ((y, before), row) in y[..rows].iter().zip(before).zip(a.chunks_exact(columns)) {
        let sum: f32 = row.iter().zip(x).map(|(a, x)| a * x).sum();
        right &= *y == before + sum;
    }
    right
}

fn whole_numbers(numbers: &mut [f32], seed: usize) {
    for (i, number) in numbers.iter_mut().enumerate() {
        *number = ((i * 37 + seed * 11) % 17) as f32 - 8.0;
    }
}
