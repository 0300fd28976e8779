//! Channels put in the lanes of vectors.

use crate::kernel::Vector;

/// Puts `len` numbers of each of `channels`, at most a vector of them, side by side: number `j` of channel `i`, `from[i · plane + j]`, to
/// `to[j · pitch + i]`. What is in the lanes that are left is of no use.
#[inline(always)]
pub(super) fn side_by_side<V: Vector>(
    from: &[f32],
    plane: usize,
    channels: usize,
    len: usize,
    to: &mut [f32],
    pitch: usize,
) {
    if channels < V::LANES || len < V::LANES {
        for (channel, from) in from.chunks(plane).take(channels).enumerate() {
            for (j, x) in from[..len].iter().enumerate() {
                to[j * pitch + channel] = *x;
            }
        }
        return;
    }
    assert!((V::LANES - 1) * plane + len <= from.len());
    assert!((len - 1) * pitch + V::LANES <= to.len());
    for j in (0..len).step_by(V::LANES) {
        // The last square ends where the numbers end.
        let j = j.min(len - V::LANES);
        // SAFETY: as many numbers of as many channels, and as much room for them; just checked.
        unsafe {
            let to = to.as_mut_ptr().add(j * pitch);
            V::transpose(from.as_ptr().add(j), plane, to, pitch);
        }
    }
}
