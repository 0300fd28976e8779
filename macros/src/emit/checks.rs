//! The compiler's questions. Every token carries the span of the word to edit: rustc then points at that word alone.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::consts::taken;
use super::names::Names;
use crate::ast::Network;
use crate::resolve::{Graph, Node, Port};

/// One question for each declared shape, each node and each limit; none where a mistake has been reported before.
pub fn checks(network: &Network, graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let mut checks = vec![];
    for (port, name) in graph.inputs.iter().zip(&names.inputs).filter(|(port, _)| port.judged) {
        let (of, name) = at(port.shape.span, &names.of, name);
        let label = text(&port.label, port.shape.span);
        checks.push(quote_spanned!(port.shape.span=> const _: () = #of::#name.verify(#label);));
    }
    for (v, port) in graph.inputs.iter().enumerate().filter(|(_, port)| port.judged) {
        let taken = taken(graph, names, v);
        if taken.len() > 1 {
            let (span, of) = (port.shape.span, &names.of);
            let label = text(&port.label, span);
            let check =
                quote!(const _: () = ::firmnet::infer::verify_ids(#label, &[#(#of::#taken),*]););
            checks.push(at_span(check, span));
        }
    }
    for (k, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.judged) {
        let span = node.span;
        if node.first.is_none() {
            checks.extend(given_once(node, &names.kind[k]));
        }
        let (of, name) = at(span, &names.of, &names.node[k]);
        let verify = if node.layer.is_some() { "verify" } else { "verify_unnamed" };
        let verify = Ident::new(verify, span);
        checks.push(quote_spanned!(span=> const _: () = #of::#name.#verify();));
        if let Some(first) = node.first.filter(|&first| graph.nodes[first].judged) {
            let (of, first) = at(span, &names.of, &names.node[first]);
            checks
                .push(quote_spanned!(span=> const _: () = #of::#name.verify_again(&#of::#first);));
        }
    }
    for (port, name) in graph.stated.iter().zip(&names.stated).filter(|(port, _)| port.judged) {
        checks.push(declared("verify_said", port, name, graph, names));
    }
    for (port, name) in graph.outputs.iter().zip(&names.outputs).filter(|(port, _)| port.judged) {
        checks.push(declared("verify_output", port, name, graph, names));
    }
    if graph.nodes.iter().all(|node| node.judged) {
        checks.extend(budget(network));
    }
    checks
}

/// `Conv2d(32, 3, kernel_size = 5)`: whether an argument with a name is one of those without.
fn given_once(node: &Node, kind: &Ident) -> Vec<TokenStream> {
    let count = node.args.positional.len();
    let named = node.args.named.iter().filter(|_| count > 0);
    named
        .map(|(name, _)| {
            let (span, label) = (name.span(), text(&name.to_string(), name.span()));
            let mut count = Literal::usize_unsuffixed(count);
            count.set_span(span);
            let (kind, _) = at(span, kind, kind);
            let args = quote_spanned!(span=> <#kind as ::firmnet::layer::Kind>::Args);
            quote_spanned!(span=> const _: () = ::firmnet::positional::given_once(<#args>::POSITIONAL, #count, #label);)
        })
        .collect()
}

/// `const _: () = __MnistCnn::LOGSOFTMAX.verify_output("the output", __MnistCnn::OUTPUT);`
fn declared(verify: &str, port: &Port, name: &Ident, graph: &Graph, names: &Names) -> TokenStream {
    let (span, label) = (port.shape.span, text(&port.label, port.shape.span));
    let (of, name) = at(span, &names.of, name);
    let verify = Ident::new(verify, span);
    let (_, found) = match port.value.checked_sub(graph.inputs.len()) {
        Some(k) => at(span, &of, &names.node[k]),
        None => at(span, &of, &names.inputs[port.value]),
    };
    quote_spanned!(span=> const _: () = #of::#found.#verify(#label, #of::#name);)
}

/// The limits, after all that could make the network another one.
fn budget(network: &Network) -> Vec<TokenStream> {
    let limits = network
        .budget
        .iter()
        .flat_map(|budget| [("flash_within", &budget.flash), ("ram_within", &budget.ram)]);
    limits
        .filter_map(|(within, limit)| Some((within, limit.as_ref()?)))
        .map(|(within, limit)| {
            let span = limit.span();
            let (net, within) = at(span, &network.name, &Ident::new(within, span));
            quote_spanned!(span=> const _: () = ::firmnet::summary::#within::<#net>(#limit);)
        })
        .collect()
}

fn at(span: Span, a: &Ident, b: &Ident) -> (Ident, Ident) {
    let (mut a, mut b) = (a.clone(), b.clone());
    a.set_span(span);
    b.set_span(span);
    (a, b)
}

/// `tokens`, all of them with `span`.
fn at_span(tokens: TokenStream, span: Span) -> TokenStream {
    let tokens = tokens.into_iter().map(|mut token| {
        if let TokenTree::Group(group) = token {
            let mut moved = Group::new(group.delimiter(), at_span(group.stream(), span));
            moved.set_span(span);
            return TokenTree::Group(moved);
        }
        token.set_span(span);
        token
    });
    tokens.collect()
}

fn text(value: &str, span: Span) -> Literal {
    let mut text = Literal::string(value);
    text.set_span(span);
    text
}
