//! `network!`: from layer declarations to a statically shaped struct with its forward and backward pass.
//!
//! Three stages, each with its own types: `ast` is what is written, `resolve` makes of it a graph in which every name is
//! an edge, `emit` writes the graph as Rust. The macro knows the grammar and no layer: everything about a layer is asked of
//! the type that its keyword names, by the compiler.

mod ast;
mod budget;
mod diag;
mod emit;
mod expr;
mod resolve;

use proc_macro2::TokenStream;

// Documented in `firmnet`, where its examples can be compiled.
#[allow(missing_docs)]
#[proc_macro]
pub fn network(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(tokens.into()).into()
}

fn expand(tokens: TokenStream) -> TokenStream {
    match syn::parse2::<ast::Network>(tokens) {
        Ok(network) => match resolve::resolve(&network) {
            Ok(graph) => emit::emit(&network, &graph),
            Err(errors) => {
                let (errors, stub) = (errors.to_compile_error(), emit::stub(&network));
                quote::quote!(#errors #stub)
            }
        },
        Err(error) => error.to_compile_error(),
    }
}
