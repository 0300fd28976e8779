//! `#[quantize(i8)]`.

use proc_macro2::Span;
use syn::{Attribute, Ident, Meta, spanned::Spanned};

use crate::diag::Errors;

/// Takes the attribute out of `attrs`: where it stands, if a network in bytes is asked for.
pub fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Span> {
    let (written, rest): (Vec<_>, Vec<_>) =
        attrs.drain(..).partition(|attr| attr.path().is_ident("quantize"));
    *attrs = rest;
    if let Some(again) = written.get(1) {
        errors.push(syn::Error::new_spanned(again, "a network is quantised once"));
    }
    let attr = written.first()?;
    let word = match &attr.meta {
        Meta::List(list) => syn::parse2::<Ident>(list.tokens.clone()),
        _ => Err(syn::Error::new_spanned(attr, "expected the numbers: `#[quantize(i8)]`")),
    };
    match word {
        Ok(word) if word != "i8" => {
            errors.at(word.span(), "a network is quantised to `i8`, and to nothing else");
        }
        Ok(_) => {}
        Err(error) => errors.push(error),
    }
    Some(attr.path().span())
}

/// Reports that a network with parameters has no form in bytes.
pub fn refuse(span: Span, errors: &mut Errors) -> bool {
    let message = "a network with parameters has no form in bytes: declare one for the sizes that are quantised";
    errors.at(span, message);
    false
}
