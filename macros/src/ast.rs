//! What is written: the grammar as types. [`parse`](crate::parse) makes them.

use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ConstParam, Expr, Ident, Path, Visibility};

use crate::budget::Budget;

/// A whole declaration.
pub struct Network {
    pub attrs: Vec<Attribute>,
    pub budget: Option<Budget>,
    /// Where `#[quantize(i8)]` stands, if it does.
    pub quantize: Option<Span>,
    pub vis: Visibility,
    pub name: Ident,
    /// `<const H: usize>`.
    pub sizes: Vec<ConstParam>,
    pub layers: Vec<Layer>,
    pub form: Form,
}

/// How the layers are put together.
pub enum Form {
    /// `struct Net: [1, 28, 28] -> [10] { … }`: one after the other.
    Sequential { input: Shape, output: Shape },
    /// `struct Net { … } fn forward(x: […]) -> […] { … }`.
    Graph(Forward),
}

/// `[64, 12, 12]`, or `[..64, 40]`.
#[derive(Clone)]
pub struct Shape {
    /// The sizes; `None` for a shape that a mistake has made unreadable.
    pub dims: Option<Vec<Rc<Expr>>>,
    /// The axis whose size is the most that can come.
    pub bound: Option<usize>,
    /// The input that says how many come, as in `[..words, 12]`: the size is then that of the input.
    pub as_input: Option<usize>,
    pub span: Span,
}

/// `conv1: Conv2d(32, 3)`, or `Flatten`.
pub struct Layer {
    pub attrs: Vec<Attribute>,
    pub name: Option<Ident>,
    /// The keyword; `None` when a mistake has made it unreadable.
    pub kind: Option<Keyword>,
    pub args: Args,
    /// `#[frozen]`.
    pub frozen: bool,
    /// Where the layer stands.
    pub span: Span,
}

/// What says which layer it is: `Conv2d`, `own::Scale`, or a network as `Mlp<H>`.
#[derive(Clone)]
pub struct Keyword {
    pub path: TokenStream,
    /// The last word: what a message calls a layer without a name, and where the compiler points to.
    pub word: Ident,
    /// `<H>`.
    pub arguments: TokenStream,
}

impl Keyword {
    pub fn of(path: &Path) -> Keyword {
        let last = path.segments.last().expect("a path has a segment");
        let arguments = last.arguments.to_token_stream();
        Keyword { path: path.to_token_stream(), word: last.ident.clone(), arguments }
    }
}

/// What stands in the parentheses behind a keyword.
#[derive(Clone, Default)]
pub struct Args {
    /// `32`, `9216 -> 128`.
    pub positional: Vec<TokenStream>,
    /// What stands before an arrow.
    pub stated: Option<TokenStream>,
    /// `padding = 1`.
    pub named: Vec<(Ident, TokenStream)>,
    /// Whether a mistake has made some of them unreadable.
    pub broken: bool,
}

/// What the arguments without a name are called; no layer takes more.
pub const NTH: [&str; 8] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"];

/// `fn forward(…) -> … { … }`.
pub struct Forward {
    pub inputs: Vec<(Ident, Shape)>,
    pub outputs: Vec<Shape>,
    pub lets: Vec<Let>,
    /// One expression for each output; `None` where it is missing or unreadable.
    pub results: Option<Vec<Expr>>,
    pub results_span: Span,
    /// Whether some of it could not be read as it stands.
    pub broken: bool,
}

/// `let h: [64, 12, 12] = conv(x);`
pub struct Let {
    /// `None` when a mistake has made it unreadable.
    pub name: Option<Ident>,
    pub shape: Option<Shape>,
    /// `None` when a mistake has made it unreadable.
    pub value: Option<Expr>,
}
