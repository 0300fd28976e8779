//! A view of a slice as a matrix.

use crate::check::check;

/// `rows × cols` numbers in a slice, at any strides; transposing it moves nothing.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Row after row without gaps.
    ///
    /// # Panics
    /// When `data` is shorter than `rows · cols`.
    #[inline]
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        Matrix::strided(data, rows, cols, cols, 1)
    }

    /// Element `(i, j)` is `data[i · row_stride + j · col_stride]`.
    ///
    /// # Panics
    /// When the last element lies outside `data`.
    #[inline]
    pub fn strided(
        data: &'a [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
        col_stride: usize,
    ) -> Self {
        let inside = rows == 0
            || cols == 0
            || (rows - 1) * row_stride + (cols - 1) * col_stride < data.len();
        check!(
            inside,
            "a matrix reaches beyond its slice",
            Matrix { data: &[], rows: 0, cols: 0, row_stride: 0, col_stride: 0 }
        );
        Matrix { data, rows, cols, row_stride, col_stride }
    }

    /// The transposed matrix.
    #[inline]
    pub fn t(self) -> Self {
        Matrix {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    /// How many rows there are.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns there are.
    #[inline]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// How far the next row is.
    #[inline]
    pub(super) fn row_stride(&self) -> usize {
        self.row_stride
    }

    /// How far the next column is.
    #[inline]
    pub(super) fn col_stride(&self) -> usize {
        self.col_stride
    }

    /// The slice that element (0, 0) begins.
    #[inline]
    pub(super) fn data(&self) -> &'a [f32] {
        self.data
    }

    /// Row `i` alone, which is there.
    #[inline]
    pub(super) fn only_row(&self, i: usize) -> Self {
        let data = self.data.get(i * self.row_stride..).unwrap_or_default();
        Matrix { data, rows: 1, ..*self }
    }

    /// The numbers of row `i`; none where there is no such row.
    #[inline]
    pub(super) fn row(&self, i: usize) -> impl Iterator<Item = &'a f32> + use<'a> {
        self.after(i).step_by(self.col_stride.max(1)).take(self.cols)
    }

    /// The numbers from the start of row `i` on, whatever they belong to.
    #[inline]
    pub(super) fn after(&self, i: usize) -> core::slice::Iter<'a, f32> {
        self.data.get(i * self.row_stride..).unwrap_or_default().iter()
    }
}
