//! Which function of a program for a Cortex-M calls which: so that it is seen whether the stack has a bound.

use std::collections::{BTreeMap, BTreeSet};

use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// For the address of each function, the addresses of those that it may call. A call by pointer may be one of any function whose address
/// is taken somewhere.
pub struct Calls(BTreeMap<u64, BTreeSet<u64>>);

impl Calls {
    /// Of a program in Thumb.
    pub fn of(file: &object::File<'_>) -> object::Result<Calls> {
        let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text);
        let functions: BTreeMap<_, _> = functions
            .filter(|symbol| symbol.size() > 0)
            .map(|symbol| (symbol.address() & !1, symbol.size()))
            .collect();
        // Where a program begins is called by nobody, though among images there may be numbers that look like its address.
        let begins = |symbol: &object::Symbol<'_, '_>| {
            symbol.name().is_ok_and(|name| name == "Reset" || name.contains("cortex_m_rt_main"))
        };
        let entries: BTreeSet<_> =
            file.symbols().filter(begins).map(|symbol| symbol.address() & !1).collect();
        let mut calls = BTreeMap::<u64, BTreeSet<u64>>::new();
        let (mut by_pointer, mut taken) = (vec![], BTreeSet::new());
        let mut take = |value: u32| {
            let function = u64::from(value & !1);
            let is_one = value & 1 == 1 && functions.contains_key(&function);
            if is_one && !entries.contains(&function) {
                taken.insert(function);
            }
        };
        for section in file.sections() {
            let data = section.data()?;
            match section.kind() {
                SectionKind::Text => {
                    for (&start, &size) in &functions {
                        let Some(from) = start.checked_sub(section.address()) else { continue };
                        let Some(code) = data.get(from as usize..(from + size) as usize) else {
                            continue;
                        };
                        let seen = Function::of(start, code);
                        // A branch within the function is a loop, and no call.
                        let targets = seen.targets.into_iter();
                        let targets = targets.filter(|to| functions.contains_key(to)).collect();
                        calls.insert(start, targets);
                        seen.values.into_iter().for_each(&mut take);
                        by_pointer.extend(seen.by_pointer.then_some(start));
                    }
                }
                // Not the vectors, which are for the processor.
                SectionKind::ReadOnlyData | SectionKind::Data
                    if section.name()? != ".vector_table" =>
                {
                    let words = data.as_chunks().0.iter();
                    words.for_each(|&word| take(u32::from_le_bytes(word)));
                }
                _ => {}
            }
        }
        for caller in by_pointer {
            calls.entry(caller).or_default().extend(&taken);
        }
        Ok(Calls(calls))
    }

    /// The address of a function that may come to be called while it runs.
    pub fn recursive(&self) -> Option<u64> {
        self.0.keys().copied().find(|&function| {
            let (mut reached, mut open) = (BTreeSet::new(), vec![function]);
            while let Some(caller) = open.pop() {
                for &callee in self.0.get(&caller).into_iter().flatten() {
                    if reached.insert(callee) {
                        open.push(callee);
                    }
                }
            }
            reached.contains(&function)
        })
    }
}

/// What is seen in the code of a function. What is data there is read as instructions, too: a call too many is found, but none is missed.
#[derive(Default)]
struct Function {
    /// Where its branches with a fixed target go.
    targets: BTreeSet<u64>,
    /// Numbers of 32 bits that it loads, or may load.
    values: Vec<u32>,
    /// Whether it calls by a pointer.
    by_pointer: bool,
}

impl Function {
    /// Encodings by the ARMv7-M Architecture Reference Manual, A7.7.
    fn of(start: u64, code: &[u8]) -> Function {
        let mut seen = Function::default();
        let words =
            code.as_chunks().0.iter().chain(code.get(2..).unwrap_or_default().as_chunks().0);
        seen.values.extend(words.map(|&word| u32::from_le_bytes(word)));
        let halves: Vec<_> =
            code.as_chunks().0.iter().map(|&half| u16::from_le_bytes(half)).collect();
        let mut low = [0; 16];
        let mut i = 0;
        while let Some(&first) = halves.get(i) {
            let at = start as i64 + 2 * i as i64 + 4;
            let is_long = first >= 0b11101 << 11;
            let second = if is_long { halves.get(i + 1).copied().unwrap_or(0) } else { 0 };
            let mut to = |offset: i64| _ = seen.targets.insert((at + offset) as u64);
            match (first & 0xf800, second & 0xd000) {
                // B, near and without a condition, and BLX or BX by a register other than LR.
                (0xe000, _) => to(signed(i64::from(first & 0x7ff) << 1, 12)),
                (0x4000, _) if first & 0xff00 == 0x4700 && first & 0x78 != 0x70 => {
                    seen.by_pointer = true;
                }
                // BL, and B that goes far.
                (0xf000, 0xd000 | 0x9000) => to(far(first, second)),
                // MOVW and MOVT: the halves of a number.
                (0xf000, _) if first & 0xfb70 == 0xf240 => {
                    let register = usize::from(second >> 8 & 0xf);
                    let half = u32::from(first & 0xf) << 12
                        | u32::from(first >> 10 & 1) << 11
                        | u32::from(second >> 12 & 7) << 8
                        | u32::from(second & 0xff);
                    match first & 0x80 {
                        0 => low[register] = half,
                        _ => seen.values.push(half << 16 | low[register]),
                    }
                }
                _ => {}
            }
            i += if is_long { 2 } else { 1 };
        }
        seen
    }
}

/// How far BL and B.W go.
fn far(first: u16, second: u16) -> i64 {
    let (first, second) = (i64::from(first), i64::from(second));
    let sign = first >> 10 & 1;
    let [j1, j2] = [second >> 13 & 1, second >> 11 & 1].map(|j| 1 ^ j ^ sign);
    signed(sign << 24 | j1 << 23 | j2 << 22 | (first & 0x3ff) << 12 | (second & 0x7ff) << 1, 25)
}

/// The number of `bits` bits whose two's complement is `value`.
fn signed(value: i64, bits: u32) -> i64 {
    value << (64 - bits) >> (64 - bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_code() {
        // bl 0x100; b.w 0x104; b 0x108; bx lr
        let code = [0xff, 0xf7, 0xfe, 0xff, 0xff, 0xf7, 0xfe, 0xbf, 0xfe, 0xe7, 0x70, 0x47];
        let seen = Function::of(0x100, &code);
        assert_eq!(seen.targets.into_iter().collect::<Vec<_>>(), [0x100, 0x104, 0x108]);
        assert!(!seen.by_pointer);
        // movw r0, 0x1235; movt r0, 0x2000; blx r3
        let code = [0x41, 0xf2, 0x35, 0x20, 0xc2, 0xf2, 0x00, 0x00, 0x98, 0x47];
        let seen = Function::of(0x100, &code);
        assert!(seen.by_pointer && seen.values.contains(&0x2000_1235));
    }

    #[test]
    fn who_comes_to_itself_is_recursive() {
        let calls = |of: &[(u64, u64)]| {
            let mut calls = BTreeMap::<_, BTreeSet<_>>::new();
            of.iter().for_each(|&(from, to)| _ = calls.entry(from).or_default().insert(to));
            Calls(calls).recursive()
        };
        assert_eq!(calls(&[(1, 2), (1, 3), (2, 3)]), None);
        assert_eq!(calls(&[(1, 2), (2, 3), (3, 4), (4, 3)]), Some(3));
        assert_eq!(calls(&[(7, 7)]), Some(7));
    }
}
