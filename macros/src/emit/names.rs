//! What the generated items are called.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::ast::Network;
use crate::resolve::{Graph, Port};

/// The names of everything that is generated for one network, all different.
pub struct Names {
    /// `MnistCnn`.
    pub net: Ident,
    /// The type that holds what the compiler works out: `__MnistCnn`.
    pub of: Ident,
    /// For each node the alias of its keyword: `__MnistCnnConv1Word`. It carries the span of the keyword, as the next two do.
    pub word: Vec<Ident>,
    /// For each node what the keyword means: `__MnistCnnConv1Kind`, or `__MnistCnnReLU` for a layer without a name.
    pub kind: Vec<Ident>,
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
        let mut taken = taken.map(String::from).into();
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
        let of = format_ident!("__{camel_net}");
        Names { net, of, word, kind, layer, node, args, inputs, ids, outputs, stated }
    }

    /// The const of node `k`, from anywhere in the generated code: `__MnistCnn::CONV1`.
    pub fn path(&self, k: usize) -> TokenStream {
        let (of, node) = (&self.of, &self.node[k]);
        quote!(#of::#node)
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
