//! From tokens to the types of [`ast`]. Reading goes on after a mistake where a reader would know what was meant, so that all
//! mistakes are found at once, and the network is there for the rest of the file.

mod forward;
mod layer;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Expr, Ident, Result, Token, Visibility, braced, bracketed, parenthesized, token,
};

use crate::ast::{Form, Network, Shape};
use crate::budget::Budget;
use crate::diag::Errors;

/// Axes that a shape may have.
const MAX_RANK: usize = 4;

/// Reads a declaration; `None` when not even its name could be read.
pub fn network(tokens: TokenStream, errors: &mut Errors) -> Option<Network> {
    let mut network = None;
    let parser = |input: ParseStream| {
        network = declaration(input, errors)?;
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    network
}

fn declaration(input: ParseStream, errors: &mut Errors) -> Result<Option<Network>> {
    if input.is_empty() {
        return Err(here(
            input,
            "expected a network, as `pub struct Net: [2] -> [1] { fc1: Linear(8), ReLU, fc2: Linear(1) }`",
        ));
    }
    let mut attrs = input.call(Attribute::parse_outer)?;
    let budget = Budget::take(&mut attrs, errors);
    let vis: Visibility = input.parse()?;
    if input.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
    } else {
        errors.push(here(input, "expected `struct`, as in `pub struct Net: [2] -> [1] { … }`"));
        // `Net: [2] -> …`, or another word in the place of `struct`.
        if input.peek(Ident::peek_any) && input.peek2(Ident) {
            input.call(Ident::parse_any)?;
        } else if !input.peek(Ident) {
            return rest(input);
        }
    }
    let name: Ident = match input.parse() {
        Ok(name) => name,
        Err(error) => {
            errors.push(error);
            return rest(input);
        }
    };
    if input.peek(Token![<]) {
        errors.push(here(
            input,
            "a network takes no type parameters: write its sizes as literals or `const`s",
        ));
        skip(input, |input| input.peek(token::Brace) || input.peek(Token![:]));
    }
    let shapes = header(input, &name, errors);
    if !input.peek(token::Brace) {
        let message =
            format!("expected the layers of `{name}` in braces, as `{{ fc1: Linear(8), ReLU }}`");
        errors.push(here(input, message));
        skip(input, |input| input.peek(token::Brace));
    }
    let layers = if input.peek(token::Brace) {
        let body;
        braced!(body in input);
        layer::layers(&body, errors)
    } else {
        vec![]
    };
    let form = match shapes {
        Some((input, output)) => Form::Sequential { input, output },
        None if input.is_empty() => {
            let message = format!(
                "`{name}` needs its shapes, as in `struct {name}: [1, 28, 28] -> [10] {{ … }}`, or a `fn forward(x: […]) -> […] {{ … }}`"
            );
            errors.at(name.span(), message);
            Form::Sequential { input: unknown(name.span()), output: unknown(name.span()) }
        }
        None => Form::Graph(forward::forward(input, errors)),
    };
    if !input.is_empty() {
        let message = if matches!(form, Form::Sequential { .. }) && input.peek(Token![fn]) {
            "a network has shapes behind its name, or a `forward`, but not both"
        } else if input.peek(Token![;]) {
            "no `;` stands behind a network"
        } else {
            "nothing may follow the network: every network has a `network!` of its own"
        };
        errors.push(here(input, message));
        skip(input, |_| false);
    }
    Ok(Some(Network { attrs, budget, vis, name, layers, form }))
}

/// `: [1, 28, 28] -> [10]`, or nothing.
fn header(input: ParseStream, name: &Ident, errors: &mut Errors) -> Option<(Shape, Shape)> {
    if input.peek(token::Brace) || input.is_empty() {
        return None;
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        let _ = input.parse::<Token![:]>();
    } else {
        let message =
            format!("expected `:` and the shapes, as in `struct {name}: [1, 28, 28] -> [10]`");
        errors.push(here(input, message));
        if !input.peek(token::Bracket) && !input.peek(Token![->]) {
            skip(input, |input| {
                input.peek(token::Bracket) || input.peek(Token![->]) || input.peek(token::Brace)
            });
        }
    }
    let from = shape(input, errors);
    if input.peek(Token![->]) {
        let _ = input.parse::<Token![->]>();
    } else if from.dims.is_some() {
        errors.push(here(
            input,
            "expected `->` and the shape of what comes out, as in `[1, 28, 28] -> [10]`",
        ));
        skip(input, |input| input.peek(token::Bracket) || input.peek(token::Brace));
        if input.peek(token::Brace) {
            return Some((from, unknown(input.span())));
        }
    } else {
        skip(input, |input| input.peek(Token![->]) || input.peek(token::Brace));
        if input.peek(token::Brace) {
            return Some((from, unknown(input.span())));
        }
        let _ = input.parse::<Token![->]>();
    }
    Some((from, shape(input, errors)))
}

/// `[1, 28, 28]`. Other brackets, or a number without any, are a mistake after which it is clear what was meant.
fn shape(input: ParseStream, errors: &mut Errors) -> Shape {
    let mut span = input.span();
    let message = "expected a shape in brackets, as `[1, 28, 28]`";
    let read = if input.peek(token::Bracket) {
        bracketed(input).and_then(|(all, inner)| {
            span = all;
            dims(&inner, errors)
        })
    } else if input.peek(token::Paren) {
        errors.at(span, message);
        parenthesised(input).and_then(|inner| dims(&inner, errors))
    } else if input.peek(syn::Lit) {
        errors.at(span, message);
        input
            .parse()
            .map(|number: syn::Lit| vec![Expr::Lit(syn::ExprLit { attrs: vec![], lit: number })])
    } else {
        Err(here(input, message))
    };
    match read {
        Ok(dims) => {
            if let Some(fifth) = dims.get(MAX_RANK) {
                let message = "a shape has at most 4 axes: channels and three sizes; the batch is not counted";
                errors.push(syn::Error::new_spanned(fifth, message));
                return unknown(span);
            }
            let (dims, bound) = bound(dims, errors);
            Shape { dims: Some(dims), bound, span }
        }
        Err(error) => {
            errors.push(error);
            unknown(span)
        }
    }
}

fn dims(inner: ParseStream, errors: &mut Errors) -> Result<Vec<Expr>> {
    let mut dims = vec![];
    while !inner.is_empty() {
        match inner.parse() {
            Ok(dim) => dims.push(dim),
            Err(error) => {
                skip(inner, |_| false);
                return Err(syn::Error::new(
                    error.span(),
                    "expected a size: a number, or a `const`",
                ));
            }
        }
        comma(inner, errors, "expected `,` between two sizes");
    }
    Ok(dims)
}

/// The sizes, and which of them is written as `..64`.
fn bound(mut dims: Vec<Expr>, errors: &mut Errors) -> (Vec<Expr>, Option<usize>) {
    let mut bound = None;
    for (axis, dim) in dims.iter_mut().enumerate() {
        let Expr::Range(range) = &*dim else { continue };
        let most = match (&range.start, &range.end) {
            (None, Some(most)) => Expr::clone(most),
            _ => {
                let message =
                    "a length that varies is written as `..64`, with the most that it can be";
                errors.push(syn::Error::new_spanned(&*dim, message));
                syn::parse_quote!(1)
            }
        };
        if bound.replace(axis).is_some() {
            let message = "only one axis of a shape can vary from sample to sample";
            errors.push(syn::Error::new_spanned(&*dim, message));
        }
        *dim = most;
    }
    (dims, bound)
}

/// A comma, the end, or a mistake after which reading goes on as if a comma stood there.
fn comma(input: ParseStream, errors: &mut Errors, message: &str) {
    if input.peek(Token![,]) {
        let _ = input.parse::<Token![,]>();
    } else if !input.is_empty() {
        errors.push(here(input, message));
        if input.peek(Token![;]) {
            let _ = input.parse::<Token![;]>();
        }
    }
}

/// A mistake at the next token, or at the end of what surrounds `input`.
fn here(input: ParseStream, message: impl std::fmt::Display) -> syn::Error {
    syn::Error::new(input.span(), message)
}

/// The shape of which nothing is known.
fn unknown(span: Span) -> Shape {
    Shape { dims: None, bound: None, span }
}

/// What stands in brackets, and where.
fn bracketed(input: ParseStream) -> Result<(Span, syn::parse::ParseBuffer)> {
    let inner;
    let bracket = bracketed!(inner in input);
    Ok((bracket.span.join(), inner))
}

fn parenthesised(input: ParseStream) -> Result<syn::parse::ParseBuffer> {
    let inner;
    parenthesized!(inner in input);
    Ok(inner)
}

/// Passes over tokens, up to one at which `end` says so.
fn skip(input: ParseStream, end: impl Fn(ParseStream) -> bool) {
    while !input.is_empty() && !end(input) {
        let _ = input.parse::<TokenTree>();
    }
}

fn rest(input: ParseStream) -> Result<Option<Network>> {
    skip(input, |_| false);
    Ok(None)
}
