//! Declarations that are right, for tests to expand and to spoil.

/// The network whose expansion is kept.
pub const MNIST: &str = "
    /// The PyTorch MNIST example.
    pub struct MnistCnn: [1, 28, 28] -> [10] {
        conv1: Conv2d(32, 3), ReLU,
        conv2: Conv2d(64, 3), ReLU,
        MaxPool2d(2), Dropout2d(0.25), Flatten,
        fc1: Linear(128), ReLU, Dropout(0.5),
        fc2: Linear(10), LogSoftmax,
    }";

/// The network in bytes whose expansion is kept.
pub const DIGITS: &str = "
    #[quantize(i8)]
    pub struct Digits: [1, 28, 28] -> [10] {
        Flatten,
        fc1: Linear(32), ReLU,
        fc2: Linear(10),
    }";

/// The grammar in full.
pub const ALL: [&str; 10] = [
    MNIST,
    DIGITS,
    "
    #[budget(flash = \"64 KiB\", ram = 16 * 1024)]
    #[derive(Debug, Clone)]
    #[cfg(all())]
    pub(crate) struct Net: [C, 2 * H, { W },] -> [sizes::OUT] {
        /// The first.
        #[allow(dead_code)]
        r#type: ::firmnet::layers::Conv2d(C -> 8, (3, 5), padding = \"same\", bias = false,),
        self::my::Scale, crate::Other(), super::Third(1.0),
        fc: Linear(out_features = sizes::OUT),
    }",
    "struct One: [4] -> [4] { ReLU }",
    "
    pub struct Block {
        conv1: Conv2d(16, 3, padding = 1, bias = false), bn1: BatchNorm2d,
        conv2: Conv2d(16, 3, padding = 1, bias = false), bn2: BatchNorm2d,
    }
    fn forward(x: [16, 32, 32]) -> [16, 32, 32] {
        let y = ReLU(bn1(conv1(x)));
        ReLU(x + bn2(conv2(y)))
    }",
    "
    struct Twins { encoder: Linear(4 -> 8), head: Linear(1) }
    fn forward(left: [4], right: [4,],) -> ([1], [8]) {
        let a: [8] = ReLU(encoder(left));
        let b = (ReLU(encoder(right)));
        let both = a * b + a;
        (head(both), both)
    }",
    "
    struct Parts { a: Linear(3) }
    fn forward(x: [3, 8, 8], _y: [1]) -> [12] {
        let h = MaxPool2d(2, stride = 1)(x);
        let h = firmnet::layers::Flatten(h);
        let _ = Slice(0, 3)(h);
        Concat(a(h), a(h), Concat(dim = 0)(a(h), a(h)), dim = -1)
    }",
    "struct Scalar: [] -> [1, 1, 1, 1] { Reshape([1, 1, 1, 1]) }",
    "
    struct Shadow { fc1: Linear(4), fc2: Linear(2) }
    fn forward(x: [4]) -> ([2],) {
        let x = fc1(x);
        let x: [4] = fc1(x);
        (fc2(x),)
    }",
    "
    struct Sized<const H: usize, const T: usize = 5> { inner: Mlp<H>, #[frozen] fc: Linear(2 * H), tags: my::Layer(T) }
    fn forward(words: [..9, H]) -> [..9, T] { tags(inner(fc(words))) }",
];

#[test]
fn are_right() {
    for declaration in ALL {
        let expansion = crate::expand(declaration.parse().unwrap());
        let written = prettyplease::unparse(&syn::parse2(expansion).unwrap());
        assert!(!written.contains("compile_error"), "{written}");
    }
}
