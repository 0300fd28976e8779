//! `#[derive(FromBytes)]`: every pattern of bits is a value of a struct, where it is one of each field.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, ConstParam, GenericParam, Item, LifetimeParam, Meta, Token, Type, TypeParam};

use crate::diag::Errors;

/// `unsafe impl FromBytes for …`. It is there after a mistake too, so that the rest of the user's file stays quiet.
pub fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let implementation = match syn::parse2(item) {
        Ok(item) => Some(implement(&item, &mut errors)),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let errors = errors.to_tokens();
    quote!(#errors #implementation)
}

fn implement(item: &Item, errors: &mut Errors) -> TokenStream {
    let (attrs, ident, generics, fields) = match item {
        Item::Struct(item) => (&item.attrs, &item.ident, &item.generics, Some(&item.fields)),
        Item::Enum(item) => (&item.attrs, &item.ident, &item.generics, None),
        Item::Union(item) => (&item.attrs, &item.ident, &item.generics, None),
        // Of anything else, rustc asks for no derive.
        _ => return TokenStream::new(),
    };
    let at = ident.span();
    if fields.is_none() {
        errors.at(at, "only a struct can be `FromBytes`, of numbers and arrays of them");
    } else if !attrs.iter().any(keeps_order) {
        let why = format!("the fields of `{ident}` have to lie in the order written");
        errors.at(at, format!("{why}: put `#[repr(C)]` above it"));
    }
    let types: Vec<_> = fields.into_iter().flatten().map(|field| &field.ty).collect();
    let given = generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(LifetimeParam { lifetime, .. }) => quote!(#lifetime),
        GenericParam::Type(TypeParam { ident, .. }) => quote!(#ident),
        // In braces, for there may be a type of the same name.
        GenericParam::Const(ConstParam { ident, .. }) => quote!({ #ident }),
    });
    let (params, _, clause) = generics.split_for_impl();
    let clause = clause.into_iter().flat_map(|clause| &clause.predicates);
    // Of a struct, no bits mean anything but those of its fields. So it is asked of each of them, at its type.
    let ask =
        |ty: &&Type| quote_spanned!(ty.span()=> <#ty as ::firmnet::layer::FromBytes>::fields(););
    let asked = types.iter().map(ask);
    // What depends on a type parameter is a condition; what does not would be two errors, if it were one too.
    let types = if generics.type_params().next().is_some() { &types[..] } else { &[] };
    quote! {
        #[automatically_derived]
        unsafe impl #params ::firmnet::layer::FromBytes for #ident<#(#given),*>
        where
            #(#types: ::firmnet::layer::FromBytes,)*
            #(#clause,)*
        {
            #[inline]
            fn fields() {
                #(#asked)*
            }
        }
    }
}

/// `#[repr(C)]`, or `#[repr(transparent)]` for what has one field.
fn keeps_order(attr: &Attribute) -> bool {
    let list = Punctuated::<Meta, Token![,]>::parse_terminated;
    attr.path().is_ident("repr")
        && attr.parse_args_with(list).is_ok_and(|list| {
            list.iter().any(|repr| repr.path().is_ident("C") || repr.path().is_ident("transparent"))
        })
}
