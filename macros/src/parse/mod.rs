//! From tokens to the types of [`ast`]. Reading goes on after a mistake where a reader would know what was meant, so that all
//! mistakes are found at once, and the network is there for the rest of the file.

mod forward;
mod layer;
mod shape;
pub mod sizes;

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Result, Token, Visibility, braced, parenthesized, token};

use crate::ast::{Form, Layer, Network, Shape};
use crate::budget::Budget;
use crate::diag::Errors;
use crate::quantize;
use shape::{shape, unknown};

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
    let mut attrs = attributes(input, errors)?;
    let budget = Budget::take(&mut attrs, errors);
    let quantize = quantize::take(&mut attrs, errors);
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
    let sizes = sizes::sizes(input, errors);
    let shapes = header(input, &name, errors);
    let before = errors.len();
    let (mut layers, form) = body(input, &name, shapes.as_ref(), errors)?;
    let nothing = || Form::Sequential { input: unknown(name.span()), output: unknown(name.span()) };
    let mut form = match (form, shapes) {
        (Some(form), _) => form,
        (None, Some((input, output))) => Form::Sequential { input, output },
        (None, None) if !input.is_empty() => Form::Graph(forward::forward(input, errors)),
        (None, None) if errors.len() > before => nothing(),
        (None, None) => {
            let message = format!(
                "`{name}` needs its shapes, as in `struct {name}: [1, 28, 28] -> [10] {{ … }}`, or a `fn forward(x: […]) -> […] {{ … }}`"
            );
            errors.at(name.span(), message);
            nothing()
        }
    };
    match &sizes {
        Some(sizes) => sizes::shapes_take_them_as_they_are(sizes, &mut form, errors),
        None => sizes::forget(&mut layers, &mut form),
    }
    let sizes = sizes.unwrap_or_default();
    let budget = budget.filter(|budget| sizes.is_empty() || budget.refuse(errors));
    let quantize = quantize.filter(|&span| sizes.is_empty() || quantize::refuse(span, errors));
    for layer in &mut layers {
        if let Some(itself) = layer.kind.take_if(|kind| name == kind.path.to_string()) {
            let message =
                format!("`{name}` is this network itself, which cannot be a layer of its own");
            errors.push(syn::Error::new_spanned(itself.path, message));
        }
    }
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
    Ok(Some(Network { attrs, budget, quantize, vis, name, sizes, layers, form }))
}

/// `{ fc1: Linear(8), ReLU }`; and the `forward`, if it stands in there by mistake.
fn body(
    input: ParseStream,
    name: &Ident,
    shapes: Option<&(Shape, Shape)>,
    errors: &mut Errors,
) -> Result<(Vec<Layer>, Option<Form>)> {
    if !input.peek(token::Brace) {
        // Nothing is said about what follows from unreadable shapes.
        if shapes.is_none_or(|(_, output)| output.dims.is_some()) {
            let message = format!(
                "expected the layers of `{name}` in braces, as `{{ fc1: Linear(8), ReLU }}`"
            );
            errors.push(here(input, message));
        }
        skip(input, |input| input.peek(token::Brace) || input.peek(Token![fn]));
        if !input.peek(token::Brace) {
            return Ok((vec![], None));
        }
    }
    let body;
    braced!(body in input);
    let layers = layer::layers(&body, errors);
    if body.is_empty() {
        return Ok((layers, None));
    }
    errors.push(here(&body, "`forward` stands behind the layers, not among them"));
    let form = Form::Graph(forward::forward(&body, errors));
    skip(&body, |_| false);
    Ok((layers, Some(form)))
}

/// The attributes before the `struct`.
fn attributes(input: ParseStream, errors: &mut Errors) -> Result<Vec<Attribute>> {
    if input.peek(Token![#]) && input.peek2(Token![!]) {
        errors.push(here(input, "an attribute of a network has no `!`, as in `#[derive(Clone)]`"));
        input.call(Attribute::parse_inner)?;
    }
    let mut attrs = input.call(Attribute::parse_outer)?;
    attrs.retain(|attr| {
        let is_repr = attr.path().is_ident("repr");
        if is_repr {
            let message =
                "a network is laid out in the order of its layers already: leave this out";
            errors.push(syn::Error::new_spanned(attr, message));
        }
        !is_repr
    });
    Ok(attrs)
}

/// `: [1, 28, 28] -> [10]`, or nothing.
fn header(input: ParseStream, name: &Ident, errors: &mut Errors) -> Option<(Shape, Shape)> {
    if input.peek(token::Brace) || input.is_empty() || input.peek(Token![;]) {
        return None;
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        let _ = input.parse::<Token![:]>();
    } else {
        let message =
            format!("expected `:` and the shapes, as in `struct {name}: [1, 28, 28] -> [10]`");
        errors.push(here(input, message));
        skip(input, |input| {
            input.peek(token::Bracket) || input.peek(Token![->]) || input.peek(token::Brace)
        });
        if input.is_empty() || input.peek(token::Brace) {
            return Some((unknown(name.span()), unknown(name.span())));
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
