//! From the graph to Rust: consts for the compiler to judge, a struct, and a list of calls.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::ast::{self, Form, Network};
use crate::resolve::{Graph, Node, Port};

/// The network as Rust.
pub fn emit(network: &Network, graph: &Graph) -> TokenStream {
    let net = &network.name;
    let names = Names::of(network, graph);
    let aliases = aliases(graph, &names);
    let consts = consts(graph, &names);
    let checks = checks(network, graph, &names);
    let structure = structure(network, graph, &names);
    let passes = passes(network, graph, &names);
    quote! {
        #(#aliases)*
        #structure
        #[doc(hidden)]
        #[allow(long_running_const_eval)]
        impl #net {
            #(#consts)*
        }
        #passes
        #(#checks)*
    }
}

/// What stands in the place of a network with a mistake in it, so that the rest of the file stays quiet.
pub fn stub(network: &Network) -> TokenStream {
    let (vis, net) = (&network.vis, &network.name);
    let (inputs, outputs): (Vec<_>, Vec<_>) = match &network.form {
        Form::Sequential { input, output } => (vec![input], vec![output]),
        Form::Graph(forward) => (
            forward.inputs.iter().map(|input| &input.1).collect(),
            forward.outputs.iter().collect(),
        ),
    };
    let (input, output) =
        (tuple(inputs.into_iter().map(array)), tuple(outputs.into_iter().map(array)));
    quote! {
        #[derive(::firmnet::layer::FromBytes)]
        #[zerocopy(crate = "::firmnet::zerocopy")]
        #[repr(C)]
        #vis struct #net {}
        impl ::firmnet::network::Network for #net {
            type Input = #input;
            type Output = #output;
            const ZERO: Self = #net {};
            const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &[];
            const ROWS: &'static [::firmnet::summary::Row] = &[];
            const INFERENCE: &'static ::firmnet::plan::Plan =
                &::firmnet::plan::Plan { per_sample: 0, per_batch: 0, nodes: [] };
            const TRAINING: &'static ::firmnet::plan::Plan = Self::INFERENCE;
            const OUTPUTS: &'static [usize] = &[];
            fn tensor(&self, _: usize) -> &[f32] { &[] }
            fn tensor_mut(&mut self, _: usize) -> &mut [f32] { &mut [] }
            fn init(&mut self, _: &mut dyn ::firmnet::network::Rng) {}
            fn run(&self, _: &mut ::firmnet::pass::Inference<'_>) {}
            fn run_training(&mut self, _: &mut ::firmnet::pass::Training<'_>) {}
            fn run_backward(&self, _: &mut ::firmnet::pass::Backward<'_, '_>, _: &mut Self) {}
        }
        impl #net {
            #vis const fn workspace() -> ::firmnet::memory::Arena<0> { ::firmnet::memory::Arena::new() }
        }
    }
}

/// What the generated items are called.
struct Names {
    net: Ident,
    /// The alias of each node's keyword: `__Net_conv1`.
    alias: Vec<Ident>,
    /// What its shape rule says: `N0_CONV1`.
    node: Vec<Ident>,
    /// The shape of each input: `IN0`.
    input: Vec<Ident>,
}

impl Names {
    fn of(network: &Network, graph: &Graph) -> Self {
        let net = network.name.clone();
        let (mut alias, mut node): (Vec<Ident>, Vec<Ident>) = (vec![], vec![]);
        for (k, n) in graph.nodes.iter().enumerate() {
            let label = n.label.trim_start_matches("r#");
            alias.push(match (n.first, n.layer) {
                (Some(first), _) => alias[first].clone(),
                (None, Some(_)) => format_ident!("__{net}_{label}"),
                (None, None) => format_ident!("__{net}_{label}{k}"),
            });
            node.push(format_ident!("N{k}_{}", label.to_uppercase()));
        }
        let input = (0..graph.inputs.len()).map(|i| format_ident!("IN{i}")).collect();
        Names { net, alias, node, input }
    }

    /// The shape of value `v`, inside `impl Net`.
    fn shape(&self, v: usize) -> TokenStream {
        match self.input.get(v) {
            Some(input) => quote!(Self::#input),
            None => {
                let node = &self.node[v - self.input.len()];
                quote!(Self::#node.node.output)
            }
        }
    }
}

/// Each keyword is named once, so that an unknown one is one error.
fn aliases<'a>(graph: &'a Graph, names: &'a Names) -> impl Iterator<Item = TokenStream> + 'a {
    graph.nodes.iter().zip(&names.alias).filter(|(node, _)| node.first.is_none()).map(
        |(node, alias)| {
            let kind = &node.kind;
            quote! {
                #[doc(hidden)]
                #[allow(non_camel_case_types)]
                type #alias = #kind;
            }
        },
    )
}

fn consts(graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let mut consts = vec![];
    for (port, name) in graph.inputs.iter().zip(&names.input) {
        let dims = &port.shape.dims;
        consts.push(quote!(const #name: ::firmnet::shape::Shape = ::firmnet::shape::Shape::of(&[#(#dims),*]);));
    }
    for (k, node) in graph.nodes.iter().enumerate() {
        consts.push(inferred(graph, names, k, node));
    }
    let count = graph.nodes.len();
    let steps = graph.nodes.iter().zip(&names.node).map(|(node, name)| {
        let inputs = &node.inputs;
        quote!(::firmnet::plan::Step::of(&Self::#name, &[#(#inputs),*]))
    });
    let rows = graph.nodes.iter().zip(&names.node).map(|(node, name)| {
        let (label, kind, again) =
            (&node.label, node.kind.keyword().to_string(), node.first.is_some());
        quote!(::firmnet::summary::Row::of(#label, #kind, &Self::#name, #again))
    });
    let nodes = &names.node;
    consts.push(quote!(const SOUND: bool = true #(&& Self::#nodes.fault.is_none())*;));
    let (inputs, outputs) = (graph.inputs.len(), graph.outputs.iter().map(|output| output.value));
    let outputs: Vec<_> = outputs.collect();
    let layers = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.layer.is_some() && node.first.is_none());
    let layers = layers.map(|(k, node)| {
        let (label, layer) = (node.label.trim_start_matches("r#"), layer_type(names, k));
        quote!((#label, <#layer as ::firmnet::layer::Layer>::TENSORS))
    });
    let layers: Vec<_> = layers.collect();
    let parts = layers.len();
    consts.push(quote! {
        const STEPS: [::firmnet::plan::Step; #count] = [#(#steps),*];
        const INFERENCE_PLAN: ::firmnet::plan::Plan<[::firmnet::plan::Slots; #count]> =
            ::firmnet::plan::inference(#inputs, &Self::STEPS, &[#(#outputs),*]);
        const TRAINING_PLAN: ::firmnet::plan::Plan<[::firmnet::plan::Slots; #count]> =
            ::firmnet::plan::training(#inputs, &Self::STEPS, &[#(#outputs),*]);
        const SUMMARY_ROWS: [::firmnet::summary::Row; #count] = [#(#rows),*];
        const LAYERS: [(&'static str, &'static [::firmnet::layer::Tensor]); #parts] = [#(#layers),*];
        const NAMED: [::firmnet::layer::Tensor<::firmnet::network::Name>; ::firmnet::network::count(&Self::LAYERS)] =
            ::firmnet::network::named(&Self::LAYERS);
    });
    consts
}

/// `const N0_CONV1: Inferred<…> = Conv2d::new(32, 3).padding(1).infer(Inputs::of("conv1", "Conv2d").with("the input", IN0));`
fn inferred(graph: &Graph, names: &Names, k: usize, node: &Node) -> TokenStream {
    let (name, alias, label) = (&names.node[k], &names.alias[k], &node.label);
    let (kind, span) = (node.kind.keyword().to_string(), node.kind.keyword().span());
    let (positional, stated) = (&node.args.positional, node.args.stated.iter());
    let (keys, values): (Vec<_>, Vec<_>) = node.args.named.iter().cloned().unzip();
    let inputs = node.inputs.iter().map(|&v| {
        let (source, shape) = (graph.source(v), names.shape(v));
        quote!(.with(#source, #shape))
    });
    // The call carries the keyword's span: where an argument is missing, rustc points at that word.
    let new = quote_spanned!(span=> <#alias>::new(#(#positional),*));
    quote! {
        const #name: ::firmnet::infer::Inferred<<#alias as ::firmnet::layer::Layer>::Args> =
            #new #(.stated(#stated))* #(.#keys(#values))*
                .infer(::firmnet::infer::Inputs::of(#label, #kind)#(#inputs)*);
    }
}

/// `<Conv2d as Kind>::Layer<32, 1, 3, 3, 32, 0>`, with the numbers asked of the const of node `k`.
fn layer_type(names: &Names, k: usize) -> TokenStream {
    let (net, node, alias) = (&names.net, &names.node[k], &names.alias[k]);
    let dims = (0..6usize).map(|i| quote!({ #net::#node.dims[#i] }));
    quote!(<#alias as ::firmnet::layer::Kind>::Layer<#(#dims),*>)
}

/// The compiler's questions. Every token carries the span of the word to edit: rustc then points at that word alone.
fn checks(network: &Network, graph: &Graph, names: &Names) -> Vec<TokenStream> {
    let mut checks = vec![];
    for port in &graph.inputs {
        checks.push(declared(names, port, None));
    }
    for (k, node) in graph.nodes.iter().enumerate() {
        let (span, named) =
            (node.span, Ident::new(if node.layer.is_some() { "true" } else { "false" }, node.span));
        let (net, name) = (at(&names.net, span), at(&names.node[k], span));
        checks.push(quote_spanned!(span=> const _: () = #net::#name.verify(#named);));
        if let Some(first) = node.first {
            let first = at(&names.node[first], span);
            checks.push(
                quote_spanned!(span=> const _: () = #net::#name.verify_again(&#net::#first);),
            );
        }
    }
    for port in graph.stated.iter().chain(&graph.outputs) {
        checks.push(declared(names, port, Some(port.value)));
    }
    let net = &names.net;
    if let Some(budget) = &network.budget {
        if let Some(limit) = &budget.flash {
            let (span, net) =
                (syn::spanned::Spanned::span(limit), at(net, syn::spanned::Spanned::span(limit)));
            checks.push(quote_spanned!(span=> const _: () = ::firmnet::summary::flash_within(
                ::firmnet::network::numbers(<#net as ::firmnet::network::Network>::TENSORS, false) * 4,
                <#net as ::firmnet::network::Network>::ROWS,
                #limit
            );));
        }
        if let Some(limit) = &budget.ram {
            let (span, net) =
                (syn::spanned::Spanned::span(limit), at(net, syn::spanned::Spanned::span(limit)));
            checks.push(quote_spanned!(span=> const _: () = ::firmnet::summary::ram_within(
                <#net as ::firmnet::network::Network>::INFERENCE_RAM,
                <#net as ::firmnet::network::Network>::ROWS,
                #limit
            );));
        }
    }
    checks
}

/// `const _: () = declared_as("the output", Shape::of(&[10]), Net::N11_LOGSOFTMAX.node.output);`
fn declared(names: &Names, port: &Port, value: Option<usize>) -> TokenStream {
    let (span, dims) = (port.shape.span, &port.shape.dims);
    let (net, name) = (at(&names.net, span), text(&port.name, span));
    let declared = quote_spanned!(span=> ::firmnet::shape::Shape::of(&[#(#dims),*]));
    match value.and_then(|v| v.checked_sub(names.input.len())) {
        Some(k) => {
            let node = at(&names.node[k], span);
            quote_spanned!(span=> const _: () = ::firmnet::infer::declared_as(#name, #declared, #net::#node.node.output, #net::SOUND);)
        }
        None => quote_spanned!(span=> const _: () = ::firmnet::infer::not_empty(#name, #declared);),
    }
}

fn structure(network: &Network, graph: &Graph, names: &Names) -> TokenStream {
    let (attrs, vis, net) = (&network.attrs, &network.vis, &names.net);
    let fields = graph.nodes.iter().enumerate().filter(|(_, node)| node.first.is_none());
    let fields = fields.filter_map(|(k, node)| {
        let layer = &network.layers[node.layer?];
        let (attrs, name, layer_type) = (&layer.attrs, layer.name.as_ref()?, layer_type(names, k));
        let doc = format!("`{}`.", layer.keyword());
        let doc =
            (!attrs.iter().any(|attr| attr.path().is_ident("doc"))).then(|| quote!(#[doc = #doc]));
        Some(quote!(#doc #(#attrs)* pub #name: #layer_type))
    });
    quote! {
        #(#attrs)*
        #[derive(::firmnet::layer::FromBytes)]
        #[zerocopy(crate = "::firmnet::zerocopy")]
        #[repr(C)]
        #vis struct #net { #(#fields),* }
    }
}

/// `impl Network`: the consts by their public names, and for each pass a list of calls.
fn passes(network: &Network, graph: &Graph, names: &Names) -> TokenStream {
    let (vis, net) = (&network.vis, &names.net);
    let input = tuple(graph.inputs.iter().map(|port| array(port.shape)));
    let output = tuple(graph.outputs.iter().map(|port| array(port.shape)));
    let outputs = graph.outputs.iter().map(|port| port.value - graph.inputs.len());
    let fields: Vec<_> = (graph.nodes.iter().enumerate())
        .filter(|(_, node)| node.first.is_none())
        .filter_map(|(k, node)| Some((k, network.layers[node.layer?].name.as_ref()?)))
        .collect();
    let field: Vec<_> = fields.iter().map(|field| field.1).collect();
    let init = fields.iter().map(|&(k, field)| {
        let node = node(names, k);
        quote!(::firmnet::layer::Layer::init(&mut self.#field, #node, rng);)
    });
    let calls = |owner: &str, mutable: bool| -> Vec<TokenStream> {
        let owner = Ident::new(owner, Span::call_site());
        let mutable = mutable.then(|| quote!(mut));
        let nodes = graph.nodes.iter().enumerate();
        nodes
            .map(|(k, node)| {
                match node.layer.and_then(|layer| network.layers[layer].name.as_ref()) {
                    Some(field) => quote!(&#mutable #owner.#field),
                    None => {
                        let alias = &names.alias[k];
                        quote!(&#mutable <#alias as ::firmnet::layer::Layer>::ZERO)
                    }
                }
            })
            .collect()
    };
    let call = |layers: Vec<TokenStream>, grads: Option<Vec<TokenStream>>, backward: bool| {
        let mut calls: Vec<_> = (layers.into_iter().enumerate())
            .map(|(k, layer)| {
                let (node, grad) = (node(names, k), grads.as_ref().map(|grads| &grads[k]));
                let grad = grad.map(|grad| quote!(, #grad));
                quote!(pass.call(#k, #node, #layer #grad);)
            })
            .collect();
        if backward {
            calls.reverse();
        }
        calls
    };
    let forward = call(calls("self", false), None, false);
    let training = call(calls("self", true), None, false);
    let backward = call(calls("self", false), Some(calls("grad", true)), true);
    let parts = field.len();
    let find = |mutable: Option<TokenStream>| {
        let parts = field.iter().map(|field| quote!(&#mutable self.#field));
        quote!([#(#parts),*])
    };
    let (shared, exclusive) = (find(None), find(Some(quote!(mut))));
    let tensor_mut = if parts == 0 {
        quote!(&mut [])
    } else {
        quote!(::firmnet::network::find_mut(i, #exclusive))
    };
    quote! {
        impl ::firmnet::network::Network for #net {
            type Input = #input;
            type Output = #output;
            const ZERO: Self = #net { #(#field: ::firmnet::layer::Layer::ZERO),* };
            const TENSORS: &'static [::firmnet::layer::Tensor<::firmnet::network::Name>] = &Self::NAMED;
            const ROWS: &'static [::firmnet::summary::Row] = &Self::SUMMARY_ROWS;
            const INFERENCE: &'static ::firmnet::plan::Plan = &Self::INFERENCE_PLAN;
            const TRAINING: &'static ::firmnet::plan::Plan = &Self::TRAINING_PLAN;
            const OUTPUTS: &'static [usize] = &[#(#outputs),*];

            fn tensor(&self, i: usize) -> &[f32] {
                ::firmnet::network::find(i, &#shared)
            }
            fn tensor_mut(&mut self, i: usize) -> &mut [f32] {
                #tensor_mut
            }
            fn init(&mut self, rng: &mut dyn ::firmnet::network::Rng) {
                #(#init)*
            }
            fn run(&self, pass: &mut ::firmnet::pass::Inference<'_>) {
                #(#forward)*
            }
            fn run_training(&mut self, pass: &mut ::firmnet::pass::Training<'_>) {
                #(#training)*
            }
            fn run_backward(&self, pass: &mut ::firmnet::pass::Backward<'_, '_>, grad: &mut Self) {
                #(#backward)*
            }
        }
        impl #net {
            /// Memory for an inference.
            #vis const fn workspace() -> ::firmnet::memory::Arena<{ #net::INFERENCE_PLAN.len(1) }> {
                ::firmnet::memory::Arena::new()
            }
        }
    }
}

/// `&const { Self::N0_CONV1.node }`: only what the layer needs at run time, in flash.
fn node(names: &Names, k: usize) -> TokenStream {
    let name = &names.node[k];
    quote!(&const { Self::#name.node })
}

/// `[[[f32; 28]; 28]; 1]`.
fn array(shape: &ast::Shape) -> TokenStream {
    shape.dims.iter().rev().fold(quote!(f32), |inner, dim| quote!([#inner; #dim]))
}

/// One type as it is, several as a tuple.
fn tuple(types: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    if types.len() == 1 { quote!(#(#types)*) } else { quote!((#(#types),*)) }
}

fn at(ident: &Ident, span: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(span);
    ident
}

fn text(value: &str, span: Span) -> Literal {
    let mut text = Literal::string(value);
    text.set_span(span);
    text
}
