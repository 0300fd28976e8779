//! `[1, 28, 28]`, or `[..64, 40]`.

use std::rc::Rc;

use proc_macro2::Span;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Expr, ExprRange, Ident, Result, Token, bracketed, token};

use super::{comma, here, parenthesised, skip};
use crate::ast::Shape;
use crate::diag::Errors;

/// Axes that a shape may have.
const MAX_RANK: usize = 4;

/// `[1, 28, 28]`. Other brackets, or a number without any, are a mistake after which it is clear what was meant.
pub fn shape(input: ParseStream, errors: &mut Errors) -> Shape {
    let mut span = input.span();
    let message = "expected a shape in brackets, as `[1, 28, 28]`";
    let read = if input.peek(token::Bracket) {
        bracketed(input).and_then(|(all, inner)| {
            span = all;
            dims(&inner, errors)
        })
    } else if input.peek(token::Paren) {
        errors.at(span, message);
        // What else may be wrong in there is no matter.
        let inside = parenthesised(input).and_then(|inner| dims(&inner, &mut Errors::default()));
        return match inside {
            Ok(dims) if (1..=MAX_RANK).contains(&dims.len()) => {
                let dims = dims.into_iter().map(Rc::new).collect();
                Shape { dims: Some(dims), bound: None, as_input: None, span }
            }
            _ => unknown(span),
        };
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
            Shape { dims: Some(dims), bound, as_input: None, span }
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
        if inner.peek(Token![;]) {
            let message = "a shape is its sizes alone, as `[1, 28, 28]`: the numbers are `f32`";
            let error = here(inner, message);
            skip(inner, |_| false);
            return Err(error);
        }
        comma(inner, errors, "expected `,` between two sizes");
    }
    Ok(dims)
}

/// The sizes, and which of them is written as `..64`.
fn bound(dims: Vec<Expr>, errors: &mut Errors) -> (Vec<Rc<Expr>>, Option<usize>) {
    let mut bound = None;
    let dims = dims.into_iter().enumerate().map(|(axis, dim)| {
        let Expr::Range(range) = dim else { return Rc::new(dim) };
        let written = range.to_token_stream();
        let most = match range {
            ExprRange { start: None, end: Some(most), .. } => Rc::from(most),
            _ => {
                let message =
                    "a length that varies is written as `..64`, with the most that it can be";
                errors.push(syn::Error::new_spanned(&written, message));
                Rc::new(syn::parse_quote!(1))
            }
        };
        if bound.is_some() {
            let message = "only one axis of a shape can vary from sample to sample";
            errors.push(syn::Error::new_spanned(&written, message));
        }
        bound.get_or_insert(axis);
        most
    });
    (dims.collect(), bound)
}

/// The shape of which nothing is known.
pub fn unknown(span: Span) -> Shape {
    Shape { dims: None, bound: None, as_input: None, span }
}

/// What stands in brackets, and where.
fn bracketed(input: ParseStream) -> Result<(Span, syn::parse::ParseBuffer)> {
    let inner;
    let bracket = bracketed!(inner in input);
    Ok((bracket.span.join(), inner))
}

impl Shape {
    /// `[..words, 12]` is as long as the input `words`, which is one of the first `before` of `inputs`; the size is then what `words` says.
    pub fn follow(&mut self, inputs: &[(Ident, Shape)], before: usize, errors: &mut Errors) {
        let (Some(dims), Some(axis)) = (&mut self.dims, self.bound) else { return };
        let Expr::Path(path) = &*dims[axis] else { return };
        let named = inputs.iter().position(|(name, _)| path.path.is_ident(name));
        let Some((input, (name, shape))) = named.map(|input| (input, &inputs[input])) else {
            return;
        };
        match (&shape.dims, shape.bound) {
            (Some(of), Some(bound)) if input < before => {
                dims[axis] = of[bound].clone();
                self.as_input = Some(shape.as_input.unwrap_or(input));
                return;
            }
            (Some(_), Some(_)) => {
                let message = format!(
                    "the input `{name}`, which this is to be as long as, has to stand before it"
                );
                errors.push(syn::Error::new_spanned(path, message));
            }
            (Some(_), None) => {
                let message = format!(
                    "the input `{name}` is no sequence, that another could be as long as it"
                );
                errors.push(syn::Error::new_spanned(path, message));
            }
            (None, _) => {}
        }
        self.dims = None;
    }
}
