//! From names to a graph: after this, every name is an edge.

use std::collections::HashMap;

use proc_macro2::Span;
use quote::quote;
use syn::{Ident, Path, Result};

use crate::ast::{self, Args, Form, keyword};
use crate::diag::{Errors, did_you_mean};
use crate::expr::{self, Value};

/// A network in which every value has a number: first the inputs, then what the nodes give, in order.
pub struct Graph<'a> {
    pub inputs: Vec<Port<'a>>,
    pub outputs: Vec<Port<'a>>,
    pub nodes: Vec<Node>,
    /// Shapes that are stated in passing.
    pub stated: Vec<Port<'a>>,
}

/// A value whose shape is declared.
pub struct Port<'a> {
    /// As a message calls it.
    pub name: String,
    pub value: usize,
    pub shape: &'a ast::Shape,
}

/// A layer at one place of the network.
pub struct Node {
    /// The layer's name, or its keyword.
    pub label: String,
    pub kind: Kind,
    pub args: Args,
    /// The layer in the declaration, if it has a name.
    pub layer: Option<usize>,
    /// The node that called the same layer first.
    pub first: Option<usize>,
    pub inputs: Vec<usize>,
    /// The word to edit when the layer does not fit here.
    pub span: Span,
}

/// Which type stands behind a node.
pub enum Kind {
    /// The one that is written.
    Written(Path),
    /// The one of firmnet, for an operator.
    Own(Ident),
}

impl Kind {
    pub fn keyword(&self) -> &Ident {
        match self {
            Kind::Written(path) => keyword(path),
            Kind::Own(ident) => ident,
        }
    }
}

/// Makes the graph of a declaration.
pub fn resolve(network: &ast::Network) -> Result<Graph<'_>> {
    let mut errors = Errors::default();
    let layers = names(network, &mut errors);
    let mut resolver = Resolver {
        network,
        layers,
        values: HashMap::new(),
        called: vec![None; network.layers.len()],
        graph: Graph { inputs: vec![], outputs: vec![], nodes: vec![], stated: vec![] },
        errors,
    };
    match &network.form {
        Form::Sequential { input, output } => resolver.sequential(input, output),
        Form::Graph(forward) => resolver.forward(forward),
    }
    resolver.errors.into_result(resolver.graph)
}

/// The declared layers by name.
fn names(network: &ast::Network, errors: &mut Errors) -> HashMap<Ident, usize> {
    let mut layers = HashMap::new();
    for (i, layer) in network.layers.iter().enumerate() {
        if let Some(name) = &layer.name {
            if layers.contains_key(name) {
                errors.at(name.span(), format!("there is a layer `{name}` already"));
            }
            layers.entry(name.clone()).or_insert(i);
        }
    }
    layers
}

struct Resolver<'a> {
    network: &'a ast::Network,
    layers: HashMap<Ident, usize>,
    /// Names of values, and whether somebody has used them.
    values: HashMap<Ident, Named>,
    /// The node that called a layer first.
    called: Vec<Option<usize>>,
    graph: Graph<'a>,
    errors: Errors,
}

struct Named {
    value: usize,
    used: bool,
}

impl<'a> Resolver<'a> {
    fn sequential(&mut self, input: &'a ast::Shape, output: &'a ast::Shape) {
        self.graph.inputs.push(Port { name: "the input".into(), value: 0, shape: input });
        for (i, layer) in self.network.layers.iter().enumerate() {
            let value = self.graph.nodes.len();
            let label = layer.name.as_ref().unwrap_or(layer.keyword()).to_string();
            self.graph.nodes.push(Node {
                label,
                kind: Kind::Written(layer.kind.clone()),
                args: layer.args.clone(),
                layer: layer.name.as_ref().map(|_| i),
                first: None,
                inputs: vec![value],
                span: layer.keyword().span(),
            });
        }
        let value = self.graph.nodes.len();
        if value == 0 {
            self.errors.at(self.network.name.span(), "a network has at least one layer");
        }
        self.graph.outputs.push(Port { name: "the output".into(), value, shape: output });
    }

    fn forward(&mut self, forward: &'a ast::Forward) {
        for layer in self.network.layers.iter().filter(|layer| layer.name.is_none()) {
            let keyword = layer.keyword();
            let message =
                format!("a layer needs a name to be called in `forward`, as in `layer: {keyword}`");
            self.errors.at(keyword.span(), message);
        }
        for (name, shape) in &forward.inputs {
            let value = self.graph.inputs.len();
            self.graph.inputs.push(Port { name: format!("`{name}`"), value, shape });
            if self.values.insert(name.clone(), Named { value, used: false }).is_some() {
                self.errors.at(name.span(), format!("there is an input `{name}` already"));
            }
        }
        if forward.inputs.is_empty() || forward.inputs.len() > 8 {
            self.errors.at(self.network.name.span(), "a network has 1 to 8 inputs");
        }
        for item in &forward.lets {
            let Some(value) = self.expression(&item.value) else {
                // What it would have been is unknown, but not unknown to the lines below.
                self.values.insert(item.name.clone(), Named { value: 0, used: true });
                continue;
            };
            if let Some(shape) = &item.shape {
                self.graph.stated.push(Port { name: format!("`{}`", item.name), value, shape });
            }
            self.unused(&item.name);
            self.values.insert(item.name.clone(), Named { value, used: false });
        }
        if forward.results.len() != forward.outputs.len() {
            let (given, declared) = (forward.results.len(), forward.outputs.len());
            let message =
                format!("`forward` is declared to give {declared} values, but gives {given}");
            self.errors.at(forward.results_span, message);
        }
        for (i, (result, shape)) in forward.results.iter().zip(&forward.outputs).enumerate() {
            let Some(value) = self.expression(result) else { continue };
            let span = syn::spanned::Spanned::span(result);
            if value < self.graph.inputs.len() {
                self.errors.at(span, "this output is an input, unchanged");
            } else if self.graph.outputs.iter().any(|output| output.value == value) {
                self.errors.at(span, "this output is given twice");
            }
            let name = match forward.outputs.len() {
                1 => "the output".into(),
                _ => format!("output {}", i + 1),
            };
            self.graph.outputs.push(Port { name, value, shape });
        }
        let names: Vec<_> = self.values.keys().cloned().collect();
        for name in names {
            self.unused(&name);
        }
        for (layer, called) in self.network.layers.iter().zip(&self.called) {
            if let (Some(name), None) = (&layer.name, called) {
                self.errors.at(name.span(), format!("layer `{name}` is never called"));
            }
        }
    }

    /// Complains about `name`, if it stands for a value that nobody uses.
    fn unused(&mut self, name: &Ident) {
        if let Some((name, named)) = self.values.get_key_value(name)
            && !named.used
            && !name.to_string().starts_with('_')
        {
            self.errors.at(name.span(), format!("`{name}` is never used"));
        }
    }

    /// The number of the value that `expr` computes; makes the nodes that it takes.
    fn expression(&mut self, expr: &syn::Expr) -> Option<usize> {
        let layers = &self.layers;
        let value = expr::value(expr, &|name| layers.get(name).copied(), &mut self.errors)?;
        self.value(value)
    }

    fn value(&mut self, value: Value) -> Option<usize> {
        let keyword = value.keyword().cloned();
        match value {
            Value::Name(name) => self.named(&name),
            Value::Layer { layer, inputs, span } => {
                let inputs = self.values(inputs)?;
                let (declared, first) = (&self.network.layers[layer], self.called[layer]);
                self.called[layer].get_or_insert(self.graph.nodes.len());
                let node = Node {
                    label: declared.name.as_ref().map_or_else(String::new, Ident::to_string),
                    kind: Kind::Written(declared.kind.clone()),
                    args: declared.args.clone(),
                    layer: Some(layer),
                    first,
                    inputs,
                    span: if first.is_some() { span } else { declared.keyword().span() },
                };
                Some(self.push(node))
            }
            Value::Unnamed { kind, args, inputs } => {
                let word = keyword?;
                let known = word.to_string().starts_with(char::is_uppercase);
                if !known {
                    let close = did_you_mean(&word, self.layers.keys());
                    self.errors.at(word.span(), format!("no layer is called `{word}`{close}"));
                }
                let inputs = self.values(inputs)?;
                known.then(|| self.push_unnamed(Kind::Written(kind), args, inputs))
            }
            Value::Operator { kind, inputs } => {
                let inputs = self.values(inputs)?;
                Some(self.push_unnamed(Kind::Own(kind), Args::default(), inputs))
            }
        }
    }

    fn named(&mut self, name: &Ident) -> Option<usize> {
        if let Some(named) = self.values.get_mut(name) {
            named.used = true;
            return Some(named.value);
        }
        let message = if self.layers.contains_key(name) {
            format!("`{name}` is a layer: call it, as in `{name}(x)`")
        } else {
            format!("no value is called `{name}` here{}", did_you_mean(name, self.values.keys()))
        };
        self.errors.at(name.span(), message);
        None
    }

    fn values(&mut self, values: Vec<Value>) -> Option<Vec<usize>> {
        let values: Vec<_> = values.into_iter().map(|value| self.value(value)).collect();
        values.into_iter().collect()
    }

    fn push_unnamed(&mut self, kind: Kind, args: Args, inputs: Vec<usize>) -> usize {
        let (label, span) = (kind.keyword().to_string(), kind.keyword().span());
        self.push(Node { label, kind, args, layer: None, first: None, inputs, span })
    }

    fn push(&mut self, node: Node) -> usize {
        self.graph.nodes.push(node);
        self.graph.inputs.len() + self.graph.nodes.len() - 1
    }
}

impl Graph<'_> {
    /// What gives value `v`, as a message says it.
    pub fn source(&self, v: usize) -> String {
        match self.inputs.get(v) {
            Some(port) => port.name.clone(),
            None => format!("`{}`", self.nodes[v - self.inputs.len()].label),
        }
    }
}

impl quote::ToTokens for Kind {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        tokens.extend(match self {
            Kind::Written(path) => quote!(#path),
            Kind::Own(ident) => quote!(::firmnet::layers::#ident),
        });
    }
}
