//! The expressions of `forward`: layers applied to values. Their syntax is Rust's, so that `syn` reads them first.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprArray, ExprCall, ExprMethodCall, ExprTuple, Ident};

use crate::ast::{Args, Keyword, NTH};
use crate::diag::Errors;
use crate::parse::sizes::names;

/// A value that `forward` computes.
pub enum Value {
    /// An input, or what a `let` has named.
    Name(Ident),
    /// A declared layer applied to values: `conv1(x)`.
    Layer { layer: usize, inputs: Vec<Value>, span: Span },
    /// A layer without a name applied to values: `ReLU(x)`, `MaxPool2d(2)(x)`, `Concat(a, b, dim = 1)`.
    Unnamed { kind: Keyword, args: Box<Args>, inputs: Vec<Value> },
    /// `a + b` or `a * b`: the layer of that name.
    Operator { kind: Ident, inputs: Vec<Value> },
    /// What a mistake has left of an expression: its parts.
    Unknown(Vec<Value>),
    /// What a mistake has left when not even the parts are clear: the names in it.
    Unreadable(Vec<Ident>),
}

const LITERAL: &str = "a literal is not a value of the network; an argument stands before what comes in, as in `MaxPool2d(2)(x)`";

/// Reads `expr`. `layer` finds a declared layer by its name.
pub fn value(expr: &Expr, layer: &dyn Fn(&Ident) -> Option<usize>, errors: &mut Errors) -> Value {
    Reader { layer, errors }.value(expr)
}

struct Reader<'a> {
    layer: &'a dyn Fn(&Ident) -> Option<usize>,
    errors: &'a mut Errors,
}

impl Reader<'_> {
    fn value(&mut self, expr: &Expr) -> Value {
        match expr {
            Expr::Paren(inner) => self.value(&inner.expr),
            Expr::Group(inner) => self.value(&inner.expr),
            Expr::Path(path) if path.path.get_ident().is_some() => {
                Value::Name(Keyword::of(&path.path).word)
            }
            Expr::Binary(binary) => {
                let kind = match &binary.op {
                    BinOp::Add(op) => Some(Ident::new("Add", op.span())),
                    BinOp::Mul(op) => Some(Ident::new("Mul", op.span())),
                    op => {
                        let message =
                            "values are joined by `+`, `*`, or a layer such as `Concat(a, b)`";
                        self.errors.at(op.span(), message);
                        None
                    }
                };
                let inputs = vec![self.value(&binary.left), self.value(&binary.right)];
                match kind {
                    Some(kind) => Value::Operator { kind, inputs },
                    None => Value::Unknown(inputs),
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
            Expr::Reference(inner) => {
                self.errors.at(inner.and_token.span, "values are passed as they are, without `&`");
                self.value(&inner.expr)
            }
            Expr::Tuple(ExprTuple { elems, .. }) | Expr::Array(ExprArray { elems, .. }) => {
                let message = "one value is expected here; of several each stands alone, as in `Concat(a, b)`";
                self.errors.at(expr.span(), message);
                Value::Unknown(self.values(elems))
            }
            other => {
                let message = match other {
                    Expr::If(_)
                    | Expr::Match(_)
                    | Expr::ForLoop(_)
                    | Expr::While(_)
                    | Expr::Loop(_) => {
                        "a network does the same for every sample: `forward` has no `if`, `match` or loop"
                    }
                    Expr::Assign(_) => "a value is named by `let`, as in `let h = fc1(x);`",
                    Expr::Lit(_) => LITERAL,
                    _ => {
                        "expected a value: a name, a layer applied to values, as `conv1(x)` or `ReLU(x)`, or `a + b`"
                    }
                };
                let span = match other {
                    Expr::If(inner) => inner.if_token.span,
                    Expr::Match(inner) => inner.match_token.span,
                    Expr::ForLoop(inner) => inner.for_token.span,
                    Expr::While(inner) => inner.while_token.span,
                    Expr::Loop(inner) => inner.loop_token.span,
                    other => other.span(),
                };
                self.errors.at(span, message);
                Value::Unreadable(names(other.to_token_stream()))
            }
        }
    }

    /// A declared layer, a keyword, or a keyword with arguments, applied to values.
    fn call(&mut self, call: &ExprCall) -> Value {
        match &*call.func {
            Expr::Path(path) if path.path.segments.iter().any(|part| !part.arguments.is_none()) => {
                let message = "sizes are found by the compiler: leave `<…>` out";
                self.errors.at(path.span(), message);
                let inputs = self.values(&call.args);
                match (self.layer)(&Keyword::of(&path.path).word) {
                    Some(layer) => Value::Layer { layer, inputs, span: path.span() },
                    None => Value::Unknown(inputs),
                }
            }
            Expr::Path(path) => match path.path.get_ident().and_then(self.layer) {
                Some(layer) => {
                    let inputs = self.values(&call.args);
                    if inputs.is_empty() {
                        let name = Keyword::of(&path.path).word;
                        let message = format!("`{name}` is given no value, as in `{name}(x)`");
                        self.errors.at(name.span(), message);
                    }
                    Value::Layer { layer, inputs, span: path.span() }
                }
                None => {
                    let (args, given) = self.args(&call.args);
                    let inputs = self.values(given);
                    Value::Unnamed { kind: Keyword::of(&path.path), args: Box::new(args), inputs }
                }
            },
            Expr::Call(inner) => {
                let inputs = self.values(&call.args);
                let Expr::Path(path) = &*inner.func else {
                    let message = "expected the keyword of a layer, as in `MaxPool2d(2)(x)`";
                    self.errors.at(inner.func.span(), message);
                    return Value::Unknown(inputs);
                };
                if let Some(layer) = path.path.get_ident().and_then(self.layer) {
                    let name = Keyword::of(&path.path).word;
                    let message = format!(
                        "the arguments of `{name}` stand where it is declared; here it is called by its name, as in `{name}(x)`"
                    );
                    self.errors.at(path.span(), message);
                    return Value::Layer { layer, inputs, span: path.span() };
                }
                let (mut args, given) = self.args(&inner.args);
                if let Some(ninth) = given.get(NTH.len()) {
                    let message = "no layer takes more than 8 arguments without a name";
                    self.errors.at(ninth.span(), message);
                }
                args.positional = given.into_iter().map(Expr::to_token_stream).collect();
                Value::Unnamed { kind: Keyword::of(&path.path), args: Box::new(args), inputs }
            }
            other => {
                self.errors.at(other.span(), "expected the name of a layer, or its keyword");
                Value::Unknown(self.values(&call.args))
            }
        }
    }

    /// There are no methods here, but it is clear what `self.fc1(x)` means.
    fn method(&mut self, call: &ExprMethodCall) -> Value {
        let mut inputs = self.values(&call.args);
        let receiver = ident(&call.receiver);
        // `fc1.forward(x)`.
        if let Some((name, layer)) = receiver.and_then(|name| Some((name, (self.layer)(name)?))) {
            let message = format!("a layer is called by its name alone, as `{name}(x)`");
            self.errors.at(call.method.span(), message);
            return Value::Layer { layer, inputs, span: name.span() };
        }
        let of_self = receiver.is_some_and(|receiver| receiver == "self");
        let name = &call.method;
        let message = if of_self {
            format!("a layer is called by its name alone, as `{name}(x)`")
        } else if receiver
            .is_some_and(|receiver| receiver.to_string().starts_with(char::is_uppercase))
        {
            // `F.relu(x)`.
            "a layer without a name is called by its keyword, as `ReLU(x)`".to_string()
        } else {
            inputs.insert(0, self.value(&call.receiver));
            "a layer is a function, as in `ReLU(x)`: values have no methods".to_string()
        };
        self.errors.at(if of_self { call.receiver.span() } else { name.span() }, message);
        match (self.layer)(name) {
            Some(layer) => Value::Layer { layer, inputs, span: name.span() },
            None => Value::Unknown(inputs),
        }
    }

    fn values<'e>(&mut self, args: impl IntoIterator<Item = &'e Expr>) -> Vec<Value> {
        // Several arguments that stand among the values, as in `Reshape(x, 3, 2)`, are one mistake.
        let mut said = false;
        let values = args.into_iter().map(|arg| match is_literal(arg) {
            true => {
                if !std::mem::replace(&mut said, true) {
                    self.errors.at(arg.span(), LITERAL);
                }
                Value::Unreadable(vec![])
            }
            false => self.value(arg),
        });
        values.collect()
    }

    /// `dim = 1` among `args`, and the rest of them.
    fn args<'e>(&mut self, args: impl IntoIterator<Item = &'e Expr>) -> (Args, Vec<&'e Expr>) {
        let (mut named, mut rest) = (Args::default(), vec![]);
        for arg in args {
            match arg {
                Expr::Assign(assign) if ident(&assign.left).is_some() => {
                    let name = ident(&assign.left).expect("it was there a line ago").clone();
                    named.add(name, assign.right.to_token_stream(), self.errors);
                }
                other => rest.push(other),
            }
        }
        (named, rest)
    }
}

fn ident(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        _ => None,
    }
}

/// A number or another literal, or several in brackets.
fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Unary(inner) => is_literal(&inner.expr),
        Expr::Paren(inner) => is_literal(&inner.expr),
        Expr::Tuple(ExprTuple { elems, .. }) | Expr::Array(ExprArray { elems, .. }) => {
            !elems.is_empty() && elems.iter().all(is_literal)
        }
        _ => false,
    }
}
