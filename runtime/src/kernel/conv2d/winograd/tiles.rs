//! Which tiles there are, and where their numbers are put.

use super::super::Conv2d;
use crate::kernel::parallel::are_worth_threads;
use crate::kernel::vector::MAX_LANES;

/// Outputs along the edge of a tile.
pub(super) const EDGE: usize = 4;
/// Inputs along the edge of a tile.
pub(super) const READ: usize = EDGE + 2;
/// Numbers in a transformed tile.
pub(super) const PLACES: usize = READ * READ;
/// The most tiles that are worked on one after the other, unless a row has more: so many that all their numbers stay in the second cache.
const BAND: usize = 48;

/// The tiles of the images of a batch, in bands of some rows.
pub(super) struct Bands {
    /// Rows and columns of tiles in an image.
    rows: usize,
    cols: usize,
    /// Rows in all images.
    all: usize,
    /// Rows in a band.
    height: usize,
}

impl Bands {
    /// Of `n` images, if it takes `flops` to convolve them.
    pub(super) fn of(shape: &Conv2d, n: usize, flops: usize) -> Self {
        let [rows, cols] = [shape.out_height, shape.out_width].map(|size| size.div_ceil(EDGE));
        // Tiles know nothing of each other, so the threads may decide how many are in a band.
        let threads = if are_worth_threads(flops) { rayon::current_num_threads() } else { 1 };
        let most = (BAND / cols).min((n * rows).div_ceil(threads)).max(1);
        let bands = |height| Bands { rows, cols, all: n * rows, height };
        let worked_out = |bands: &Bands| bands.count() * bands.band(0).padded();
        let heights = (1..=most).rev().map(bands);
        heights.min_by_key(worked_out).unwrap_or(bands(1))
    }

    pub(super) fn count(&self) -> usize {
        self.all.div_ceil(self.height)
    }

    pub(super) fn band(&self, i: usize) -> Band {
        let first = i * self.height;
        let rows = self.height.min(self.all - first);
        Band { first, rows, cols: self.cols, per_image: self.rows }
    }
}

/// Some rows of tiles from `first` on, all images counted. In memory each tile has its places, and each place its channels.
pub(super) struct Band {
    first: usize,
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// Rows in an image.
    per_image: usize,
}

impl Band {
    /// The image of a row, and which of the image's rows it is.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> (usize, usize) {
        ((self.first + row) / self.per_image, (self.first + row) % self.per_image)
    }

    /// Tiles whose sums are in registers together: 6, or 4, which load more for each product, where a ninth fewer are then worked out.
    #[inline(always)]
    pub(super) fn together(&self) -> usize {
        let tiles = self.rows * self.cols;
        if 9 * tiles.next_multiple_of(4) <= 8 * tiles.next_multiple_of(6) { 4 } else { 6 }
    }

    /// How many tiles there is room for: what is worked out of those behind the last is of no use.
    #[inline(always)]
    pub(super) fn padded(&self) -> usize {
        (self.rows * self.cols).next_multiple_of(self.together())
    }

    /// Numbers from one tile to the next. Without a gap, those of all tiles would share a few lines of the nearest cache.
    pub(super) fn tile(&self, channels: usize) -> usize {
        PLACES * padded(channels) + MAX_LANES
    }

    /// Columns of what a row of tiles writes, as many as are transposed at once.
    pub(super) fn written(&self) -> usize {
        (self.cols * EDGE).next_multiple_of(MAX_LANES)
    }

    /// Room for what a row of tiles reads of a vector of channels, or for what it writes, once by column and once by channel.
    pub(super) fn lines(&self) -> usize {
        (READ * (self.cols * EDGE + 2)).max((EDGE + 1) * self.written()) * MAX_LANES
    }
}

/// `channels`, and as many behind them as fill the widest vector.
pub(super) const fn padded(channels: usize) -> usize {
    channels.next_multiple_of(MAX_LANES)
}
