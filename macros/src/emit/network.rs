//! The network itself: a field for each layer with a name, and for each pass a list of calls.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, Lit};

use super::consts::fields;
use super::names::Names;
use crate::ast::Network;
use crate::parse::sizes::size;
use crate::resolve::{Graph, Kind, Port};

/// `pub struct MnistCnn { pub conv1: …, … }`.
pub fn structure(network: &Network, graph: &Graph, names: &Names) -> TokenStream {
    let (attrs, vis, net) = (&network.attrs, &network.vis, &names.net);
    let fields = fields(graph).map(|(k, layer)| {
        let layer = &network.layers[layer];
        let (attrs, name, layer_type) = (&layer.attrs, &layer.name, names.layer(graph, k));
        let doc = format!(" `{}`.", graph.nodes[k].kind.keyword());
        let written = attrs.iter().any(|attr| attr.path().is_ident("doc"));
        let doc = (!written).then(|| quote!(#[doc = #doc]));
        quote!(#doc #(#attrs)* pub #name: #layer_type)
    });
    let sizes = &network.sizes;
    let sizes = (!sizes.is_empty()).then(|| quote!(<#(#sizes),*>));
    quote! {
        #(#attrs)*
        #[derive(::firmnet::layer::FromBytes)]
        #[repr(C)]
        #vis struct #net #sizes { #(#fields),* }
    }
}

/// `impl Network`, and what a network has beside.
pub fn impls(network: &Network, graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let (vis, net, once, here) = (&network.vis, &names.net, &names.once, names.here());
    let (params, given) = (&names.params, &names.given);
    let input =
        tuple(graph.inputs.iter().zip(&names.inputs).zip(&names.ids).map(|((port, name), ids)| {
            // Images are no ids; of what has fewer axes the layers say whether it is.
            let few = port.shape.dims.as_ref().is_some_and(|dims| dims.len() < 3);
            let number = match few {
                true => quote!(::firmnet::infer::Number<{ #once::#ids }>),
                false => quote!(f32),
            };
            sample(network, port, number, quote!(#once::#name), quote!(1))
        }));
    let output = tuple(graph.outputs.iter().zip(&names.outputs).map(|(port, name)| {
        let node = port.value.checked_sub(graph.inputs.len()).map(|k| &names.node[k]);
        let len = node.map_or(quote!(1), |node| quote!({ #once::#node.node.output.len() }));
        sample(network, port, quote!(f32), quote!(#once::#name), len)
    }));
    let outputs =
        graph.outputs.iter().filter_map(|port| port.value.checked_sub(graph.inputs.len()));
    let outputs: Vec<_> = outputs.map(Literal::usize_unsuffixed).collect();
    let values = graph.outputs.iter().map(|port| Literal::usize_unsuffixed(port.value));
    let values = quote!([#(#values),*]);
    let fields: Vec<_> = fields(graph)
        .filter_map(|(k, layer)| Some((k, network.layers[layer].name.as_ref()?)))
        .collect();
    let field: Vec<_> = fields.iter().map(|field| field.1).collect();
    let init = fields.iter().map(|&(k, field)| {
        let node = names.path(k);
        quote!(::firmnet::layer::Layer::init(&mut self.#field, &const { #node.node }, rng);)
    });
    let named =
        |k: usize| graph.nodes[k].layer.and_then(|layer| network.layers[layer].name.as_ref());
    // A line for each node: which it is, and what is said about the layer `self.…` of one that has a layer.
    let calls = |which: &dyn Fn(usize) -> TokenStream,
                 method: &dyn Fn(usize) -> TokenStream,
                 layer: &dyn Fn(&Ident, usize) -> TokenStream| {
        let nodes = (0..graph.nodes.len()).map(|k| {
            let (which, path) = (which(k), names.path(k));
            match named(k) {
                Some(field) => {
                    let (method, layer) = (method(k), layer(field, k));
                    quote!(pass.#method(#which, &const { #path.node }, #layer);)
                }
                None => {
                    let layer = names.layer(graph, k);
                    quote!(pass.call_unnamed::<#layer>(#which, &const { #path.node });)
                }
            }
        });
        nodes.collect::<Vec<_>>()
    };
    // The layer that alone reads what node k gives, which may be done by that of k.
    let next = |k: usize| {
        let value = graph.inputs.len() + k;
        let mut readers =
            (0..graph.nodes.len()).filter(|&j| graph.nodes[j].inputs.contains(&value));
        let (next, None) = (readers.next()?, readers.next()) else { return None };
        let layer = match named(next) {
            Some(name) => quote!(&self.#name),
            None => {
                let layer = names.layer(graph, next);
                quote!(&::firmnet::pass::unnamed::<#layer>())
            }
        };
        Some((names.path(next), layer))
    };
    let number = |k: usize| Literal::usize_unsuffixed(k).to_token_stream();
    let slots = |k: usize| {
        let k = number(k);
        quote!(&Self::INFERENCE.nodes[#k])
    };
    let call = |_| quote!(call);
    let call_before = |k: usize| if next(k).is_some() { quote!(call_before) } else { call(k) };
    let forward = calls(&slots, &call_before, &|field, k| match next(k) {
        Some((path, layer)) => quote!(&self.#field, &const { #path.node }, #layer),
        None => quote!(&self.#field),
    });
    let training = calls(&number, &call, &|field, _| quote!(&mut self.#field));
    let mut backward = calls(&number, &call, &|field, _| quote!(&self.#field, &mut grad.#field));
    backward.reverse();
    let packing = (0..graph.nodes.len()).filter_map(|k| {
        let (field, number, path) = (named(k)?, number(k), names.path(k));
        Some(quote!(pass.call(#number, &const { #path.node }, &self.#field);))
    });
    // A parameter of a function that has nothing to do with it.
    let unless = |unused: bool, name: TokenStream| if unused { quote!(_) } else { name };
    let pass = unless(graph.nodes.is_empty(), quote!(pass));
    let packs = unless(field.is_empty(), quote!(pass));
    let (rng, grad) =
        (unless(field.is_empty(), quote!(rng)), unless(field.is_empty(), quote!(grad)));
    // What depends on the parameters is judged where they are given: as soon as something of the network is used.
    let judged = names.twice.is_some().then(|| quote!(let () = #here::CHECKED;));
    let of_judged = |value: TokenStream| match &judged {
        Some(judged) => quote!({ #judged #value }),
        None => value,
    };
    let tensors = of_judged(quote!(&#here::TENSORS));
    let plan = |pass: &str| {
        let pass = Ident::new(pass, proc_macro2::Span::call_site());
        of_judged(quote!(&::firmnet::plan::#pass(&#here::INPUTS, &#here::STEPS, &#values)))
    };
    let (inference, of_training) = (plan("inference"), plan("training"));
    let network = quote! {
        #[allow(long_running_const_eval)]
        impl #params ::firmnet::network::Network for #net #given {
            type Input = #input;
            type Output = #output;

            const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = #tensors;
            const AS_LAYER: &'static [::firmnet::layer::Tensor] = &#here::AS_LAYER;
            const INPUTS: &'static [::firmnet::shape::Shape] = &#here::INPUTS;
            const SHAPES: &'static [::firmnet::shape::Shape] = &#here::SHAPES;
            const STREAMS: bool = ::firmnet::plan::streams(&#here::STEPS);
            const ROWS: &'static [::firmnet::summary::Row] = &#here::ROWS;
            const INFERENCE: &'static ::firmnet::plan::Plan = #inference;
            const TRAINING: &'static ::firmnet::plan::Plan = #of_training;
            const OUTPUTS: &'static [usize] = &[#(#outputs),*];

            fn tensor(&self, i: usize) -> &[f32] {
                ::firmnet::network::find(i, &[#(&self.#field),*])
            }
            fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
                ::firmnet::network::find_mut(i, [#(&mut self.#field),*])
            }
            fn init(&mut self, #rng: &mut dyn ::firmnet::network::Rng) {
                #(#init)*
            }
            #[inline(always)]
            fn run(&self, #pass: &mut ::firmnet::pass::Inference<'_>) {
                #(#forward)*
            }
            fn run_training(&mut self, #pass: &mut ::firmnet::pass::Training<'_>) {
                #(#training)*
            }
            fn run_packing(&self, #packs: &mut ::firmnet::pass::Packing<'_>) {
                #(#packing)*
            }
            fn run_backward(&self, #pass: &mut ::firmnet::pass::Backward<'_, '_>, #grad: &mut Self) {
                #(#backward)*
            }
        }
    };
    let sequences = graph.inputs.iter().any(|port| port.shape.bound.is_some());
    let stream = sequences.then(|| {
        quote! {
            /// Memory for a sequence that comes step by step.
            #vis const fn stream() -> ::firmnet::stream::Stream<#net, { ::firmnet::stream::len::<#net>() }> {
                ::firmnet::stream::Stream::new()
            }
        }
    });
    // Rust has no type yet for as much as a parameter says.
    let memory = names.twice.is_none().then(|| {
        quote! {
            #stream
            /// Memory for an inference.
            #vis const fn workspace() -> ::firmnet::memory::Arena<{ <#net as ::firmnet::network::Network>::INFERENCE.len(1) }> {
                ::firmnet::memory::Arena::new()
            }
        }
    });
    let inherent = quote! {
        impl #params #net #given {
            #memory
            #[doc(hidden)]
            #vis const fn args() -> ::firmnet::nested::Args<Self> {
                ::firmnet::nested::Args::new()
            }
        }
    };
    let kind = match names.twice {
        None => quote!(::firmnet::nested_keyword!(#net);),
        Some(_) => quote!(::firmnet::nested_keyword!([#params] #net #given);),
    };
    vec![network, inherent, kind]
}

/// `Conv2d` as it is written; for an operator the layer of firmnet.
pub fn keyword(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Written(keyword) => keyword.path.clone(),
        Kind::Own(ident) => quote!(::firmnet::layers::#ident),
    }
}

/// `[[[f32; 28]; 28]; 1]`, or `Seq<[f32; 40], 64>`: sizes that are plain numbers as they are, others from the const `shape`. A shape
/// that is not known is `unknown` numbers.
fn sample(
    network: &Network,
    port: &Port,
    number: TokenStream,
    shape: TokenStream,
    unknown: TokenStream,
) -> TokenStream {
    let Some(dims) = &port.shape.dims else { return quote!([f32; #unknown]) };
    dims.iter().enumerate().rev().fold(number, |inner, (axis, dim)| {
        let number = match &**dim {
            Expr::Lit(ExprLit { lit: Lit::Int(int), .. })
                if int.suffix().is_empty() && int.base10_parse::<usize>().is_ok() =>
            {
                quote!(#int)
            }
            _ => match size(&network.sizes, dim) {
                Some(size) => quote!(#size),
                None => {
                    let axis = Literal::usize_unsuffixed(axis);
                    quote!({ #shape.dim(#axis) })
                }
            },
        };
        match port.shape.bound {
            Some(0) if axis == 0 => quote!(::firmnet::seq::Seq<#inner, #number>),
            _ => quote!([#inner; #number]),
        }
    })
}

/// One type as it is, several as a tuple.
pub fn tuple(types: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    if types.len() == 1 { quote!(#(#types)*) } else { quote!((#(#types),*)) }
}
