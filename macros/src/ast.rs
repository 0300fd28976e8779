//! What is written: the grammar as types, and how each is parsed.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Ident, Path, Result, Token, Visibility, braced, bracketed, parenthesized,
    token,
};

use crate::budget::Budget;

/// A whole declaration.
pub struct Network {
    pub attrs: Vec<Attribute>,
    pub budget: Option<Budget>,
    pub vis: Visibility,
    pub name: Ident,
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

/// `[64, 12, 12]`.
pub struct Shape {
    pub dims: Vec<Expr>,
    pub span: Span,
}

/// `conv1: Conv2d(32, 3)`, or `Flatten`.
pub struct Layer {
    pub attrs: Vec<Attribute>,
    pub name: Option<Ident>,
    pub kind: Path,
    pub args: Args,
}

/// What stands in the parentheses behind a keyword.
#[derive(Clone, Default)]
pub struct Args {
    /// `32`, `9216 -> 128`.
    pub positional: Vec<Expr>,
    /// What stands before an arrow.
    pub stated: Option<Expr>,
    /// `padding = 1`.
    pub named: Vec<(Ident, Expr)>,
}

/// `fn forward(…) -> … { … }`.
pub struct Forward {
    pub inputs: Vec<(Ident, Shape)>,
    pub outputs: Vec<Shape>,
    pub lets: Vec<Let>,
    /// One expression for each output.
    pub results: Vec<Expr>,
    pub results_span: Span,
}

/// `let h: [64, 12, 12] = conv(x);`
pub struct Let {
    pub name: Ident,
    pub shape: Option<Shape>,
    pub value: Expr,
}

impl Layer {
    /// The last word of the keyword: where the compiler points to.
    pub fn keyword(&self) -> &Ident {
        keyword(&self.kind)
    }
}

/// The last word of a path.
pub fn keyword(path: &Path) -> &Ident {
    &path.segments.last().expect("a path has a segment").ident
}

impl Parse for Network {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let budget = Budget::take(&mut attrs)?;
        let vis = input.parse()?;
        input.parse::<Token![struct]>()?;
        let name: Ident = input.parse()?;
        if input.peek(Token![<]) {
            return Err(input.error(
                "a network takes no type parameters: write its sizes as literals or `const`s",
            ));
        }
        let shapes = if input.peek(Token![:]) {
            input.parse::<Token![:]>()?;
            let from = input.parse()?;
            input.parse::<Token![->]>()?;
            Some((from, input.parse()?))
        } else {
            None
        };
        let body;
        braced!(body in input);
        let layers = Punctuated::<Layer, Token![,]>::parse_terminated(&body)?;
        let form = match shapes {
            Some((input, output)) => Form::Sequential { input, output },
            None if input.is_empty() => {
                let message = format!(
                    "`{name}` needs its shapes, as in `struct {name}: [1, 28, 28] -> [10] {{ … }}`, or a `fn forward(x: […]) -> […] {{ … }}`"
                );
                return Err(syn::Error::new(name.span(), message));
            }
            None => Form::Graph(input.parse()?),
        };
        if !input.is_empty() {
            return Err(input.error("nothing may follow the network"));
        }
        Ok(Network { attrs, budget, vis, name, layers: layers.into_iter().collect(), form })
    }
}

impl Parse for Shape {
    fn parse(input: ParseStream) -> Result<Self> {
        if !input.peek(token::Bracket) {
            return Err(input.error("expected a shape, as `[1, 28, 28]`"));
        }
        let dims;
        let bracket = bracketed!(dims in input);
        let dims = Punctuated::<Expr, Token![,]>::parse_terminated(&dims)?;
        if let Some(fifth) = dims.iter().nth(4) {
            return Err(syn::Error::new_spanned(fifth, "a shape has at most 4 axes"));
        }
        Ok(Shape { dims: dims.into_iter().collect(), span: bracket.span.join() })
    }
}

impl Parse for Layer {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let name =
            if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
                let name = input.parse()?;
                input.parse::<Token![:]>()?;
                Some(name)
            } else {
                None
            };
        let kind = input.call(Path::parse_mod_style)?;
        let args = if input.peek(token::Paren) { input.parse()? } else { Args::default() };
        Ok(Layer { attrs, name, kind, args })
    }
}

impl Parse for Args {
    fn parse(input: ParseStream) -> Result<Self> {
        let (inner, mut args) = (parenthesised(input)?, Args::default());
        while !inner.is_empty() {
            if inner.peek(Ident::peek_any) && inner.peek2(Token![=]) && !inner.peek2(Token![==]) {
                let name = inner.call(Ident::parse_any)?;
                inner.parse::<Token![=]>()?;
                args.named.push((name, inner.parse()?));
            } else {
                let stated = stated(&inner)?;
                if stated.is_some() && !args.positional.is_empty() {
                    let message = "only the first argument may state what comes in";
                    return Err(syn::Error::new_spanned(stated, message));
                }
                let value: Expr = inner.parse()?;
                if !args.named.is_empty() {
                    let message = "an argument without a name stands before those with one";
                    return Err(syn::Error::new_spanned(value, message));
                }
                args.stated = args.stated.or(stated);
                args.positional.push(value);
            }
            if !inner.is_empty() {
                inner.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    }
}

/// `9216 ->`, if the next argument has an arrow. `syn` would take its first half for a minus.
fn stated(input: ParseStream) -> Result<Option<Expr>> {
    let (ahead, mut before) = (input.fork(), TokenStream::new());
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        if ahead.peek(Token![->]) {
            let expr = syn::parse2(before)?;
            while !input.peek(Token![->]) {
                input.parse::<TokenTree>()?;
            }
            input.parse::<Token![->]>()?;
            return Ok(Some(expr));
        }
        before.extend([ahead.parse::<TokenTree>()?]);
    }
    Ok(None)
}

fn parenthesised(input: ParseStream) -> Result<syn::parse::ParseBuffer> {
    let inner;
    parenthesized!(inner in input);
    Ok(inner)
}

impl Parse for Forward {
    fn parse(input: ParseStream) -> Result<Self> {
        input.parse::<Token![fn]>()?;
        let name: Ident = input.parse()?;
        if name != "forward" {
            return Err(syn::Error::new(
                name.span(),
                "the function of a network is called `forward`",
            ));
        }
        let inner = parenthesised(input)?;
        let inputs =
            Punctuated::<(Ident, Shape), Token![,]>::parse_terminated_with(&inner, |input| {
                let name = input.parse()?;
                input.parse::<Token![:]>()?;
                Ok((name, input.parse()?))
            })?;
        input.parse::<Token![->]>()?;
        let outputs = if input.peek(token::Paren) {
            let inner = parenthesised(input)?;
            Punctuated::<Shape, Token![,]>::parse_terminated(&inner)?.into_iter().collect()
        } else {
            vec![input.parse()?]
        };
        let body;
        let brace = braced!(body in input);
        let mut lets = vec![];
        while body.peek(Token![let]) {
            lets.push(body.parse()?);
        }
        if body.is_empty() {
            return Err(syn::Error::new(
                brace.span.close(),
                "`forward` ends with the value that it gives",
            ));
        }
        let result: Expr = body.parse()?;
        if !body.is_empty() {
            return Err(body.error("`forward` is made of `let`s, and the value that it gives"));
        }
        let results_span = syn::spanned::Spanned::span(&result);
        let results = match result {
            Expr::Tuple(tuple) if outputs.len() != 1 => tuple.elems.into_iter().collect(),
            one => vec![one],
        };
        Ok(Forward { inputs: inputs.into_iter().collect(), outputs, lets, results, results_span })
    }
}

impl Parse for Let {
    fn parse(input: ParseStream) -> Result<Self> {
        input.parse::<Token![let]>()?;
        let name = input.parse()?;
        let shape =
            if input.parse::<Option<Token![:]>>()?.is_some() { Some(input.parse()?) } else { None };
        input.parse::<Token![=]>()?;
        let value = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok(Let { name, shape, value })
    }
}
