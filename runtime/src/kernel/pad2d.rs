//! Padding of planes, with zeros or as in a mirror, and its gradient.

use crate::check::check;

/// Padding of one plane: `x: [H, W]` → `y: [H + top + bottom, W + left + right]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad2d {
    /// `H`.
    pub height: usize,
    /// `W`.
    pub width: usize,
    /// Columns to the left and to the right, rows above and below: PyTorch's order.
    pub sides: [usize; 4],
    /// Whether the plane goes on as in a mirror, without the line at its edge; otherwise with zeros. Sides are then smaller than the plane.
    pub reflect: bool,
}

/// Writes `y` for `planes` planes.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn pad2d(shape: &Pad2d, planes: usize, x: &[f32], y: &mut [f32]) {
    shape.check(planes, x.len(), y.len());
    let (w, [left, ..]) = (shape.width, shape.sides);
    for (x, y) in shape.planes(x).zip(y.chunks_exact_mut(shape.out_plane().max(1))) {
        for (row, y) in y.chunks_exact_mut(shape.out_width()).enumerate() {
            let Some(from) = shape.row(row) else {
                y.fill(0.0);
                continue;
            };
            let x = x.chunks_exact(w.max(1)).nth(from).unwrap_or_default();
            let seen = |col| shape.col(col).and_then(|col| x.get(col)).copied().unwrap_or(0.0);
            let (before, rest) = y.split_at_mut_checked(left).unwrap_or_default();
            let (inside, behind) = rest.split_at_mut_checked(w).unwrap_or_default();
            before.iter_mut().enumerate().for_each(|(col, y)| *y = seen(col));
            inside.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
            behind.iter_mut().enumerate().for_each(|(col, y)| *y = seen(left + w + col));
        }
    }
}

/// Adds the gradient of the input to `dx`.
///
/// # Panics
/// When a slice's length is not that of `planes` planes.
pub fn pad2d_backward(shape: &Pad2d, planes: usize, dy: &[f32], dx: &mut [f32]) {
    shape.check(planes, dx.len(), dy.len());
    let (w, [left, ..]) = (shape.width, shape.sides);
    let out = dy.chunks_exact(shape.out_plane());
    for (dx, dy) in dx.chunks_exact_mut((shape.height * w).max(1)).zip(out) {
        for (row, dy) in dy.chunks_exact(shape.out_width()).enumerate() {
            let Some(to) = shape.row(row) else { continue };
            let dx = &mut dx[to * w..][..w];
            dx.iter_mut().zip(&dy[left..]).for_each(|(dx, dy)| *dx += dy);
            for col in (0..left).chain(left + w..dy.len()) {
                if let Some(to) = shape.col(col) {
                    dx[to] += dy[col];
                }
            }
        }
    }
}

impl Pad2d {
    fn check(&self, planes: usize, x: usize, y: usize) {
        check!(x == planes * self.height * self.width, "padding: the input has another length");
        check!(y == planes * self.out_plane(), "padding: the output has another length");
    }

    fn planes<'a>(&self, x: &'a [f32]) -> impl Iterator<Item = &'a [f32]> {
        x.chunks_exact((self.height * self.width).max(1))
    }

    fn out_width(&self) -> usize {
        (self.sides[0] + self.width + self.sides[1]).max(1)
    }

    fn out_plane(&self) -> usize {
        (self.sides[2] + self.height + self.sides[3]) * self.out_width()
    }

    /// The row of the plane that is seen in `row` of the output.
    fn row(&self, row: usize) -> Option<usize> {
        self.seen(row, self.sides[2], self.height)
    }

    /// The same for columns.
    fn col(&self, col: usize) -> Option<usize> {
        self.seen(col, self.sides[0], self.width)
    }

    fn seen(&self, at: usize, before: usize, size: usize) -> Option<usize> {
        if at >= before && at < before + size {
            return Some(at - before);
        }
        if !self.reflect {
            return None;
        }
        // As far before the first, or behind the last, as it is away from it.
        Some(if at < before { before - at } else { 2 * (size - 1) - (at - before) })
    }
}
