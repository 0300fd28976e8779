//! The expressions of `forward`: layers applied to values. Their syntax is Rust's, so that `syn` reads them first.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, ExprCall, Ident, Path};

use crate::ast::{Args, keyword};
use crate::diag::Errors;

/// A value that `forward` computes.
pub enum Value {
    /// An input, or what a `let` has named.
    Name(Ident),
    /// A declared layer applied to values: `conv1(x)`.
    Layer { layer: usize, inputs: Vec<Value>, span: Span },
    /// A layer without a name applied to values: `Relu(x)`, `MaxPool2d(2)(x)`, `Concat(a, b, dim = 1)`.
    Unnamed { kind: Path, args: Args, inputs: Vec<Value> },
    /// `a + b` or `a * b`: the layer of that name.
    Operator { kind: Ident, inputs: Vec<Value> },
}

/// Reads `expr`. `layer` finds a declared layer by its name.
///
/// `None` after a mistake, which stands in `errors`.
pub fn value(
    expr: &Expr,
    layer: &dyn Fn(&Ident) -> Option<usize>,
    errors: &mut Errors,
) -> Option<Value> {
    match expr {
        Expr::Paren(inner) => value(&inner.expr, layer, errors),
        Expr::Group(inner) => value(&inner.expr, layer, errors),
        Expr::Path(path) if path.path.get_ident().is_some() => {
            path.path.get_ident().cloned().map(Value::Name)
        }
        Expr::Binary(binary) => {
            let kind = match binary.op {
                BinOp::Add(op) => Ident::new("Add", op.span()),
                BinOp::Mul(op) => Ident::new("Mul", op.span()),
                op => {
                    errors.at(
                        op.span(),
                        "values are joined by `+`, `*` or a layer such as `Concat(a, b)`",
                    );
                    return None;
                }
            };
            let sides = [value(&binary.left, layer, errors), value(&binary.right, layer, errors)];
            let inputs = sides.into_iter().collect::<Option<_>>()?;
            Some(Value::Operator { kind, inputs })
        }
        Expr::Call(call) => apply(call, layer, errors),
        other => {
            let message = "expected a value: a name, a layer applied to values as in `conv1(x)` or `Relu(x)`, `a + b`, or `a * b`";
            errors.at(other.span(), message);
            None
        }
    }
}

/// A call: of a declared layer, of a keyword, or of a keyword with arguments.
fn apply(
    call: &ExprCall,
    layer: &dyn Fn(&Ident) -> Option<usize>,
    errors: &mut Errors,
) -> Option<Value> {
    let values = |errors: &mut Errors, args: &mut dyn Iterator<Item = &Expr>| {
        // All of them are read, so that every mistake is found.
        let values: Vec<_> = args.map(|arg| value(arg, layer, errors)).collect();
        values.into_iter().collect::<Option<Vec<_>>>()
    };
    match &*call.func {
        Expr::Path(path) => {
            if let Some(found) = path.path.get_ident().and_then(layer) {
                let inputs = values(errors, &mut call.args.iter())?;
                return Some(Value::Layer { layer: found, inputs, span: path.span() });
            }
            let kind = path.path.clone();
            let mut args = Args::default();
            let mut given = vec![];
            for arg in &call.args {
                match named(arg) {
                    Some(pair) => args.named.push(pair),
                    None => given.push(arg),
                }
            }
            let inputs = values(errors, &mut given.into_iter())?;
            Some(Value::Unnamed { kind, args, inputs })
        }
        Expr::Call(inner) => {
            let Expr::Path(path) = &*inner.func else {
                errors.at(
                    inner.func.span(),
                    "expected the keyword of a layer, as in `MaxPool2d(2)(x)`",
                );
                return None;
            };
            if path.path.get_ident().and_then(layer).is_some() {
                errors.at(
                    path.span(),
                    "a layer with a name is called once: its arguments stand where it is declared",
                );
                return None;
            }
            let mut args = Args::default();
            for arg in &inner.args {
                match named(arg) {
                    Some(pair) => args.named.push(pair),
                    None => args.positional.push(arg.clone()),
                }
            }
            let inputs = values(errors, &mut call.args.iter())?;
            Some(Value::Unnamed { kind: path.path.clone(), args, inputs })
        }
        other => {
            errors.at(other.span(), "expected the name of a layer, or its keyword");
            None
        }
    }
}

/// `dim = 1`.
fn named(expr: &Expr) -> Option<(Ident, Expr)> {
    let Expr::Assign(assign) = expr else { return None };
    let Expr::Path(path) = &*assign.left else { return None };
    Some((path.path.get_ident()?.clone(), (*assign.right).clone()))
}

impl Value {
    /// What to call an unnamed layer: its keyword.
    pub fn keyword(&self) -> Option<&Ident> {
        match self {
            Value::Unnamed { kind, .. } => Some(keyword(kind)),
            Value::Operator { kind, .. } => Some(kind),
            _ => None,
        }
    }
}
