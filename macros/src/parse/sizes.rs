//! `<const H: usize>`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{ConstParam, Expr, GenericParam, Generics, Ident, Token, Type};

use crate::ast::{Form, Layer, Shape};
use crate::diag::Errors;

/// Parameters that a network may have.
const MAX_SIZES: usize = 8;

/// The parameters behind the name of a network; `None` where a mistake has made them unreadable.
pub fn sizes(input: ParseStream, errors: &mut Errors) -> Option<Vec<ConstParam>> {
    if !input.peek(Token![<]) {
        return Some(vec![]);
    }
    let generics: Generics = match input.parse() {
        Ok(generics) => generics,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    let (mut sizes, before) = (vec![], errors.len());
    for param in generics.params {
        match param {
            GenericParam::Const(size) if is_usize(&size.ty) => sizes.push(size),
            GenericParam::Const(other) => {
                let message = "a size is a `usize`, as in `<const H: usize>`";
                errors.push(syn::Error::new_spanned(other.ty, message));
            }
            GenericParam::Type(other) => {
                let name = &other.ident;
                let message =
                    format!("a parameter of a network is a size: write `const {name}: usize`");
                errors.push(syn::Error::new_spanned(other, message));
            }
            GenericParam::Lifetime(other) => {
                let message = "a parameter of a network is a size, as in `<const H: usize>`: it borrows nothing";
                errors.push(syn::Error::new_spanned(other, message));
            }
        }
    }
    if let Some(ninth) = sizes.get(MAX_SIZES) {
        errors.push(syn::Error::new_spanned(ninth, "a network has at most 8 parameters"));
    }
    (errors.len() == before).then_some(sizes)
}

fn is_usize(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("usize"))
}

/// Reports where a declared shape has more of a parameter than the parameter itself: it becomes a type, `[f32; H]`.
pub fn shapes_take_them_as_they_are(sizes: &[ConstParam], form: &mut Form, errors: &mut Errors) {
    for shape in shapes(form) {
        let odd = shape.dims.iter().flatten().find(|dim| {
            names(dim.to_token_stream()).iter().any(|name| is_size(sizes, name))
                && size(sizes, dim).is_none()
        });
        if let Some(odd) = odd {
            let message = "a declared shape has a parameter of the network as it is: Rust makes no array type of what is worked out from it";
            errors.push(syn::Error::new_spanned(odd, message));
            shape.dims = None;
        }
    }
}

/// The parameter that `dim` is.
pub fn size<'a>(sizes: &[ConstParam], dim: &'a Expr) -> Option<&'a Ident> {
    let Expr::Path(path) = dim else { return None };
    path.path.get_ident().filter(|name| is_size(sizes, name))
}

fn is_size(sizes: &[ConstParam], name: &Ident) -> bool {
    sizes.iter().any(|size| size.ident == *name)
}

/// Takes out what may depend on parameters that could not be read.
pub fn forget(layers: &mut [Layer], form: &mut Form) {
    for layer in layers {
        layer.args = crate::ast::Args { broken: true, ..Default::default() };
    }
    for shape in shapes(form) {
        shape.dims = None;
    }
}

fn shapes(form: &mut Form) -> Vec<&mut Shape> {
    match form {
        Form::Sequential { input, output } => vec![input, output],
        Form::Graph(forward) => {
            let inputs = forward.inputs.iter_mut().map(|(_, shape)| shape);
            let lets = forward.lets.iter_mut().filter_map(|item| item.shape.as_mut());
            inputs.chain(&mut forward.outputs).chain(lets).collect()
        }
    }
}

/// Every name in `tokens`.
pub fn names(tokens: TokenStream) -> Vec<Ident> {
    let mut all = vec![];
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => all.push(ident),
            TokenTree::Group(group) => all.extend(names(group.stream())),
            _ => {}
        }
    }
    all
}
