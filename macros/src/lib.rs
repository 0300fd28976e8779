//! `network!`: from layer declarations to a statically shaped struct with its forward and backward pass. And the derive that such a struct has.
//!
//! Stages with their own types: `parse` reads what is written (`ast`), `resolve` makes of it a graph in which every
//! name is an edge, `emit` writes the graph as Rust. Each goes on after a mistake with its best guess, and leaves to the next
//! what was meant. The macro knows the grammar and no layer: everything about a layer is asked of the type that its keyword names, by
//! the compiler.

mod ast;
mod budget;
mod diag;
mod emit;
mod expr;
mod from_bytes;
mod parse;
mod quantize;
mod resolve;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

// Documented in `firmnet`, where its examples can be compiled.
#[allow(missing_docs)]
#[proc_macro]
pub fn network(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(tokens.into()).into()
}

/// Says of a struct that every pattern of bits is one of its values: for that of a layer.
///
/// It is so where it is so of every field, and the struct is `#[repr(C)]` or `#[repr(transparent)]`. Numbers are such, and arrays of them.
#[proc_macro_derive(FromBytes)]
pub fn from_bytes(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    from_bytes::derive(item.into()).into()
}

fn expand(tokens: TokenStream) -> TokenStream {
    let mut errors = diag::Errors::default();
    let network = parse::network(tokens, &mut errors).map(|network| {
        let graph = resolve::resolve(&network, &mut errors);
        emit::emit(&network, &graph)
    });
    let errors = errors.to_tokens();
    quote::quote!(#errors #network)
}
