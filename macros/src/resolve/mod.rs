//! From names to a graph: after this, every name is an edge.

mod forward;

use std::collections::HashMap;

use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::ast::{self, Args, Form, Keyword};
use crate::diag::Errors;

/// Inputs and outputs that a network may have, and inputs of a layer.
const MAX_VALUES: usize = 8;

/// A network in which every value has a number: first the inputs, then what the nodes give, in order.
///
/// After a mistake it is the best guess at what was meant.
pub struct Graph<'a> {
    pub inputs: Vec<Port<'a>>,
    pub outputs: Vec<Port<'a>>,
    pub nodes: Vec<Node>,
    /// Shapes that are stated in passing.
    pub stated: Vec<Port<'a>>,
}

/// A value whose shape is declared.
pub struct Port<'a> {
    /// The name in the declaration, if it has one.
    pub name: Option<&'a Ident>,
    /// As a message calls it.
    pub label: String,
    pub value: usize,
    pub shape: &'a ast::Shape,
    /// Whether the value is known, so that the compiler may compare its shape.
    pub judged: bool,
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
    /// Whether its parameters stay as they are.
    pub frozen: bool,
    /// The word to edit when the layer does not fit here.
    pub span: Span,
    /// Whether all about it is known, so that the compiler may judge it.
    pub judged: bool,
}

/// Which type stands behind a node.
pub enum Kind {
    /// The one that is written.
    Written(Keyword),
    /// The one of firmnet, for an operator.
    Own(Ident),
}

impl Kind {
    pub fn keyword(&self) -> &Ident {
        match self {
            Kind::Written(keyword) => &keyword.word,
            Kind::Own(ident) => ident,
        }
    }
}

/// Makes the graph of a declaration.
pub fn resolve<'a>(network: &'a ast::Network, errors: &mut Errors) -> Graph<'a> {
    let (layers, twice) = names(network, errors);
    let mut resolver = Resolver {
        network,
        layers,
        twice,
        names: vec![],
        called: vec![None; network.layers.len()],
        later: vec![],
        nameless: false,
        lost: false,
        graph: Graph { inputs: vec![], outputs: vec![], nodes: vec![], stated: vec![] },
        errors,
    };
    match &network.form {
        Form::Sequential { input, output } => resolver.sequential(input, output),
        Form::Graph(forward) => resolver.forward(forward),
    }
    resolver.graph
}

/// The declared layers by name, and those whose name is taken.
fn names(network: &ast::Network, errors: &mut Errors) -> (HashMap<Ident, usize>, Vec<usize>) {
    let (mut layers, mut twice) = (HashMap::new(), vec![]);
    for (i, layer) in network.layers.iter().enumerate() {
        if let Some(name) = &layer.name {
            if layers.contains_key(name) {
                errors.at(name.span(), format!("there is a layer `{name}` already"));
                twice.push(i);
            } else {
                layers.insert(name.clone(), i);
            }
        }
    }
    (layers, twice)
}

struct Resolver<'a, 'e> {
    network: &'a ast::Network,
    layers: HashMap<Ident, usize>,
    /// Layers whose name is that of another.
    twice: Vec<usize>,
    /// What stands for a value, in the order of the text; of two with the same name the later counts.
    names: Vec<Name<'a>>,
    /// The node that called a layer first.
    called: Vec<Option<usize>>,
    /// What the `let`s below will name.
    later: Vec<Ident>,
    /// Whether a value has a name that cannot be read: an unknown name may be that.
    nameless: bool,
    /// Whether a name was found nowhere, nor one that is close to it.
    lost: bool,
    graph: Graph<'a>,
    errors: &'e mut Errors,
}

struct Name<'a> {
    name: &'a Ident,
    value: Meaning,
    used: bool,
}

/// What an expression stands for: the number of a value, and whether it is the one that was meant. What follows from a
/// mistake is not judged.
#[derive(Clone, Copy)]
struct Meaning {
    value: usize,
    known: bool,
}

/// What stands in the place of a value after a mistake.
const UNKNOWN: Meaning = Meaning { value: 0, known: false };

impl<'a> Resolver<'a, '_> {
    fn sequential(&mut self, input: &'a ast::Shape, output: &'a ast::Shape) {
        let mut x = self.input(None, "the input".into(), input);
        if self.network.layers.is_empty() && self.errors.len() == 0 {
            self.errors.at(self.network.name.span(), "a network has at least one layer");
        }
        for (i, layer) in self.network.layers.iter().enumerate() {
            let Some(kind) = &layer.kind else {
                x.known = false;
                continue;
            };
            let named = layer.name.as_ref().filter(|_| !self.twice.contains(&i));
            let word = &kind.word;
            let node = Node {
                label: layer.name.as_ref().unwrap_or(word).unraw().to_string(),
                kind: Kind::Written(kind.clone()),
                args: layer.args.clone(),
                layer: named.map(|_| i),
                first: None,
                inputs: vec![x.value],
                frozen: layer.frozen,
                span: word.span(),
                judged: x.known && !self.twice.contains(&i),
            };
            x = self.push(node, x.known);
        }
        x.known &= !self.network.layers.is_empty();
        self.output(None, "the output".into(), x, output);
    }

    /// A declared layer, applied to `inputs`.
    fn call(&mut self, layer: usize, inputs: Vec<Meaning>, span: Span) -> Meaning {
        let (declared, first) = (&self.network.layers[layer], self.called[layer]);
        let Some(kind) = &declared.kind else {
            // It cannot be read, but it is called.
            self.called[layer] = Some(0);
            return UNKNOWN;
        };
        self.called[layer].get_or_insert(self.graph.nodes.len());
        // That nothing goes in has been said.
        let known = !inputs.is_empty() && inputs.iter().all(|input| input.known);
        let node = Node {
            label: declared.name.as_ref().unwrap_or(&kind.word).unraw().to_string(),
            kind: Kind::Written(kind.clone()),
            args: declared.args.clone(),
            layer: Some(layer),
            first,
            inputs: inputs.iter().map(|input| input.value).collect(),
            frozen: declared.frozen,
            span: if first.is_some() { span } else { kind.word.span() },
            judged: known,
        };
        self.push(node, known)
    }

    /// A layer without a name, applied to `inputs`.
    fn unnamed(&mut self, kind: Kind, args: Args, inputs: Vec<Meaning>) -> Meaning {
        let (label, span) = (kind.keyword().unraw().to_string(), kind.keyword().span());
        let judged = inputs.iter().all(|input| input.known);
        let inputs = inputs.iter().map(|input| input.value).collect();
        self.push(
            Node {
                label,
                kind,
                args,
                layer: None,
                first: None,
                inputs,
                frozen: false,
                span,
                judged,
            },
            judged,
        )
    }

    fn push(&mut self, mut node: Node, known: bool) -> Meaning {
        let known = known && !node.args.broken;
        node.judged &= !node.args.broken;
        self.graph.nodes.push(node);
        Meaning { value: self.graph.inputs.len() + self.graph.nodes.len() - 1, known }
    }

    fn input(&mut self, name: Option<&'a Ident>, label: String, shape: &'a ast::Shape) -> Meaning {
        let known = self.bound_comes_first(shape) && shape.dims.is_some();
        let value = Meaning { value: self.graph.inputs.len(), known };
        self.graph.inputs.push(self.port(name, label, value, shape));
        value
    }

    fn output(
        &mut self,
        name: Option<&'a Ident>,
        label: String,
        mut value: Meaning,
        shape: &'a ast::Shape,
    ) {
        value.known &= self.bound_comes_first(shape);
        self.graph.outputs.push(self.port(name, label, value, shape));
    }

    /// What comes in and goes out is a sequence of steps.
    fn bound_comes_first(&mut self, shape: &ast::Shape) -> bool {
        if let (Some(dims), Some(axis @ 1..)) = (&shape.dims, shape.bound) {
            let message = "what varies comes first, as in `[..64, 40]`: a sequence of steps; `Transpose` brings the steps elsewhere";
            self.errors.at(dims[axis].span(), message);
            return false;
        }
        true
    }

    fn port(
        &self,
        name: Option<&'a Ident>,
        label: String,
        value: Meaning,
        shape: &'a ast::Shape,
    ) -> Port<'a> {
        let judged = value.known && shape.dims.is_some();
        Port { name, label, value: value.value, shape, judged }
    }
}
