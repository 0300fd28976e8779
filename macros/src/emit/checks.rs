//! The compiler's questions. Every token carries the span of the word to edit: rustc then points at that word alone.

use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::consts::{fields, taken};
use super::names::Names;
use crate::ast::Network;
use crate::resolve::{Graph, Node, Port};

/// One question for each declared shape, each node and each limit; none where a mistake has been reported before.
///
/// In a network with parameters what does not depend on them is asked of the two trials, and all of it again where they are given.
pub fn checks(network: &Network, graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let once = names.once.to_token_stream();
    let mut checks: Vec<_> = questions(graph, names, &once, names.twice.as_ref())
        .map(|(span, question)| at_span(quote!(const _: () = #question;), span))
        .collect();
    let firsts =
        graph.nodes.iter().enumerate().filter(|(_, node)| node.judged && node.first.is_none());
    checks.extend(firsts.flat_map(|(k, node)| given_once(node, &names.kind(k))));
    if let Some(twice) = &names.twice {
        checks.extend(sizes(graph, names, &once, twice));
        let (of, params, given) = (&names.of, &names.params, &names.given);
        let of_itself = quote!(Self);
        let questions = questions(graph, names, &of_itself, None)
            .map(|(span, question)| at_span(quote!(#question;), span));
        let types = fields(graph).filter(|&(k, _)| graph.nodes[k].judged).map(|(k, _)| {
            let (node, layer) = (&names.node[k], names.layer(graph, k));
            let question =
                quote!(Self::#node.verify_type(<#layer as ::firmnet::layer::Layer>::TENSORS););
            at_span(question, graph.nodes[k].span)
        });
        checks.push(
            quote!(impl #params #of #given { const CHECKED: () = { #(#questions)* #(#types)* }; }),
        );
    }
    if graph.nodes.iter().all(|node| node.judged) {
        checks.extend(budget(network, names));
    }
    checks
}

/// What is asked of the consts of `of`, and the word to edit if the answer is no. Of a fault that is only in one of two trials nothing is said.
fn questions<'a>(
    graph: &'a Graph,
    names: &'a Names,
    of: &'a TokenStream,
    twice: Option<&'a Ident>,
) -> impl Iterator<Item = (Span, TokenStream)> + 'a {
    let inputs = graph.inputs.iter().zip(&names.inputs).filter(|(port, _)| port.judged);
    let shapes = inputs.map(move |(port, name)| {
        let label = &port.label;
        (port.shape.span, quote!(#of::#name.verify(#label)))
    });
    let judged = graph.inputs.iter().enumerate().filter(|(_, port)| port.judged);
    let ids = judged.filter_map(move |(v, port)| {
        let (taken, label) = (taken(graph, names, v), &port.label);
        let question = quote!(::firmnet::infer::verify_ids(#label, &[#(#of::#taken),*]));
        (taken.len() > 1).then_some((port.shape.span, question))
    });
    let judged = graph.nodes.iter().enumerate().filter(|(_, node)| node.judged);
    let nodes = judged.flat_map(move |(k, node)| {
        let name = &names.node[k];
        let verify = if node.layer.is_some() { "verify" } else { "verify_unnamed" };
        let verify = Ident::new(verify, node.span);
        let and = twice.map(|twice| quote!(.and(&#twice::#name)));
        let verify = (node.span, quote!(#of::#name #and.#verify()));
        let again = node.first.filter(|&first| graph.nodes[first].judged).map(|first| {
            let first = &names.node[first];
            (node.span, quote!(#of::#name.verify_again(&#of::#first)))
        });
        [verify].into_iter().chain(again)
    });
    let declared = move |verify: &'static str, ports: &'a [Port<'a>], shapes: &'a [Ident]| {
        let judged = ports.iter().zip(shapes).filter(|(port, _)| port.judged);
        judged.map(move |(port, name)| {
            let verify = Ident::new(verify, port.shape.span);
            let found = match port.value.checked_sub(graph.inputs.len()) {
                Some(k) => &names.node[k],
                None => &names.inputs[port.value],
            };
            let label = &port.label;
            (port.shape.span, quote!(#of::#found.#verify(#label, #of::#name)))
        })
    };
    let stated = declared("verify_said", &graph.stated, &names.stated);
    let outputs = declared("verify_output", &graph.outputs, &names.outputs);
    shapes.chain(ids).chain(nodes).chain(stated).chain(outputs)
}

/// Whether the type of every layer is known while the parameters are not.
fn sizes(graph: &Graph, names: &Names, once: &TokenStream, twice: &Ident) -> Vec<TokenStream> {
    let nodes: Vec<_> =
        fields(graph).filter(|&(k, _)| graph.nodes[k].judged).map(|(k, _)| k).collect();
    let derived = nodes.iter().map(|&k| {
        let node = &names.node[k];
        quote!(#once::#node.is_derived(&#twice::#node))
    });
    let count = Literal::usize_unsuffixed(nodes.len());
    let mut checks = vec![quote!(impl #once { const DERIVED: [bool; #count] = [#(#derived),*]; })];
    checks.extend(nodes.iter().enumerate().map(|(i, &k)| {
        let (node, i) = (&names.node[k], Literal::usize_unsuffixed(i));
        let question = quote!(#once::#node.verify_sizes(&#twice::#node, #i, &#once::DERIVED));
        at_span(quote!(const _: () = #question;), graph.nodes[k].span)
    }));
    checks
}

/// `Conv2d(32, 3, kernel_size = 5)`: whether an argument with a name is one of those without.
fn given_once(node: &Node, kind: &TokenStream) -> Vec<TokenStream> {
    let count = node.args.positional.len();
    let named = node.args.named.iter().filter(|_| count > 0);
    named
        .map(|(name, _)| {
            let (span, label) = (name.span(), text(&name.to_string(), name.span()));
            let mut count = Literal::usize_unsuffixed(count);
            count.set_span(span);
            let kind = at_span(kind.clone(), span);
            let args = quote_spanned!(span=> <#kind as ::firmnet::layer::Kind>::Args);
            quote_spanned!(span=> const _: () = ::firmnet::positional::given_once(<#args>::POSITIONAL, #count, #label);)
        })
        .collect()
}

/// The limits, after all that could make the network another one. Of a network that is made in bytes, they are for that.
fn budget(network: &Network, names: &Names) -> Vec<TokenStream> {
    let limits = network
        .budget
        .iter()
        .flat_map(|budget| [("flash_within", &budget.flash), ("ram_within", &budget.ram)]);
    let (place, net) = match network.quantize {
        Some(_) => (quote!(int8::network), &names.int8),
        None => (quote!(summary), &network.name),
    };
    limits
        .filter_map(|(within, limit)| Some((format_ident!("{within}"), limit.as_ref()?)))
        .map(|(within, limit)| {
            let span = limit.span();
            let within = at_span(quote!(::firmnet::#place::#within::<#net>), span);
            quote_spanned!(span=> const _: () = #within(#limit);)
        })
        .collect()
}

/// `tokens`, all of them with `span`.
pub fn at_span(tokens: TokenStream, span: Span) -> TokenStream {
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
