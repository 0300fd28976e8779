//! A trained network in flash.

/// A network with the parameters of a safetensors file, put in place by the compiler: for a `static` in flash.
///
/// ```text
/// static NET: Kws = include_weights!(Kws, "kws.safetensors");
/// ```
///
/// The path is relative to the source file. The file is one of [`Network::save`](crate::network::Network::save), or of
/// PyTorch's `state_dict` in `float32`. One that is damaged or not of this network is an error of the build, which says what is wrong
/// with which tensor. A network in bytes is placed in the same way: `include_weights!(KwsInt8, "kws-int8.safetensors")`.
#[macro_export]
macro_rules! include_weights {
    ($net:ty, $file:literal $(,)?) => {{
        #[allow(long_running_const_eval)]
        const WEIGHTS: $net = $crate::bits::read($crate::io::safetensors::place::<
            { ::core::mem::size_of::<$net>() },
        >($file, ::core::include_bytes!($file), {
            use $crate::int8::Network as _;
            use $crate::network::Network as _;
            <$net>::TENSORS
        }));
        WEIGHTS
    }};
}
