//! Places in one memory for buffers that live at different times.

use super::{max, round};

/// A buffer before it has a place: its size and the first and last time at which it holds something.
#[derive(Clone, Copy)]
pub(super) struct Buffer {
    pub len: usize,
    pub from: usize,
    pub to: usize,
    pub offset: usize,
}

pub(super) const NONE: Buffer = Buffer { len: 0, from: usize::MAX, to: 0, offset: 0 };

/// What the buffers of a node are for; an index.
pub(super) const Y: usize = 0;
pub(super) const DY: usize = 1;
pub(super) const KEPT: usize = 2;
pub(super) const TWINS: usize = 3;
pub(super) const SCRATCH: usize = 4;
pub(super) const SCRATCH_BACKWARD: usize = 5;
/// How many of these there are.
pub(super) const KINDS: usize = 6;

/// Gives every buffer the lowest place that no buffer of the same time has, the largest buffer first. Returns them, and
/// what they need together.
pub(super) const fn place<const N: usize>(
    mut buffers: [[Buffer; N]; KINDS],
    align: usize,
) -> ([[Buffer; N]; KINDS], usize) {
    // Those that have a place, in order of offset.
    let (mut placed, mut count, mut end) = ([[(0, 0); N]; KINDS], 0, 0);
    let mut done = [[false; N]; KINDS];
    loop {
        // The largest that has none.
        let (mut best, mut largest, mut kind) = ((0, 0), 0, 0);
        while kind < KINDS {
            let mut k = 0;
            while k < N {
                if !done[kind][k] && buffers[kind][k].len > largest {
                    (best, largest) = ((kind, k), buffers[kind][k].len);
                }
                k += 1;
            }
            kind += 1;
        }
        if largest == 0 {
            return (buffers, end);
        }
        done[best.0][best.1] = true;
        let (new, size) = (buffers[best.0][best.1], round(largest, align));
        let (mut offset, mut i) = (0, 0);
        while i < count {
            let other = placed[i / N][i % N];
            let other = buffers[other.0][other.1];
            if new.from <= other.to && other.from <= new.to {
                if offset + size <= other.offset {
                    break;
                }
                offset = max(offset, other.offset + round(other.len, align));
            }
            i += 1;
        }
        buffers[best.0][best.1].offset = offset;
        end = max(end, offset + size);
        // Keep the order.
        let mut i = count;
        while i > 0 {
            let before = placed[(i - 1) / N][(i - 1) % N];
            if buffers[before.0][before.1].offset <= offset {
                break;
            }
            placed[i / N][i % N] = before;
            i -= 1;
        }
        placed[i / N][i % N] = best;
        count += 1;
    }
}
