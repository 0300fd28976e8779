//! `forward`: from names to edges.

use syn::Ident;
use syn::spanned::Spanned;

use super::{Kind, MAX_VALUES, Meaning, Name, Resolver, UNKNOWN};
use crate::ast::{self, Args};
use crate::diag::closest;
use crate::expr::{self, Value};

impl<'a> Resolver<'a, '_> {
    pub(super) fn forward(&mut self, forward: &'a ast::Forward) {
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
            let word = &kind.word;
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
        let as_many = results.len() == forward.outputs.len();
        if !as_many {
            let (given, declared) = (results.len(), forward.outputs.len());
            let s = if declared == 1 { "" } else { "s" };
            let message =
                format!("`forward` is declared to give {declared} value{s}, but gives {given}");
            self.errors.at(forward.results_span, message);
        }
        for (i, result) in results.iter().enumerate() {
            let mut value = self.expression(result);
            value.known &= as_many;
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
                // What should go in may be what nobody uses.
                self.lost |= inputs.is_empty();
                let inputs = self.values(inputs);
                self.call(layer, inputs, span)
            }
            Value::Unnamed { kind, args, inputs } => {
                let (word, inputs) = (kind.word.clone(), self.values(inputs));
                if word.to_string().starts_with(char::is_lowercase) {
                    let value = self.names.iter().rfind(|name| *name.name == word);
                    let message = match value.map(|name| name.value.known) {
                        // What it is has been asked before.
                        Some(false) => return UNKNOWN,
                        Some(true) => format!("`{word}` is a value, and only layers are called"),
                        None => {
                            let close = self.close(&word, self.layers.keys().cloned().collect());
                            let close = match close.as_str() {
                                "" => "; one without a name is called by its keyword, as `ReLU(x)`",
                                close => close,
                            };
                            format!("no layer is called `{word}`{close}")
                        }
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
            self.lost = true;
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
}
