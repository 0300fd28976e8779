//! The network in bytes: a struct beside the one in `f32`, with the same fields.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::names::Names;
use crate::ast::Network;
use crate::resolve::{Graph, Node};

/// Everything that `#[quantize(i8)]` asks for.
pub fn items(network: &Network, graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let layers: Vec<Layer> = (0..graph.nodes.len())
        .filter(|&k| graph.nodes[k].first.is_none())
        .map(|k| Layer::of(network, graph, names, k))
        .collect();
    let mut items = vec![structure(network, graph, names, &layers)];
    items.extend(layers.iter().map(|layer| {
        let Layer { form, k, .. } = layer;
        let (node, kind) = (&graph.nodes[*k], &names.kind[*k]);
        let (label, word) = (&node.label, node.kind.keyword().unraw().to_string());
        quote_spanned!(kind.span()=> type #form = ::firmnet::int8_kind!(#kind, #label, #word);)
    }));
    items.extend(layers.iter().map(|layer| {
        let Layer { form, int8, k, .. } = layer;
        let (of, span) = (&names.of, names.kind[*k].span());
        let (a, b) = (size(of, *k, 0), size(of, *k, 1));
        quote_spanned!(span=> type #int8 = <#form as ::firmnet::int8::Quantize>::Int8<#a, #b>;)
    }));
    items.push(consts(graph, names, &layers));
    items.push(implementation(graph, names, &layers));
    items.extend(inherent(network, graph, names));
    items.extend(checks(graph, names));
    items
}

/// A layer in bytes.
struct Layer<'a> {
    k: usize,
    /// What the layer is called in the struct.
    field: Ident,
    /// The name in the declaration, if it has one.
    named: Option<&'a Ident>,
    /// The alias of the keyword, once it is known to have a form in bytes: `__KwsConv1Form`.
    form: Ident,
    /// The alias of the type: `__KwsConv1Int8`.
    int8: Ident,
}

impl<'a> Layer<'a> {
    fn of(network: &'a Network, graph: &Graph, names: &Names, k: usize) -> Self {
        let node = &graph.nodes[k];
        let named = node.layer.and_then(|layer| network.layers[layer].name.as_ref());
        let layer = &names.layer[k];
        let alias = |suffix: &str| format_ident!("{layer}{suffix}", span = layer.span());
        Layer {
            k,
            // A layer without a name has that of its const.
            field: named.cloned().unwrap_or_else(|| lower(&names.node[k])),
            named,
            form: alias("Form"),
            int8: alias("Int8"),
        }
    }
}

/// `pub struct KwsInt8 { pub conv1: …, … }`.
fn structure(network: &Network, graph: &Graph, names: &Names, layers: &[Layer]) -> TokenStream {
    let (vis, net, int8) = (&network.vis, &names.net, &names.int8);
    let fields = layers.iter().map(|Layer { k, field, named, int8, .. }| {
        let doc = format!(" `{}`.", graph.nodes[*k].kind.keyword());
        let hidden = named.is_none().then(|| quote!(#[doc(hidden)]));
        quote!(#[doc = #doc] #hidden pub #field: #int8)
    });
    let doc = format!(" [`{net}`] in bytes.");
    let values = values(graph);
    quote! {
        #[doc = #doc]
        #[derive(::firmnet::layer::FromBytes)]
        #[repr(C)]
        #vis struct #int8 {
            #(#fields,)*
            #[doc(hidden)]
            pub __values: ::firmnet::int8::Scales<#values>
        }
    }
}

/// What the compiler works out.
fn consts(graph: &Graph, names: &Names, layers: &[Layer]) -> TokenStream {
    let (of, values) = (&names.of, values(graph));
    let count = Literal::usize_unsuffixed(graph.nodes.len());
    let steps = graph.nodes.iter().enumerate().map(|(k, node)| {
        let first = node.first.unwrap_or(k);
        let form = layers.iter().find(|layer| layer.k == first).map(|layer| &layer.form);
        let (name, k) = (&names.node[k], Literal::usize_unsuffixed(k));
        quote!(::firmnet::int8::Step::of::<#form>(&Self::#name, Self::STEPS[#k]))
    });
    let outputs = graph.outputs.iter().map(|port| Literal::usize_unsuffixed(port.value));
    let named: Vec<_> = layers
        .iter()
        .map(|Layer { field, int8, .. }| {
            let label = field.unraw().to_string();
            quote!((#label, <#int8 as ::firmnet::int8::Layer>::TENSORS))
        })
        .collect();
    let parts = Literal::usize_unsuffixed(named.len() + 1);
    quote! {
        #[allow(long_running_const_eval)]
        impl #of {
            const INT8: ::firmnet::int8::Plan<#count, #values> =
                ::firmnet::int8::plan(&Self::INPUTS, &[#(#steps),*], &[#(#outputs),*]);
            const INT8_LAYERS: [::firmnet::network::Named; #parts] =
                [#(#named,)* ("values", ::firmnet::int8::Scales::<#values>::TENSORS)];
            const QAT_TENSORS: [::firmnet::layer::Tensor<::firmnet::network::Name>; #of::TENSORS.len() + 1] =
                ::firmnet::network::and_ranges(&Self::TENSORS, #values);
            const INT8_TENSORS: [::firmnet::layer::Tensor<::firmnet::network::Name>; ::firmnet::network::count(&#of::INT8_LAYERS)] =
                ::firmnet::network::named(&Self::INT8_LAYERS);
        }
    }
}

/// `impl int8::Network`.
fn implementation(graph: &Graph, names: &Names, layers: &[Layer]) -> TokenStream {
    let (net, int8, of, count) = (&names.net, &names.int8, &names.of, values(graph));
    let inputs = |len: &TokenStream| {
        let inputs = names.inputs.iter().take(graph.inputs.len());
        let inputs: Vec<_> = inputs.map(|name| quote!([i8; { #of::#name.#len() }])).collect();
        super::network::tuple(inputs.into_iter())
    };
    let nodes: Vec<_> = graph
        .outputs
        .iter()
        .filter_map(|port| port.value.checked_sub(graph.inputs.len()))
        .collect();
    let outputs = |len: &TokenStream| {
        super::network::tuple(nodes.iter().map(|&k| {
            let node = &names.node[k];
            quote!([i8; { #of::#node.node.output.#len() }])
        }))
    };
    let (whole, step) = (quote!(len), quote!(step_len));
    let (input, output) = (inputs(&whole), outputs(&whole));
    let (step, step_output) = (inputs(&step), outputs(&step));
    let values = graph.outputs.iter().map(|port| Literal::usize_unsuffixed(port.value));
    let fields: Vec<_> = layers.iter().map(|layer| &layer.field).collect();
    let field = |node: &Node, k: usize| {
        let first = node.first.unwrap_or(k);
        layers.iter().find(|layer| layer.k == first)
    };
    let run = graph.nodes.iter().enumerate().filter_map(|(k, node)| {
        let (field, path) = (&field(node, k)?.field, names.path(k));
        let k = Literal::usize_unsuffixed(k);
        Some(quote!(pass.call(&Self::NODES[#k], &const { #path.node }, &self.#field);))
    });
    let mut fill: Vec<_> = graph
        .nodes
        .iter()
        .enumerate()
        .filter_map(|(k, node)| {
            let (Layer { field, named, .. }, path) = (field(node, k)?, names.path(k));
            let kind = &names.kind[k];
            let k = Literal::usize_unsuffixed(k);
            Some(match named {
                Some(named) => {
                    quote!(filling.call(#k, &const { #path.node }, &net.#named, &mut self.#field);)
                }
                None => {
                    quote!(filling.call_unnamed::<#kind, _>(#k, &const { #path.node }, &mut self.#field);)
                }
            })
        })
        .collect();
    fill.reverse();
    let unused = graph.nodes.iter().all(|node| node.layer.is_none());
    let float = if unused { quote!(_) } else { quote!(net) };
    quote! {
        #[allow(long_running_const_eval)]
        impl ::firmnet::int8::Network for #int8 {
            type Float = #net;
            type Input = #input;
            type Output = #output;
            type Step = #step;
            type StepOutput = #step_output;
            type Ranges = [[f32; 2]; #count];

            const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &#of::INT8_TENSORS;
            const QAT_TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &#of::QAT_TENSORS;
            const NODES: &'static [::firmnet::int8::plan::Slots] = &#of::INT8.nodes;
            const VALUES: &'static [::firmnet::int8::plan::Value] = &#of::INT8.values;
            const OUTPUTS: &'static [usize] = &[#(#values),*];
            const INFERENCE_RAM: usize = #of::INT8.ram;
            const STATE: usize = #of::INT8.state;

            fn tensor(&self, i: usize) -> &[u8] {
                ::firmnet::int8::network::find(i, &[#(&self.#fields,)* &self.__values])
            }
            fn tensor_mut(&mut self, i: usize) -> &mut [u8] {
                ::firmnet::int8::network::find_mut(i, [#(&mut self.#fields,)* &mut self.__values])
            }
            fn scale(&self, v: usize) -> ::firmnet::int8::Scale {
                self.__values.get(v)
            }
            fn set_scale(&mut self, v: usize, scale: ::firmnet::int8::Scale) {
                self.__values.set(v, scale);
            }
            fn run(&self, pass: &mut ::firmnet::int8::pass::Inference<'_>) {
                #(#run)*
            }
            fn fill(&mut self, #float: &#net, filling: &mut ::firmnet::int8::fill::Filling<'_>) {
                #(#fill)*
            }
        }
    }
}

/// What is of the type alone.
fn inherent(network: &Network, graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let (vis, int8) = (&network.vis, &names.int8);
    let sequences = graph.inputs.iter().any(|port| port.shape.bound.is_some());
    let stream = sequences.then(|| {
        quote! {
            /// Memory for a sequence that comes step by step.
            #vis const fn stream() -> ::firmnet::int8::stream::Stream<#int8, { ::firmnet::int8::stream::len::<#int8>() }> {
                ::firmnet::int8::stream::Stream::new()
            }
        }
    });
    vec![quote! {
        impl #int8 {
            #stream
            /// Memory for an inference.
            #vis const fn workspace() -> ::firmnet::memory::Arena<{ ::firmnet::int8::network::room_len::<#int8>() }> {
                ::firmnet::memory::Arena::new()
            }
        }
    }]
}

/// Whether each node has a form in bytes where it stands.
fn checks(graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let of = &names.of;
    let judged = graph.nodes.iter().enumerate().filter(|(_, node)| node.judged);
    judged
        .map(|(k, node)| {
            let (name, at) = (&names.node[k], Literal::usize_unsuffixed(k));
            let question = match node.first {
                Some(_) => {
                    let (label, word) = (&node.label, node.kind.keyword().unraw().to_string());
                    quote!(::firmnet::int8::verify_again(#label, #word))
                }
                None => quote!(#of::INT8.verify(#at, &#of::#name)),
            };
            super::checks::at_span(quote!(const _: () = #question;), node.span)
        })
        .collect()
}

/// Inputs and nodes.
fn values(graph: &Graph) -> Literal {
    Literal::usize_unsuffixed(graph.inputs.len() + graph.nodes.len())
}

fn size(of: &Ident, k: usize, i: usize) -> TokenStream {
    let (k, i) = (Literal::usize_unsuffixed(k), Literal::usize_unsuffixed(i));
    quote!({ #of::INT8.sizes(#k)[#i] })
}

/// `RELU_2` as `relu_2`.
fn lower(name: &Ident) -> Ident {
    let name = name.to_string().to_lowercase();
    syn::parse_str(&name).unwrap_or_else(|_| format_ident!("{name}_"))
}
