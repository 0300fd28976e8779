//! `fn forward(x: [16, 32, 32]) -> [10] { let h = conv1(x); fc1(h) }`.

use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, Result, Token, braced, token};

use super::{comma, here, parenthesised, shape, skip, unknown};
use crate::ast::{Forward, Let, Shape};
use crate::diag::Errors;

mod kw {
    syn::custom_keyword!(forward);
}

/// The function, up to its closing brace.
pub fn forward(input: ParseStream, errors: &mut Errors) -> Forward {
    let mut forward = Forward {
        inputs: vec![],
        outputs: vec![],
        lets: vec![],
        results: None,
        results_span: input.span(),
        broken: false,
    };
    let before = errors.len();
    if let Err(error) = read(input, &mut forward, errors) {
        errors.push(error);
        skip(input, |_| false);
    }
    lengths(&mut forward, errors);
    forward.broken = errors.len() > before;
    if forward.inputs.is_empty() {
        let input = Ident::new("_x", Span::call_site());
        forward.inputs.push((input, unknown(forward.results_span)));
    }
    if forward.outputs.is_empty() {
        forward.outputs.push(unknown(forward.results_span));
    }
    forward
}

/// Finds the inputs that shapes are as long as.
fn lengths(forward: &mut Forward, errors: &mut Errors) {
    for i in 0..forward.inputs.len() {
        let mut shape = forward.inputs[i].1.clone();
        shape.follow(&forward.inputs, i, errors);
        forward.inputs[i].1 = shape;
    }
    let Forward { inputs, outputs, lets, .. } = forward;
    let stated = lets.iter_mut().filter_map(|item| item.shape.as_mut());
    for shape in outputs.iter_mut().chain(stated) {
        shape.follow(inputs, inputs.len(), errors);
    }
}

fn read(input: ParseStream, forward: &mut Forward, errors: &mut Errors) -> Result<()> {
    if input.peek(Token![;]) {
        errors.push(here(input, "no `;` stands between the layers and `forward`"));
        input.parse::<Token![;]>()?;
    }
    let attrs = input.call(Attribute::parse_outer)?;
    if let Some(attr) = attrs.first() {
        let message = "`forward` takes no attribute: what is said about the network stands before its `struct`";
        errors.push(syn::Error::new_spanned(attr, message));
    }
    if input.peek(Token![pub]) {
        errors.push(here(input, "`forward` is as visible as its network: write `fn forward`"));
        input.parse::<syn::Visibility>()?;
    }
    if !input.peek(Token![fn]) {
        let error = here(input, "expected `fn forward(x: […]) -> […] { … }`");
        // `forward(…)`, or `const fn forward(…)`.
        if input.peek2(Token![fn]) {
            input.parse::<TokenTree>()?;
        } else if !input.peek(kw::forward) {
            return Err(error);
        }
        errors.push(error);
    }
    input.parse::<Option<Token![fn]>>()?;
    let name = input.call(Ident::parse_any)?;
    if name != "forward" {
        let mut message = String::from("the function of a network is called `forward`");
        if name == "backward" {
            message += "; what goes backward is written by the macro";
        }
        errors.at(name.span(), message);
    }
    let close = inputs(input, forward, errors)?;
    outputs(input, close, forward, errors);
    if !input.peek(token::Brace) {
        return Err(here(input, "expected the body of `forward`, as `{ fc2(ReLU(fc1(x))) }`"));
    }
    let body;
    let brace = braced!(body in input);
    forward.results_span = brace.span.close();
    let before = errors.len();
    statements(&body, forward, errors);
    if forward.results.is_none() && errors.len() == before {
        errors.push(here(&body, "`forward` ends with the value that it gives"));
    }
    Ok(())
}

/// `(x: [16, 32, 32], y: [10])`; gives the span of its end.
fn inputs(input: ParseStream, forward: &mut Forward, errors: &mut Errors) -> Result<Span> {
    if !input.peek(token::Paren) {
        return Err(here(input, "expected the inputs of the network, as `(x: [1, 28, 28])`"));
    }
    let inner = parenthesised(input)?;
    while !inner.is_empty() {
        if inner.peek(Token![&]) || inner.peek(Token![self]) {
            errors.push(here(
                &inner,
                "`forward` takes the inputs of the network alone, without `self`",
            ));
            skip(&inner, |inner| inner.peek(Token![,]));
        } else {
            match inner.parse::<Ident>() {
                Ok(name) => {
                    let shape = input_shape(&inner, &name, errors);
                    forward.inputs.push((name, shape));
                }
                Err(error) => errors
                    .push(syn::Error::new(error.span(), "expected an input, as `x: [1, 28, 28]`")),
            }
            if !inner.is_empty() && !inner.peek(Token![,]) {
                errors.push(here(&inner, "expected `,` between two inputs"));
                skip(&inner, |inner| inner.peek(Token![,]));
            }
        }
        comma(&inner, errors, "expected `,` between two inputs");
    }
    Ok(inner.span())
}

fn input_shape(inner: ParseStream, name: &Ident, errors: &mut Errors) -> Shape {
    if inner.is_empty() || inner.peek(Token![,]) {
        errors.at(name.span(), format!("`{name}` needs a shape, as in `{name}: [1, 28, 28]`"));
        return unknown(name.span());
    }
    if inner.peek(Token![:]) {
        let _ = inner.parse::<Token![:]>();
    } else {
        errors.push(here(inner, format!("expected `:` and a shape, as in `{name}: [1, 28, 28]`")));
        skip(inner, |inner| inner.peek(token::Bracket) || inner.peek(Token![,]));
        if !inner.peek(token::Bracket) {
            return unknown(name.span());
        }
    }
    let shape = shape(inner, errors);
    if shape.dims.is_none() {
        skip(inner, |inner| inner.peek(Token![,]));
    }
    shape
}

/// `-> [10]`, or `-> ([10], [4])`.
fn outputs(input: ParseStream, close: Span, forward: &mut Forward, errors: &mut Errors) {
    if input.peek(Token![->]) {
        let _ = input.parse::<Token![->]>();
    } else if input.peek(token::Brace) || input.is_empty() {
        errors.at(
            close,
            "expected `->` and the shape of what comes out, as in `forward(x: [784]) -> [10]`",
        );
        return forward.outputs.push(unknown(close));
    } else {
        errors.push(here(
            input,
            "expected `->` and the shape of what comes out, as in `forward(x: [784]) -> [10]`",
        ));
        skip(input, |input| {
            input.peek(token::Brace) || input.peek(token::Bracket) || input.peek(Token![->])
        });
        let _ = input.parse::<Option<Token![->]>>();
        if input.peek(token::Brace) {
            return forward.outputs.push(unknown(close));
        }
    }
    let several = input.peek(token::Paren)
        && parenthesised(&input.fork()).is_ok_and(|inner| inner.peek(token::Bracket));
    if !several {
        let output = shape(input, errors);
        if output.dims.is_none() {
            skip(input, |input| input.peek(token::Brace));
        }
        return forward.outputs.push(output);
    }
    if let Ok(inner) = parenthesised(input) {
        while !inner.is_empty() {
            let output = shape(&inner, errors);
            if output.dims.is_none() {
                skip(&inner, |inner| inner.peek(Token![,]));
            }
            forward.outputs.push(output);
            comma(&inner, errors, "expected `,` between two shapes");
        }
    }
}

fn one_let(body: ParseStream, errors: &mut Errors) -> Let {
    let mut item = Let { name: None, shape: None, value: None };
    if let Err(error) = read_let(body, &mut item, errors) {
        errors.push(error);
        skip(body, |body| body.peek(Token![;]) || body.peek(Token![let]));
        let _ = body.parse::<Option<Token![;]>>();
    }
    item
}

fn read_let(body: ParseStream, item: &mut Let, errors: &mut Errors) -> Result<()> {
    body.parse::<Token![let]>()?;
    if body.peek(Token![mut]) {
        errors.push(here(body, "a value never changes: leave `mut` out"));
        body.parse::<Token![mut]>()?;
    }
    if !body.peek(Token![_]) && !body.peek(Ident) {
        return Err(here(body, "a `let` names one value, as in `let h = fc1(x);`"));
    }
    let name = body.call(Ident::parse_any)?;
    item.name = Some(name.clone());
    if body.peek(Token![:]) {
        body.parse::<Token![:]>()?;
        let shape = shape(body, errors);
        if shape.dims.is_none() {
            skip(body, |body| body.peek(Token![=]) || body.peek(Token![;]));
        }
        item.shape = Some(shape);
    }
    if !body.peek(Token![=]) {
        return Err(here(body, format!("expected `=` and a value, as in `let {name} = fc1(x);`")));
    }
    body.parse::<Token![=]>()?;
    item.value = Some(body.parse()?);
    if body.peek(Token![;]) {
        body.parse::<Token![;]>()?;
        return Ok(());
    }
    let missing = here(body, format!("expected `;` after the value of `{name}`"));
    if body.peek(Token![let]) || body.peek(Ident) || body.is_empty() {
        errors.push(missing);
        return Ok(());
    }
    // `let h = fc1(x), …` and the like.
    Err(missing)
}

/// The `let`s, and the value at the end.
fn statements(body: ParseStream, forward: &mut Forward, errors: &mut Errors) {
    while body.peek(Token![let]) {
        forward.lets.push(one_let(body, errors));
    }
    if body.is_empty() {
        return;
    }
    let returned = body.parse::<Option<Token![return]>>().unwrap_or_default();
    if let Some(word) = &returned {
        errors.at(word.span, "`forward` ends with the value that it gives, without `return`");
    }
    let value: Expr = match body.parse() {
        Ok(value) => value,
        Err(error) => {
            errors.push(error);
            return skip(body, |_| false);
        }
    };
    let end = body.fork();
    let semicolon = end.parse::<Option<Token![;]>>().unwrap_or_default();
    if body.is_empty() || end.is_empty() {
        if semicolon.is_some() && returned.is_none() {
            errors.push(here(body, "`forward` ends with the value that it gives, without `;`"));
        }
        let _ = body.parse::<Option<Token![;]>>();
        forward.give(value);
    } else if semicolon.is_none() && !goes_on(body) {
        errors.push(here(body, "expected `+`, `*`, or the end of `forward`"));
        forward.lets.push(Let { name: None, shape: None, value: Some(value) });
        skip(body, |_| false);
    } else {
        // Something stands behind it.
        let _ = body.parse::<Option<Token![;]>>();
        match value {
            Expr::Assign(assign) => {
                errors.at(assign.left.span(), "a value is named by `let`, as in `let h = fc1(x);`");
                if let Expr::Path(path) = &*assign.left
                    && let Some(name) = path.path.get_ident()
                {
                    let (name, value) = (Some(name.clone()), Some(*assign.right));
                    forward.lets.push(Let { name, shape: None, value });
                }
            }
            // What reads the values says that there is none of this.
            flow @ (Expr::If(_)
            | Expr::Match(_)
            | Expr::ForLoop(_)
            | Expr::While(_)
            | Expr::Loop(_)) => {
                let name = Some(Ident::new("_", flow.span()));
                forward.lets.push(Let { name, shape: None, value: Some(flow) });
            }
            other => {
                let message = "`forward` is made of `let`s, and the value that it gives: nobody uses this one";
                errors.at(other.span(), message);
                forward.give(other);
            }
        }
        statements(body, forward, errors);
    }
}

/// Whether another statement may begin here.
fn goes_on(body: ParseStream) -> bool {
    body.peek(Ident::peek_any) || body.peek(token::Paren)
}

impl Forward {
    /// `value` is what the network gives, or a tuple of that.
    fn give(&mut self, value: Expr) {
        self.results_span = value.span();
        self.results = Some(match value {
            Expr::Tuple(tuple) if self.outputs.len() != 1 || tuple.elems.len() == 1 => {
                tuple.elems.into_iter().collect()
            }
            one => vec![one],
        });
    }
}
