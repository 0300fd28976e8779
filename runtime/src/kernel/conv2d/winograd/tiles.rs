//! Which tiles there are, and where their numbers are put.

use super::super::Conv2d;

/// The most tiles that are worked on together, unless a row has more: so many that the sums of a few channels stay in the nearest cache.
const BAND: usize = 96;
/// Numbers from the end of a place to the next. The last vector of a row of tiles may reach beyond its end, and without a gap all places
/// would share a few lines of the nearest cache.
const GAP: usize = 16;

/// The tiles of two by two outputs of an image, in bands of some rows.
pub(super) struct Bands {
    rows: usize,
    cols: usize,
    /// Rows in a band.
    height: usize,
}

impl Bands {
    pub(super) fn of(shape: &Conv2d) -> Self {
        let (rows, cols) = (shape.out_height.div_ceil(2), shape.out_width.div_ceil(2));
        // As few numbers behind the tiles of a band as can be.
        let numbers = |bands: &Bands| -> usize { bands.all().map(|band| band.row()).sum() };
        let heights = 1..=(BAND / cols).clamp(1, rows);
        let bands = heights.map(|height| Bands { rows, cols, height }).min_by_key(numbers);
        bands.unwrap_or(Bands { rows, cols, height: 1 })
    }

    pub(super) fn count(&self) -> usize {
        self.rows.div_ceil(self.height)
    }

    pub(super) fn band(&self, i: usize) -> Band {
        let first = i * self.height;
        Band { first, rows: self.height.min(self.rows - first), cols: self.cols }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = Band> {
        (0..self.count()).map(|i| self.band(i))
    }
}

/// Some rows of tiles from `first` on. In memory each place of them has its channels, and each channel its tiles, row after row.
pub(super) struct Band {
    pub(super) first: usize,
    pub(super) rows: usize,
    pub(super) cols: usize,
}

impl Band {
    /// How many tiles there are.
    pub(super) fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// Numbers from one channel to the next: whole vectors.
    pub(super) fn row(&self) -> usize {
        self.len().next_multiple_of(16)
    }

    /// Numbers from one place to the next.
    pub(super) fn place(&self, channels: usize) -> usize {
        channels * self.row() + GAP
    }
}
