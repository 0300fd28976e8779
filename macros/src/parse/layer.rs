//! `conv1: Conv2d(32, 3, padding = 1)`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{
    Attribute, Expr, Ident, Path, PathArguments, Result, Token, braced, bracketed, parenthesized,
    token,
};

use super::{comma, here, skip};
use crate::ast::{Args, Keyword, Layer, NTH};
use crate::diag::Errors;

/// The layers of a network, up to the end of `body`, or a `fn`.
pub fn layers(body: ParseStream, errors: &mut Errors) -> Vec<Layer> {
    let mut layers = vec![];
    while !body.is_empty() && !body.peek(Token![fn]) {
        layers.push(layer(body, errors));
        if body.peek(Token![fn]) {
            break;
        }
        if !body.is_empty() && !body.peek(Token![,]) && !body.peek(Token![;]) && !begins(body) {
            errors.push(here(body, "expected `,` after a layer"));
            skip(body, |body| body.peek(Token![,]));
            let _ = body.parse::<Token![,]>();
        } else {
            comma(body, errors, "expected `,` between two layers");
        }
    }
    layers
}

/// Whether a layer may begin here.
fn begins(body: ParseStream) -> bool {
    body.peek(Ident) || body.peek(Token![#])
}

fn layer(body: ParseStream, errors: &mut Errors) -> Layer {
    let span = body.span();
    let (args, frozen) = (Args::default(), false);
    let mut layer = Layer { attrs: vec![], name: None, kind: None, args, frozen, span };
    if let Err(error) = read(body, &mut layer, errors) {
        errors.push(error);
        layer.args.broken = true;
        skip(body, |body| body.peek(Token![,]) || body.peek(Token![;]));
    }
    layer
}

fn read(body: ParseStream, layer: &mut Layer, errors: &mut Errors) -> Result<()> {
    layer.attrs = body.call(Attribute::parse_outer)?;
    attributes(&mut layer.attrs, errors);
    layer.frozen = frozen(&mut layer.attrs, errors);
    layer.span = body.span();
    if body.peek(Token![pub]) {
        errors.push(here(body, "every layer with a name is a public field: leave `pub` out"));
        body.parse::<syn::Visibility>()?;
    }
    layer.name = name(body, errors)?;
    layer.kind = Some(Keyword::of(&kind(body, layer.name.as_ref())?));
    if body.peek(token::Paren) {
        let inner;
        parenthesized!(inner in body);
        layer.args = args(&inner, errors);
    } else if body.peek(token::Bracket) || body.peek(token::Brace) {
        errors.push(here(body, "arguments stand in parentheses, as in `Linear(128)`"));
        let inner;
        if body.peek(token::Bracket) {
            bracketed!(inner in body);
        } else {
            braced!(inner in body);
        }
        layer.args = args(&inner, errors);
    } else if body.peek(Token![.]) {
        return Err(here(body, "a path to a layer is written with `::`, as in `my_layers::Scale`"));
    }
    Ok(())
}

/// Takes `#[frozen]` out of `attrs`; says whether it was there.
fn frozen(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> bool {
    let (frozen, rest): (Vec<_>, Vec<_>) =
        attrs.drain(..).partition(|attr| attr.path().is_ident("frozen"));
    *attrs = rest;
    for attr in &frozen {
        if attr.meta.require_path_only().is_err() {
            let message = "`#[frozen]` stands alone, without anything behind it";
            errors.push(syn::Error::new_spanned(&attr.meta, message));
        }
    }
    !frozen.is_empty()
}

/// What an attribute of a layer cannot say.
fn attributes(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    attrs.retain(|attr| {
        let message = if attr.path().is_ident("cfg") {
            // A layer that is there only sometimes would change every shape behind it.
            "a layer cannot depend on a `cfg`: put it on the network, and declare two"
        } else if attr.path().is_ident("budget") {
            "a budget is that of the whole network, and stands before its `struct`"
        } else {
            return true;
        };
        errors.push(syn::Error::new_spanned(attr, message));
        false
    });
}

/// `conv1:`, if the layer has a name.
fn name(body: ParseStream, errors: &mut Errors) -> Result<Option<Ident>> {
    if !body.peek(Ident::peek_any) {
        return Ok(None);
    }
    if body.peek2(Token![:]) && !body.peek2(Token![::]) {
        let name = body.call(Ident::parse_any)?;
        body.parse::<Token![:]>()?;
        if !is_name(&name) {
            errors.at(name.span(), format!("`{name}` is a word of Rust, and cannot name a layer"));
            return Ok(Some(Ident::new(&format!("{name}_"), name.span())));
        }
        return Ok(Some(name));
    }
    if body.peek2(Token![=]) {
        let name: Ident = body.parse()?;
        errors.push(here(
            body,
            format!("expected `:` after the name of a layer, as in `{name}: Linear(128)`"),
        ));
        body.parse::<Token![=]>()?;
        return Ok(Some(name));
    }
    // `fc1 Linear(8)`. Of `Relu fc1: Linear(8)` the first word is the whole layer.
    let name: Ident = body.fork().call(Ident::parse_any)?;
    let lower = name.to_string().starts_with(|c: char| c.is_lowercase() || c == '_');
    if lower && body.peek2(Ident) && !body.peek3(Token![:]) {
        let name: Ident = body.parse()?;
        errors.push(here(
            body,
            format!("expected `:` after the name of a layer, as in `{name}: Linear(128)`"),
        ));
        return Ok(Some(name));
    }
    Ok(None)
}

/// Whether `word` is none of Rust's own.
fn is_name(word: &Ident) -> bool {
    syn::parse_str::<Ident>(&word.to_string()).is_ok()
}

fn kind(body: ParseStream, name: Option<&Ident>) -> Result<Path> {
    let begins = body.peek(Ident)
        || body.peek(Token![::])
        || body.peek(Token![crate])
        || body.peek(Token![self])
        || body.peek(Token![super]);
    match name {
        _ if begins => {
            let mut path = body.call(Path::parse_mod_style)?;
            if let (true, Some(last)) = (body.peek(Token![<]), path.segments.last_mut()) {
                last.arguments = PathArguments::AngleBracketed(body.parse()?);
            }
            Ok(path)
        }
        None => Err(here(body, "expected a layer, as `fc1: Linear(128)` or `ReLU`")),
        Some(name) => {
            Err(here(body, format!("expected a layer behind `{name}:`, as `Linear(128)`")))
        }
    }
}

/// What stands between the parentheses.
fn args(inner: ParseStream, errors: &mut Errors) -> Args {
    let mut args = Args::default();
    while !inner.is_empty() {
        if let Err(error) = arg(inner, &mut args, errors) {
            errors.push(error);
            args.broken = true;
            skip(inner, |inner| inner.peek(Token![,]));
        }
        comma(inner, errors, "expected `,` between two arguments");
    }
    args
}

fn arg(inner: ParseStream, args: &mut Args, errors: &mut Errors) -> Result<()> {
    let equals = inner.peek2(Token![=]) && !inner.peek2(Token![==]) && !inner.peek2(Token![=>]);
    let colon = inner.peek2(Token![:]) && !inner.peek2(Token![::]);
    if inner.peek(Ident::peek_any) && (equals || colon) {
        let name = inner.call(Ident::parse_any)?;
        if colon {
            let message =
                format!("an argument is given with `=`: `{name} =` in place of `{name}:`");
            errors.push(here(inner, message));
            inner.parse::<Token![:]>()?;
        } else {
            inner.parse::<Token![=]>()?;
        }
        let value = expression(inner, &format!("expected the value of `{name}`"))?;
        args.add(name, value, errors);
        return Ok(());
    }
    let stated = stated(inner, errors)?;
    if stated.is_some() && !args.positional.is_empty() {
        let message = "only the first argument may state what comes in";
        errors.push(syn::Error::new_spanned(&stated, message));
    }
    let value = expression(inner, "expected an argument, as `128` or `bias = false`")?;
    if !args.named.is_empty() && !args.broken {
        let message = "an argument without a name stands before those with one";
        errors.push(syn::Error::new_spanned(&value, message));
        args.broken = true;
    }
    if args.positional.len() == NTH.len() {
        let message = "no layer takes more than 8 arguments without a name";
        return Err(syn::Error::new_spanned(&value, message));
    }
    if args.positional.is_empty() {
        args.stated = stated;
    }
    args.positional.push(value);
    Ok(())
}

impl Args {
    /// `name = value`.
    pub fn add(&mut self, name: Ident, value: TokenStream, errors: &mut Errors) {
        if !is_name(&name) {
            errors.at(name.span(), format!("`{name}` is a word of Rust, and no argument"));
            self.broken = true;
        } else if self.named.iter().any(|(before, _)| *before == name) {
            errors.at(name.span(), format!("`{name}` is given twice"));
            self.broken = true;
        } else {
            self.named.push((name, value));
        }
    }
}

/// `9216 ->`, if the next argument has an arrow. `syn` would take its first half for a minus.
fn stated(input: ParseStream, errors: &mut Errors) -> Result<Option<TokenStream>> {
    let (ahead, mut before) = (input.fork(), TokenStream::new());
    while !ahead.is_empty() && !ahead.peek(Token![,]) {
        if ahead.peek(Token![->]) || ahead.peek(Token![=>]) {
            if before.is_empty() {
                skip(input, |input| input.peek(Token![->]) || input.peek(Token![=>]));
                return Err(
                    input.error("expected what comes in before the arrow, as in `9216 -> 128`")
                );
            }
            let expr: Expr = syn::parse2(before)?;
            skip(input, |input| input.peek(Token![->]) || input.peek(Token![=>]));
            if input.peek(Token![=>]) {
                errors.push(here(input, "expected `->`, as in `9216 -> 128`"));
                input.parse::<Token![=>]>()?;
            } else {
                input.parse::<Token![->]>()?;
            }
            return Ok(Some(expr.to_token_stream()));
        }
        before.extend([ahead.parse::<TokenTree>()?]);
    }
    Ok(None)
}

fn expression(input: ParseStream, expected: &str) -> Result<TokenStream> {
    let at = here(input, expected);
    if input.is_empty() || input.peek(Token![,]) {
        return Err(at);
    }
    let expr: Result<Expr> = input.parse();
    expr.map(Expr::into_token_stream).map_err(|_| at)
}
