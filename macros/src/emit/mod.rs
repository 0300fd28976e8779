//! From the graph to Rust: a struct, consts for the compiler to work out and to judge, and a list of calls.
//!
//! What is written here stands in the user's crate: every path is absolute, and every expression of the user's is written once,
//! so that a mistake in it is one error.

mod checks;
mod consts;
mod int8;
mod names;
mod network;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::Network;
use crate::resolve::Graph;
use names::Names;

/// The network as Rust.
pub fn emit(network: &Network, graph: &Graph) -> TokenStream {
    let names = Names::of(network, graph);
    let mut items = vec![network::structure(network, graph, &names)];
    items.extend(consts::kinds(graph, &names));
    items.extend(consts::consts(network, graph, &names));
    items.extend(consts::trials(network, &names));
    items.extend(consts::layers(graph, &names));
    items.extend(network::impls(network, graph, &names));
    items.extend(checks::checks(network, graph, &names));
    if network.quantize.is_some() {
        items.extend(int8::items(network, graph, &names));
    }
    // What the struct depends on, the rest depends on as well.
    let cfg: Vec<_> = network.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    // What names the compiler has to say something about, it says once: at the struct.
    let odd = |size: &syn::ConstParam| size.ident.to_string().contains(char::is_lowercase);
    let quiet = network.sizes.iter().any(odd).then(|| quote!(#[allow(non_upper_case_globals)]));
    let mut tokens = TokenStream::new();
    for (i, item) in items.into_iter().enumerate() {
        let (cfg, quiet) = if i == 0 { (&[][..], &None) } else { (&cfg[..], &quiet) };
        tokens.extend(quote!(#(#cfg)* #quiet #item));
    }
    tokens
}
