//! What the generated items are called.

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use crate::ast::Network;
use crate::parse::sizes::names;
use crate::resolve::{Graph, Kind, Node, Port};

/// The names of everything that is generated for one network, all different.
pub struct Names {
    /// `MnistCnn`.
    pub net: Ident,
    /// The network in bytes: `MnistCnnInt8`.
    pub int8: Ident,
    /// The type that holds what the compiler works out: `__MnistCnn`.
    pub of: Ident,
    /// The parameters of the network, as they are declared and as they are given: `<const H: usize>` and `<H>`, or nothing.
    pub params: TokenStream,
    pub given: TokenStream,
    /// `of` with the sizes of the first trial, for what the type system needs to know: `__MlpOnce`. Without parameters it is `of` itself.
    pub once: Ident,
    /// `of` with the sizes of the second trial, if there are parameters: `__MlpTwice`.
    pub twice: Option<Ident>,
    /// For each node the alias of its keyword: `__MnistCnnConv1Word`. It carries the span of the keyword, as the next two do.
    pub word: Vec<Ident>,
    /// For each node what the keyword means: `__MnistCnnConv1Kind`, or `__MnistCnnReLU` for a layer without a name.
    pub kind: Vec<Ident>,
    /// For each node whether what stands behind `kind` depends on the parameters of the network, as `encoder: Mlp<H>` does.
    pub sized: Vec<bool>,
    /// For each node the alias of the layer's type: `__MnistCnnConv1`.
    pub layer: Vec<Ident>,
    /// For each node the const of what its shape rule says: `CONV1`.
    pub node: Vec<Ident>,
    /// For each node the const of its arguments, if several nodes share them: `CONV1_ARGS`.
    pub args: Vec<Option<Ident>>,
    /// The consts of the declared shapes: `INPUT`, `OUTPUT`, and the upper-case names of values.
    pub inputs: Vec<Ident>,
    /// For each input the const that says whether it holds ids: `INPUT_IDS`.
    pub ids: Vec<Ident>,
    pub outputs: Vec<Ident>,
    pub stated: Vec<Ident>,
}

impl Names {
    pub fn of(network: &Network, graph: &Graph) -> Self {
        let net = network.name.clone();
        let camel_net = camel(&net.unraw().to_string());
        let taken = ["STEPS", "LAYERS", "TENSORS", "AS_LAYER", "INPUTS", "SHAPES", "ROWS"];
        let int8 = ["INT8", "INT8_LAYERS", "INT8_TENSORS"];
        let mut taken = taken.into_iter().chain(int8).map(String::from).collect();
        let mut ports = |ports: &[Port], otherwise: &str| -> Vec<Ident> {
            let name = |port: &Port| match port.name {
                Some(name) if name != "_" => name.unraw().to_string().to_uppercase(),
                _ => otherwise.into(),
            };
            ports.iter().map(|port| unique(&name(port), "_", &mut taken)).collect()
        };
        let (inputs, outputs) = (ports(&graph.inputs, "INPUT"), ports(&graph.outputs, "OUTPUT"));
        let stated = ports(&graph.stated, "STATED");
        let ids = inputs.iter().map(|name| unique(&format!("{name}_IDS"), "_", &mut taken));
        let ids = ids.collect();
        let mut types = HashSet::new();
        let (mut word, mut kind, mut layer) = (vec![], vec![], vec![]);
        let (mut node, mut args) = (vec![], vec![]);
        for (k, n) in graph.nodes.iter().enumerate() {
            let label = camel(&n.label);
            match n.first {
                Some(first) => {
                    word.push(Ident::clone(&word[first]));
                    kind.push(Ident::clone(&kind[first]));
                    layer.push(Ident::clone(&layer[first]));
                    args.push(Option::<Ident>::clone(&args[first]));
                }
                None => {
                    let suffix = if n.layer.is_some() { "Kind" } else { "" };
                    let mut alias = |suffix: &str| {
                        let mut name =
                            unique(&format!("__{camel_net}{label}{suffix}"), "", &mut types);
                        name.set_span(n.kind.keyword().span());
                        name
                    };
                    word.push(alias("Word"));
                    kind.push(alias(suffix));
                    // Without a name, the keyword is the whole type.
                    layer.push(match n.layer {
                        Some(_) => alias(""),
                        None => kind[k].clone(),
                    });
                    let shared = graph.nodes.iter().any(|other| other.first == Some(k));
                    let name = format!("{}_ARGS", n.label.to_uppercase());
                    args.push(shared.then(|| unique(&name, "_", &mut taken)));
                }
            }
            node.push(unique(&n.label.to_uppercase(), "_", &mut taken));
        }
        let sized = |node: &Node| match &node.kind {
            Kind::Written(keyword) => names(keyword.path.clone())
                .iter()
                .any(|name| network.sizes.iter().any(|size| size.ident == *name)),
            Kind::Own(_) => false,
        };
        let sized = graph.nodes.iter().map(sized).collect();
        let of = format_ident!("__{camel_net}");
        let (mut params, mut given, mut once, mut twice) = (quote!(), quote!(), of.clone(), None);
        if !network.sizes.is_empty() {
            let sizes: Vec<_> = network.sizes.iter().map(|size| &size.ident).collect();
            params = quote!(<#(const #sizes: usize),*>);
            // In braces, for a type may have the same name.
            given = quote!(<#({ #sizes }),*>);
            once = format_ident!("__{camel_net}Once");
            twice = Some(format_ident!("__{camel_net}Twice"));
        }
        let int8 = format_ident!("{}Int8", net.unraw(), span = net.span());
        Names {
            net,
            int8,
            of,
            params,
            given,
            once,
            twice,
            word,
            kind,
            sized,
            layer,
            node,
            args,
            inputs,
            ids,
            outputs,
            stated,
        }
    }

    /// What the compiler works out, from where the parameters are known: `__MnistCnn`, or `__Mlp::<H>`.
    pub fn here(&self) -> TokenStream {
        let (of, given) = (&self.of, &self.given);
        if given.is_empty() { quote!(#of) } else { quote!(#of::#given) }
    }

    /// What the keyword of node `k` means, from where the parameters are known: `__MnistCnnConv1Kind`.
    pub fn kind(&self, k: usize) -> TokenStream {
        let (kind, given) = (&self.kind[k], &self.given);
        if self.sized[k] { quote_spanned!(kind.span()=> #kind::#given) } else { quote!(#kind) }
    }

    /// The type of the layer of node `k`, from where the parameters are known: `__MnistCnnConv1`, or `__MlpFc1::<H>`.
    pub fn layer(&self, graph: &Graph, k: usize) -> TokenStream {
        let (layer, given) = (&self.layer[k], &self.given);
        let sized = self.sized[k] || graph.nodes[k].layer.is_some();
        if sized && !given.is_empty() { quote!(#layer::#given) } else { quote!(#layer) }
    }

    /// The sizes of the first or the second trial, for what takes the parameters: `::<{ … }>`.
    pub fn trial(&self, network: &Network, trial: usize) -> TokenStream {
        let trial = Literal::usize_unsuffixed(trial);
        let sizes = (0..network.sizes.len()).map(|p| {
            let p = Literal::usize_unsuffixed(p);
            quote!({ ::firmnet::generic::TRIALS[#trial][#p] })
        });
        if network.sizes.is_empty() { quote!() } else { quote!(::<#(#sizes),*>) }
    }

    /// The const of node `k`, from where the parameters are known: `__MnistCnn::CONV1`.
    pub fn path(&self, k: usize) -> TokenStream {
        let (here, node) = (self.here(), &self.node[k]);
        quote!(#here::#node)
    }
}

/// `conv1_2` as `Conv12`.
fn camel(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    words.collect()
}

/// `base`, or with a number behind it when it is taken or is no name.
fn unique(base: &str, between: &str, taken: &mut HashSet<String>) -> Ident {
    let base = if syn::parse_str::<Ident>(base).is_ok() { base } else { "NAME" };
    let numbered = (2..).map(|n| format!("{base}{between}{n}"));
    let name =
        std::iter::once(base.to_string()).chain(numbered).find(|name| taken.insert(name.clone()));
    Ident::new(&name.expect("there is always another number"), Span::call_site())
}
