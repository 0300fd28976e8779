//! Three networks with the instructions of AVX2, for their sizes alone: weights column by column, sums in registers, and a quotient of polynomials for
//! `tanh`, within 2.7e-7.

use std::arch::x86_64::*;

use crate::work::networks;

/// Whether the processor has what is used here.
pub fn is_available() -> bool {
    std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")
}

/// On a cache line.
#[repr(align(64))]
struct Line<T>(T);

/// `tanh`, with the coefficients of Eigen's.
#[target_feature(enable = "avx2,fma")]
fn tanh(x: __m256) -> __m256 {
    let of = |number| _mm256_set1_ps(number);
    let x = _mm256_max_ps(_mm256_min_ps(x, of(7.905_311)), of(-7.905_311));
    let z = _mm256_mul_ps(x, x);
    let mut p = of(-2.760_768_5e-16);
    for next in
        [2.000_188e-13, -8.604_672e-11, 5.122_297e-8, 1.485_722_4e-5, 6.372_619e-4, 4.893_525e-3]
    {
        p = _mm256_fmadd_ps(z, p, of(next));
    }
    let mut q = of(1.198_258_4e-6);
    for next in [1.185_347e-4, 2.268_434_6e-3, 4.893_525e-3] {
        q = _mm256_fmadd_ps(z, q, of(next));
    }
    _mm256_div_ps(_mm256_mul_ps(x, p), q)
}

/// The `i`-th eight of `numbers`.
#[target_feature(enable = "avx2,fma")]
fn eight(numbers: &[f32], i: usize) -> __m256 {
    let numbers: &[f32; 8] = numbers[8 * i..8 * i + 8].try_into().expect("eight numbers");
    // SAFETY: so many are there.
    unsafe { _mm256_loadu_ps(numbers.as_ptr()) }
}

#[target_feature(enable = "avx2,fma")]
fn put(numbers: &mut [f32], i: usize, value: __m256) {
    let numbers: &mut [f32; 8] = (&mut numbers[8 * i..8 * i + 8]).try_into().expect("eight places");
    // SAFETY: so many are there.
    unsafe { _mm256_storeu_ps(numbers.as_mut_ptr(), value) }
}

/// `W x + b` in `V` vectors, of a weight column by column: even and odd columns in sums of their own.
#[target_feature(enable = "avx2,fma")]
fn affine<const V: usize>(columns: &[f32], bias: &[f32], x: &[f32]) -> [__m256; V] {
    let (mut even, mut odd) = ([_mm256_setzero_ps(); V], [_mm256_setzero_ps(); V]);
    for (i, even) in even.iter_mut().enumerate() {
        *even = eight(bias, i);
    }
    for (x, columns) in x.chunks_exact(2).zip(columns.chunks_exact(16 * V)) {
        let (first, second) = (_mm256_set1_ps(x[0]), _mm256_set1_ps(x[1]));
        for i in 0..V {
            even[i] = _mm256_fmadd_ps(first, eight(columns, i), even[i]);
            odd[i] = _mm256_fmadd_ps(second, eight(columns, V + i), odd[i]);
        }
    }
    for (even, odd) in even.iter_mut().zip(odd) {
        *even = _mm256_add_ps(*even, odd);
    }
    even
}

/// Column by column, with `rows` places in each.
fn columns<const I: usize>(weight: &[[f32; I]], rows: usize, to: &mut [f32]) {
    for (o, row) in weight.iter().enumerate() {
        row.iter().enumerate().for_each(|(i, w)| to[i * rows + o] = *w);
    }
}

/// W1a.
pub struct Controller {
    weights: [Line<[f32; 1024]>; 3],
    biases: [Line<[f32; 32]>; 3],
}

impl Controller {
    pub fn of(net: &networks::Controller) -> Self {
        assert!(is_available());
        let mut hand = Controller {
            weights: [const { Line([0.0; 1024]) }; 3],
            biases: [const { Line([0.0; 32]) }; 3],
        };
        columns(&net.fc1.weight, 32, &mut hand.weights[0].0);
        columns(&net.fc2.weight, 32, &mut hand.weights[1].0);
        columns(&net.fc3.weight, 8, &mut hand.weights[2].0);
        hand.biases[0].0 = net.fc1.bias;
        hand.biases[1].0 = net.fc2.bias;
        hand.biases[2].0[..4].copy_from_slice(&net.fc3.bias);
        hand
    }

    pub fn run(&self, x: &[f32; 16]) -> [f32; 4] {
        // SAFETY: `of` has found that AVX2 and FMA are there.
        unsafe { self.on_avx2(x) }
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline(never)]
    fn on_avx2(&self, x: &[f32; 16]) -> [f32; 4] {
        let ([w1, w2, w3], [b1, b2, b3]) = (&self.weights, &self.biases);
        let (mut h1, mut h2, mut y) = (Line([0.0; 32]), Line([0.0; 32]), [0.0; 8]);
        for (i, sum) in affine::<4>(&w1.0, &b1.0, x).into_iter().enumerate() {
            put(&mut h1.0, i, tanh(sum));
        }
        for (i, sum) in affine::<4>(&w2.0, &b2.0, &h1.0).into_iter().enumerate() {
            put(&mut h2.0, i, tanh(sum));
        }
        put(&mut y, 0, affine::<1>(&w3.0[..256], &b3.0, &h2.0)[0]);
        [y[0], y[1], y[2], y[3]]
    }
}

/// W1b.
pub struct Mlp {
    /// Two times 64 columns.
    first: Box<[Line<[[f32; 64]; 784]>; 2]>,
    bias: Line<[f32; 128]>,
    last: Line<[f32; 2048]>,
    last_bias: Line<[f32; 16]>,
}

impl Mlp {
    pub fn of(net: &networks::Mlp) -> Self {
        assert!(is_available());
        let mut hand = Mlp {
            first: Box::new([const { Line([[0.0; 64]; 784]) }; 2]),
            bias: Line(net.fc1.bias),
            last: Line([0.0; 2048]),
            last_bias: Line([0.0; 16]),
        };
        for (half, weight) in hand.first.iter_mut().zip(net.fc1.weight.chunks(64)) {
            columns(weight, 64, half.0.as_flattened_mut());
        }
        columns(&net.fc2.weight, 16, &mut hand.last.0);
        hand.last_bias.0[..10].copy_from_slice(&net.fc2.bias);
        hand
    }

    pub fn run(&self, x: &[f32; 784]) -> [f32; 10] {
        // SAFETY: `of` has found that AVX2 and FMA are there.
        unsafe { self.on_avx2(x) }
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline(never)]
    fn on_avx2(&self, x: &[f32; 784]) -> [f32; 10] {
        let (mut h, mut y) = (Line([0.0; 128]), Line([0.0; 16]));
        for (half, weights) in self.first.iter().enumerate() {
            let mut sums = [_mm256_setzero_ps(); 8];
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = eight(&self.bias.0, 8 * half + i);
            }
            for (x, column) in x.iter().zip(&weights.0) {
                let x = _mm256_set1_ps(*x);
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = _mm256_fmadd_ps(x, eight(column, i), *sum);
                }
            }
            for (i, sum) in sums.into_iter().enumerate() {
                put(&mut h.0, 8 * half + i, _mm256_max_ps(sum, _mm256_setzero_ps()));
            }
        }
        for (i, sum) in affine::<2>(&self.last.0, &self.last_bias.0, &h.0).into_iter().enumerate() {
            put(&mut y.0, i, sum);
        }
        y.0[..10].try_into().expect("ten of sixteen")
    }
}

/// W5. What goes into the 80 gates is in ten vectors: `i`, `f`, `g` and `o` of the first eight places and of the next, then `i` and `f`, and `g` and
/// `o`, of the last four. `i`, `f` and `o` are worked out as `(1 + tanh(x / 2)) / 2`, so their weights are halved.
pub struct Lstm {
    columns: Box<Line<[[f32; 80]; 22]>>,
    out: Line<[f32; 24]>,
    out_bias: f32,
    h: Line<[f32; 24]>,
    c: Line<[f32; 24]>,
}

impl Lstm {
    pub fn of(net: &networks::Amplifier) -> Self {
        assert!(is_available());
        let mut columns = Box::new(Line([[0.0; 80]; 22]));
        let lstm = &net.lstm;
        let ([w], [v]) = (&lstm.weight_ih_l0, &lstm.weight_hh);
        let ([b], [d]) = (&lstm.bias_ih, &lstm.bias_hh);
        for (gate, i) in (0..4).flat_map(|gate| (0..20).map(move |i| (gate, i))) {
            let factor = if gate == 2 { 1.0 } else { 0.5 };
            let at = if i < 16 { i / 8 * 32 + gate * 8 + i % 8 } else { 48 + gate * 4 + i };
            columns.0[0][at] = factor * (b[gate][i] + d[gate][i]);
            columns.0[1][at] = factor * w[gate][i][0];
            for (column, v) in columns.0[2..].iter_mut().zip(&v[gate][i]) {
                column[at] = factor * v;
            }
        }
        let mut out = Line([0.0; 24]);
        out.0[..20].copy_from_slice(&net.out.weight[0]);
        let state = || Line([0.0; 24]);
        Lstm { columns, out, out_bias: net.out.bias[0], h: state(), c: state() }
    }

    pub fn run(&mut self, x: f32) -> f32 {
        // SAFETY: `of` has found that AVX2 and FMA are there.
        unsafe { self.on_avx2(x) }
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline(never)]
    fn on_avx2(&mut self, x: f32) -> f32 {
        let ([bias, of_x, of_h @ ..], x) = (&self.columns.0, _mm256_set1_ps(x));
        let mut sums = [_mm256_setzero_ps(); 10];
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = _mm256_fmadd_ps(x, eight(of_x, i), eight(bias, i));
        }
        for (h, column) in self.h.0.iter().zip(of_h) {
            let h = _mm256_set1_ps(*h);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = _mm256_fmadd_ps(h, eight(column, i), *sum);
            }
        }
        let half = _mm256_set1_ps(0.5);
        let mut y = _mm256_setzero_ps();
        for block in 0..2 {
            let sigmoid = |i: usize| _mm256_fmadd_ps(tanh(sums[4 * block + i]), half, half);
            let (i, f, g, o) = (sigmoid(0), sigmoid(1), tanh(sums[4 * block + 2]), sigmoid(3));
            let c = _mm256_fmadd_ps(f, eight(&self.c.0, block), _mm256_mul_ps(i, g));
            let h = _mm256_mul_ps(o, tanh(c));
            put(&mut self.c.0, block, c);
            put(&mut self.h.0, block, h);
            y = _mm256_fmadd_ps(h, eight(&self.out.0, block), y);
        }
        // The last four are in the lower half of a vector; what is in the upper half is dropped.
        let swap = |v| _mm256_permute2f128_ps::<1>(v, v);
        let (i, g) = (_mm256_fmadd_ps(tanh(sums[8]), half, half), tanh(sums[9]));
        let (f, o) = (swap(i), _mm256_fmadd_ps(swap(g), half, half));
        let c = _mm256_fmadd_ps(f, eight(&self.c.0, 2), _mm256_mul_ps(i, g));
        let c = _mm256_blend_ps::<0b1111_0000>(c, _mm256_setzero_ps());
        let h = _mm256_mul_ps(o, tanh(c));
        put(&mut self.c.0, 2, c);
        put(&mut self.h.0, 2, h);
        y = _mm256_fmadd_ps(h, eight(&self.out.0, 2), y);
        let four = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps::<1>(y));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two))) + self.out_bias
    }
}
