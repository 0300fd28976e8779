//! `#[budget(flash = "64 KiB", ram = "16 KiB")]`.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Result, Token, spanned::Spanned};

use crate::diag::Errors;

/// The limits of a network, each an expression of type `usize`, in bytes.
#[derive(Default)]
pub struct Budget {
    pub flash: Option<Expr>,
    pub ram: Option<Expr>,
}

impl Budget {
    /// Takes the attribute out of `attrs`.
    pub fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Option<Self> {
        let (written, rest): (Vec<_>, Vec<_>) =
            attrs.drain(..).partition(|attr| attr.path().is_ident("budget"));
        *attrs = rest;
        if let Some(again) = written.get(1) {
            errors.push(syn::Error::new_spanned(again, "a network has one budget"));
        }
        let (attr, mut budget) = (written.first()?, Budget::default());
        if let Err(error) = attr.parse_nested_meta(|meta| budget.limit(&meta)) {
            errors.push(match attr.meta {
                Meta::List(_) => error,
                _ => syn::Error::new_spanned(
                    attr,
                    "expected limits, as in `#[budget(flash = \"64 KiB\", ram = \"16 KiB\")]`",
                ),
            });
        }
        Some(budget)
    }

    /// Reports the budget of a network whose sizes are not known yet; says that there is none.
    pub fn refuse(&self, errors: &mut Errors) -> bool {
        if let Some(limit) = self.flash.as_ref().or(self.ram.as_ref()) {
            let message = "a network with parameters needs as much as its sizes say: ask where they are given, as in `const _: () = firmnet::summary::ram_within::<Mlp<64>>(4096);`";
            errors.at(limit.span(), message);
        }
        false
    }

    /// `ram = "16 KiB"`.
    fn limit(&mut self, meta: &ParseNestedMeta) -> Result<()> {
        let limit = if meta.path.is_ident("flash") {
            &mut self.flash
        } else if meta.path.is_ident("ram") {
            &mut self.ram
        } else {
            return Err(meta.error("a budget limits `flash` and `ram`"));
        };
        if limit.is_some() {
            return Err(meta.error("this limit is given twice"));
        }
        let value: Expr = meta.value()?.parse()?;
        if !meta.input.is_empty() && !meta.input.peek(Token![,]) {
            // `64 KiB`
            return Err(syn::Error::new(value.span(), SIZE));
        }
        *limit = Some(bytes(value)?);
        Ok(())
    }
}

const SIZE: &str = "a budget is a size like \"64 KiB\" (B, kB, KiB, MB, MiB) or a number of bytes";

/// `"64 KiB"` as a number of bytes; any other expression as it is.
fn bytes(value: Expr) -> Result<Expr> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &value else { return Ok(value) };
    let (written, span) = (text.value(), value.span());
    let unit_at = written.find(|c: char| !c.is_ascii_digit()).unwrap_or(written.len());
    let unit = match written[unit_at..].trim() {
        "" | "B" => Some(1),
        "kB" => Some(1000),
        "KiB" => Some(1 << 10),
        "MB" => Some(1_000_000),
        "MiB" => Some(1 << 20),
        _ => None,
    };
    let number = written[..unit_at].parse::<u64>().ok();
    let Some(bytes) = unit.zip(number).and_then(|(unit, number)| number.checked_mul(unit)) else {
        return Err(syn::Error::new(span, SIZE));
    };
    let mut bytes = proc_macro2::Literal::u64_unsuffixed(bytes);
    bytes.set_span(span);
    Ok(Expr::Lit(ExprLit { attrs: vec![], lit: Lit::new(bytes) }))
}
