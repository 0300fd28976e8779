//! From names to a graph: after this, every name is an edge.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path};

use crate::ast::{self, Args, Form, keyword};
use crate::diag::{Errors, closest};
use crate::expr::{self, Value};

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
    /// The word to edit when the layer does not fit here.
    pub span: Span,
    /// Whether all about it is known, so that the compiler may judge it.
    pub judged: bool,
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
            let word = keyword(kind);
            let node = Node {
                label: layer.name.as_ref().unwrap_or(word).unraw().to_string(),
                kind: Kind::Written(kind.clone()),
                args: layer.args.clone(),
                layer: named.map(|_| i),
                first: None,
                inputs: vec![x.value],
                span: word.span(),
                judged: x.known && !self.twice.contains(&i),
            };
            x = self.push(node, x.known);
        }
        x.known &= !self.network.layers.is_empty();
        self.output(None, "the output".into(), x, output);
    }

    fn forward(&mut self, forward: &'a ast::Forward) {
        self.unnamed_layers();
        for (name, shape) in &forward.inputs {
            let before = self.names.iter_mut().find(|before| before.name == name);
            let again = before.is_some();
            if let Some(before) = before {
                before.used = true;
            }
            let value = match self.graph.inputs.len() {
                MAX_VALUES => UNKNOWN,
                _ => self.input(Some(name), format!("`{name}`"), shape),
            };
            if again {
                self.errors.at(name.span(), format!("there is an input `{name}` already"));
            }
            self.names.push(Name { name, value, used: again });
        }
        if let Some((ninth, _)) = forward.inputs.get(MAX_VALUES) {
            self.errors.at(ninth.span(), "a network has at most 8 inputs");
        }
        if let Some(ninth) = forward.outputs.get(MAX_VALUES) {
            self.errors.at(ninth.span, "a network has at most 8 outputs");
        }
        self.later = forward.lets.iter().filter_map(|item| item.name.clone()).collect();
        for item in &forward.lets {
            let value = item.value.as_ref().map_or(UNKNOWN, |value| self.expression(value));
            let Some(name) = &item.name else {
                self.nameless = true;
                continue;
            };
            if let Some(shape) = &item.shape {
                let label = format!("`{name}`");
                self.graph.stated.push(self.port(Some(name), label, value, shape));
            }
            self.names.push(Name { name, value, used: name == "_" });
        }
        self.results(forward);
        // What cannot be read, or is called by a wrong name, may be anything.
        if !forward.broken && !self.lost {
            self.unused();
        }
    }

    fn unnamed_layers(&mut self) {
        for layer in self.network.layers.iter().filter(|layer| layer.name.is_none()) {
            let Some(kind) = &layer.kind else { continue };
            let word = keyword(kind);
            let message = format!(
                "a layer needs a name to be called in `forward`, as in `layer: {word}`; one without parameters can also be called by its keyword, as in `{word}(x)`"
            );
            self.errors.at(word.span(), message);
        }
    }

    fn results(&mut self, forward: &'a ast::Forward) {
        // Outputs that are declared and not given are stubs, so that whoever reads them hears of one mistake.
        let given = forward.results.as_ref().map_or(0, |results| results.len());
        self.given(forward);
        for shape in forward.outputs.iter().take(MAX_VALUES).skip(given) {
            self.output(None, "the output".into(), UNKNOWN, shape);
        }
    }

    fn given(&mut self, forward: &'a ast::Forward) {
        let Some(results) = &forward.results else { return };
        if results.len() != forward.outputs.len() {
            let (given, declared) = (results.len(), forward.outputs.len());
            let s = if declared == 1 { "" } else { "s" };
            let message =
                format!("`forward` is declared to give {declared} value{s}, but gives {given}");
            self.errors.at(forward.results_span, message);
        }
        for (i, result) in results.iter().enumerate() {
            let mut value = self.expression(result);
            let Some(shape) = forward.outputs[..].get(i).filter(|_| i < MAX_VALUES) else {
                continue;
            };
            let inputs = self.graph.inputs.len();
            if value.known && value.value < inputs {
                let message = "an output is what a layer gives, not an input as it came";
                self.errors.at(result.span(), message);
                value.known = false;
            } else if value.known && self.graph.outputs.iter().any(|o| o.value == value.value) {
                self.errors.at(result.span(), "this value is given already, as another output");
                value.known = false;
            }
            let label = match forward.outputs.len() {
                1 => "the output".into(),
                _ => format!("output {}", i + 1),
            };
            self.output(None, label, value, shape);
        }
    }

    /// Complains about values and layers that nobody uses.
    fn unused(&mut self) {
        for name in &self.names {
            if !name.used && !name.name.to_string().starts_with('_') {
                self.errors.at(name.name.span(), format!("`{}` is never used", name.name));
            }
        }
        for i in 0..self.network.layers.len() {
            let layer = &self.network.layers[i];
            if let (Some(name), None, false) =
                (&layer.name, self.called[i], self.twice.contains(&i))
            {
                let message = format!("layer `{name}` is never called in `forward`");
                self.errors.at(name.span(), message);
                self.call(i, vec![UNKNOWN], name.span());
            }
        }
    }

    /// What `expr` computes; makes the nodes that it takes.
    fn expression(&mut self, expr: &syn::Expr) -> Meaning {
        let layers = &self.layers;
        let value = expr::value(expr, &|name| layers.get(name).copied(), self.errors);
        self.value(value)
    }

    fn value(&mut self, value: Value) -> Meaning {
        match value {
            Value::Name(name) => self.named(&name),
            Value::Layer { layer, inputs, span } => {
                let inputs = self.values(inputs);
                self.call(layer, inputs, span)
            }
            Value::Unnamed { kind, args, inputs } => {
                let (word, inputs) = (keyword(&kind).clone(), self.values(inputs));
                if word.to_string().starts_with(char::is_lowercase) {
                    let message = if self.names.iter().any(|name| *name.name == word) {
                        format!("`{word}` is a value, and only layers are called")
                    } else {
                        let close = self.close(&word, self.layers.keys().cloned().collect());
                        format!("no layer is called `{word}`{close}")
                    };
                    self.errors.at(word.span(), message);
                    return UNKNOWN;
                }
                self.unnamed(Kind::Written(kind), *args, inputs)
            }
            Value::Operator { kind, inputs } => {
                let inputs = self.values(inputs);
                self.unnamed(Kind::Own(kind), Args::default(), inputs)
            }
            Value::Unknown(parts) => {
                self.values(parts);
                UNKNOWN
            }
            Value::Unreadable(names) => {
                self.lost = true;
                for name in names {
                    self.mention(&name);
                }
                UNKNOWN
            }
        }
    }

    fn values(&mut self, values: Vec<Value>) -> Vec<Meaning> {
        values.into_iter().map(|value| self.value(value)).collect()
    }

    fn named(&mut self, name: &Ident) -> Meaning {
        if let Some(found) = self.names.iter_mut().rfind(|found| found.name == name) {
            found.used = true;
            return found.value;
        }
        if self.nameless {
            return UNKNOWN;
        }
        let message = if let Some(&layer) = self.layers.get(name) {
            self.mention_layer(layer, name);
            format!("`{name}` is a layer: call it, as in `{name}(x)`")
        } else if name.to_string().starts_with(char::is_uppercase) {
            self.lost = true;
            format!("expected a value; a layer is called, as in `{name}(x)`")
        } else if self.later.contains(name) {
            self.lost = true;
            format!("`{name}` is used before its `let`")
        } else {
            let close = self.close(name, self.names.iter().map(|name| name.name.clone()).collect());
            format!("no value is called `{name}` here{close}")
        };
        self.errors.at(name.span(), message);
        UNKNOWN
    }

    /// Which of `names` may have been meant by `wrong`, as a message says it.
    fn close(&mut self, wrong: &Ident, names: Vec<Ident>) -> String {
        match closest(wrong, &names) {
            Some(meant) => {
                self.mention(meant);
                format!("; did you mean `{meant}`?")
            }
            None => {
                self.lost = true;
                String::new()
            }
        }
    }

    /// Whatever `name` stands for is used somehow.
    fn mention(&mut self, name: &Ident) {
        if let Some(found) = self.names.iter_mut().rfind(|found| found.name == name) {
            found.used = true;
        } else if let Some(&layer) = self.layers.get(name) {
            self.mention_layer(layer, name);
        }
    }

    fn mention_layer(&mut self, layer: usize, name: &Ident) {
        if self.called[layer].is_none() {
            self.call(layer, vec![UNKNOWN], name.span());
        }
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
        let known = inputs.iter().all(|input| input.known);
        let node = Node {
            label: declared.name.as_ref().unwrap_or(keyword(kind)).unraw().to_string(),
            kind: Kind::Written(kind.clone()),
            args: declared.args.clone(),
            layer: Some(layer),
            first,
            inputs: inputs.iter().map(|input| input.value).collect(),
            span: if first.is_some() { span } else { keyword(kind).span() },
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
            Node { label, kind, args, layer: None, first: None, inputs, span, judged },
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
        let value = Meaning { value: self.graph.inputs.len(), known: shape.dims.is_some() };
        self.graph.inputs.push(self.port(name, label, value, shape));
        value
    }

    fn output(
        &mut self,
        name: Option<&'a Ident>,
        label: String,
        value: Meaning,
        shape: &'a ast::Shape,
    ) {
        self.graph.outputs.push(self.port(name, label, value, shape));
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
