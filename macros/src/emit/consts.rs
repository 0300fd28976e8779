//! What the compiler works out: shapes, layers, plans.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use syn::ext::IdentExt;

use super::names::Names;
use crate::ast::{NTH, Network, Shape};
use crate::resolve::{Graph, Kind, Node, Port};

/// Each keyword is named once, so that an unknown one is one error: `type __MnistCnnConv1Word = Conv2d;`. Where it is no layer, that is
/// said once too, and `__MnistCnnConv1Kind` is unknown: about that the compiler is silent.
pub fn kinds(graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let firsts = graph.nodes.iter().enumerate().filter(|(_, node)| node.first.is_none());
    firsts
        .flat_map(|(k, node)| {
            let (word, kind) = (&names.word[k], &names.kind[k]);
            let written = super::network::keyword(&node.kind);
            let (span, mut label) = (kind.span(), node.kind.keyword().unraw().to_string());
            if let Kind::Written(keyword) = &node.kind {
                label += &keyword.arguments.to_string().replace(' ', "");
            }
            if names.sized[k] {
                let (params, given) = (&names.params, &names.given);
                let same = quote_spanned!(span=> #word #given);
                return [
                    quote!(type #word #params = #written;),
                    quote!(type #kind #params = #same;),
                ];
            }
            let checked = quote_spanned!(span=> ::firmnet::kind!(#word, #label));
            [quote!(type #word = #written;), quote!(type #kind = #checked;)]
        })
        .collect()
}

/// `type __MnistCnnConv1 = <Conv2d as Kind>::Layer<32, 1, 3, 3, 32, 0>;`, with the numbers asked of the shape rule. In a network with
/// parameters two trials say which number is which of them.
pub fn layers(graph: &Graph, names: &Names) -> Vec<TokenStream> {
    fields(graph)
        .map(|(k, _)| {
            let (kind, layer, params) = (names.kind(k), &names.layer[k], &names.params);
            let (once, node, span) = (&names.once, &names.node[k], names.kind[k].span());
            let dims = (0..6).map(|i| {
                let i = Literal::usize_unsuffixed(i);
                match &names.twice {
                    None => quote!({ #once::#node.dims[#i] }),
                    Some(twice) => quote! {
                        ::firmnet::generic::Dim<{ #once::#node.parameter(&#twice::#node, #i) }, { #once::#node.dims[#i] }>
                    },
                }
            });
            let of_kind = match &names.twice {
                None => quote_spanned!(span=> <#kind as ::firmnet::layer::Kind>::Layer<#(#dims),*>),
                Some(_) => {
                    let given = &names.given;
                    let sizes = quote!(::firmnet::generic::Sizes #given);
                    quote_spanned!(span=> ::firmnet::generic::LayerOf<#kind, #sizes, #(#dims),*>)
                }
            };
            quote!(type #layer #params = #of_kind;)
        })
        .collect()
}

/// `type __MlpOnce = __Mlp<…>;` with the sizes of the first trial, and with those of the second; none without parameters.
pub fn trials(network: &Network, names: &Names) -> Vec<TokenStream> {
    let Some(twice) = &names.twice else { return vec![] };
    let (of, once) = (&names.of, &names.once);
    let (first, second) = (names.trial(network, 0), names.trial(network, 1));
    vec![quote!(type #once = #of #first;), quote!(type #twice = #of #second;)]
}

/// The nodes that make the fields of the network, with their layers in the declaration.
pub fn fields<'a>(graph: &'a Graph) -> impl Iterator<Item = (usize, usize)> + 'a {
    let nodes = graph.nodes.iter().enumerate();
    nodes.filter(|(_, node)| node.first.is_none()).filter_map(|(k, node)| Some((k, node.layer?)))
}

/// `enum __MnistCnn {}` with a const for each declared shape and each node.
pub fn consts(network: &Network, graph: &Graph, names: &Names) -> [TokenStream; 2] {
    let (of, params, given, once) = (&names.of, &names.params, &names.given, &names.once);
    let names_in = names.inputs.clone();
    let ports = |ports: &[Port], names: &[Ident]| -> Vec<TokenStream> {
        let ports = ports.iter().zip(names).enumerate();
        ports.filter_map(|(i, (port, name))| shape(port.shape, name, i, &names_in)).collect()
    };
    let ids = names.ids.iter().enumerate().map(|(v, name)| {
        let taken = taken(graph, names, v);
        quote!(const #name: bool = ::firmnet::infer::holds_ids(&[#(Self::#taken),*]);)
    });
    let shapes_in =
        graph.inputs.iter().zip(&names.inputs).map(|(port, name)| match port.shape.dims {
            Some(_) => quote!(Self::#name),
            None => quote!(::firmnet::shape::Shape::of(&[1])),
        });
    let count_in = Literal::usize_unsuffixed(graph.inputs.len());
    let shapes_out: Vec<_> = graph
        .outputs
        .iter()
        .filter_map(|port| names.node.get(port.value.checked_sub(graph.inputs.len())?))
        .collect();
    let count_out = Literal::usize_unsuffixed(shapes_out.len());
    let (inputs, outputs) =
        (ports(&graph.inputs, &names.inputs), ports(&graph.outputs, &names.outputs));
    let stated = ports(&graph.stated, &names.stated);
    let nodes = (0..graph.nodes.len()).map(|k| node(graph, names, k));
    let steps = graph.nodes.iter().zip(&names.node).map(|(node, name)| {
        let inputs = node.inputs.iter().map(|&v| Literal::usize_unsuffixed(v));
        quote!(::firmnet::plan::Step::of(&Self::#name, &[#(#inputs),*]))
    });
    let rows = graph.nodes.iter().zip(&names.node).map(|(node, name)| {
        if node.first.is_some() {
            quote!(::firmnet::summary::Row::again(&Self::#name))
        } else {
            quote!(::firmnet::summary::Row::of(&Self::#name))
        }
    });
    let count = Literal::usize_unsuffixed(graph.nodes.len());
    let layers: Vec<_> = fields(graph)
        .map(|(k, _)| {
            let (label, layer) = (&graph.nodes[k].label, names.layer(graph, k));
            let tensors = quote!(<#layer as ::firmnet::layer::Layer>::TENSORS);
            match graph.nodes[k].frozen {
                true => {
                    let (layer, trial) = (&names.layer[k], names.trial(network, 0));
                    let count =
                        quote!({ <#layer #trial as ::firmnet::layer::Layer>::TENSORS.len() });
                    quote!((#label, &::firmnet::network::frozen::<#count>(#tensors)))
                }
                false => quote!((#label, #tensors)),
            }
        })
        .collect();
    let parts = Literal::usize_unsuffixed(layers.len());
    let sizes = names.twice.is_some().then(|| {
        let sizes: Vec<_> = network.sizes.iter().map(|size| &size.ident).collect();
        let labels = sizes.iter().map(|size| size.unraw().to_string());
        quote!(const SIZES: &'static [::firmnet::generic::Size] = &[#((#labels, #sizes)),*];)
    });
    // That a size cannot be worked out is an error by itself, which a lint would only say again.
    let consts = quote! {
        #[allow(long_running_const_eval, arithmetic_overflow, unconditional_panic)]
        impl #params #of #given {
            #sizes
            #(#inputs)*
            #(#stated)*
            #(#outputs)*
            #(#nodes)*
            #(#ids)*
            const INPUTS: [::firmnet::shape::Shape; #count_in] = [#(#shapes_in),*];
            const SHAPES: [::firmnet::shape::Shape; #count_out] = [#(Self::#shapes_out.node.output),*];
            const STEPS: [::firmnet::plan::Step; #count] = [#(#steps),*];
            const ROWS: [::firmnet::summary::Row; #count] = [#(#rows),*];
            const LAYERS: [::firmnet::network::Named; #parts] = [#(#layers),*];
            const TENSORS: [::firmnet::layer::Tensor<::firmnet::network::Name>; ::firmnet::network::count(&#once::LAYERS)] =
                ::firmnet::network::named(&Self::LAYERS);
            const AS_LAYER: [::firmnet::layer::Tensor; ::firmnet::network::count(&#once::LAYERS)] =
                ::firmnet::network::as_layer(&Self::TENSORS);
        }
    };
    [quote!(enum #of #params {}), consts]
}

/// `const INPUT: Shape = Shape::of(&[64, 40]).up_to(0, 0);`, if it is known: the shape of the `i`th input or output.
fn shape(shape: &Shape, name: &Ident, i: usize, inputs: &[Ident]) -> Option<TokenStream> {
    let dims = shape.dims.as_ref()?.iter().enumerate().map(|(axis, dim)| match shape.as_input {
        Some(input) if shape.bound == Some(axis) => {
            let input = &inputs[input];
            quote!(Self::#input.dim(0))
        }
        _ => quote!(#dim),
    });
    let bound = shape.bound.map(|axis| {
        let i = shape.as_input.unwrap_or(i);
        let (axis, i) = (Literal::usize_unsuffixed(axis), Literal::usize_unsuffixed(i));
        quote!(.up_to(#axis, #i))
    });
    Some(
        quote!(const #name: ::firmnet::shape::Shape = ::firmnet::shape::Shape::of(&[#(#dims),*])#bound;),
    )
}

/// For each place where value `v` goes in, whether ids go in there: `EMBEDDING.ids(0)`.
pub fn taken(graph: &Graph, names: &Names, v: usize) -> Vec<TokenStream> {
    let mut taken = vec![];
    for (node, name) in graph.nodes.iter().zip(&names.node) {
        for (i, _) in node.inputs.iter().enumerate().filter(|&(_, &input)| input == v) {
            let i = Literal::usize_unsuffixed(i);
            taken.push(quote!(#name.ids(#i)));
        }
    }
    taken
}

/// `const CONV1: InferredOf<Conv2d> = Conv2d::args().first(32).second(3).padding(1).infer(Inputs::of("conv1", "Conv2d").with("the input", Self::INPUT));`
fn node(graph: &Graph, names: &Names, k: usize) -> TokenStream {
    let (node, name, kind) = (&graph.nodes[k], &names.node[k], names.kind(k));
    let span = names.kind[k].span();
    let args = match &names.args[k] {
        None => arguments(node, &kind),
        Some(shared) => quote!(Self::#shared),
    };
    let shared = names.args[k].as_ref().filter(|_| node.first.is_none()).map(|shared| {
        let args = arguments(node, &kind);
        let type_of_args = quote_spanned!(span=> <#kind as ::firmnet::layer::Kind>::Args);
        quote!(const #shared: #type_of_args = #args;)
    });
    let (label, keyword) = (&node.label, node.kind.keyword().unraw().to_string());
    let inputs = node.inputs.iter().map(|&v| match graph.inputs.get(v) {
        Some(port) => {
            let (label, shape) = (&port.label, &names.inputs[v]);
            match port.shape.dims {
                Some(_) => quote!(.with(#label, Self::#shape)),
                None => quote!(.with(#label, ::firmnet::shape::Shape::of(&[1]))),
            }
        }
        None => {
            let before = &names.node[v - graph.inputs.len()];
            quote!(.after(&Self::#before))
        }
    });
    let said = graph
        .stated
        .iter()
        .zip(&names.stated)
        .filter(|(port, _)| port.shape.dims.is_some() && port.value == k + graph.inputs.len());
    let said = said.map(|(_, shape)| quote!(.said(Self::#shape)));
    let sizes = names.twice.is_some().then(|| quote!(.of_sizes(Self::SIZES)));
    let inputs = quote!(::firmnet::infer::Inputs::of(#label, #keyword)#sizes #(#inputs)*);
    let infer = quote_spanned!(span=> #args.infer(#inputs));
    let inferred = quote_spanned!(span=> ::firmnet::infer::InferredOf<#kind>);
    let frozen = node.frozen.then(|| quote!(.frozen()));
    quote! {
        #shared
        const #name: #inferred = #infer #frozen #(#said)*;
    }
}

/// `Conv2d::args().first(32).second(3).padding(1)`. All of it but what the user wrote carries the span of the keyword.
fn arguments(node: &Node, kind: &TokenStream) -> TokenStream {
    let span = node.kind.keyword().span();
    let defaults = quote_spanned!(span=> #kind::args());
    let stated = node.args.stated.iter().map(|size| quote_spanned!(span=> .before_arrow(#size)));
    let positional = node.args.positional.iter().zip(NTH).map(|(value, nth)| {
        let nth = Ident::new(nth, span);
        quote_spanned!(span=> .#nth(#value))
    });
    let named = node.args.named.iter().map(|(name, value)| quote_spanned!(span=> .#name(#value)));
    quote!(#defaults #(#stated)* #(#positional)* #(#named)*)
}
