//! Which instruction set a kernel runs on: every loop is written once over [`Vector`], and the choice is made here.

use super::Vector;

/// A loop over vectors, whatever their width.
pub(super) trait Kernel {
    /// What it gives back.
    type Output;
    /// The loop. Mark it, and every function over `V` that it calls, `#[inline(always)]`: only code that ends up
    /// inside one of the functions below is compiled for the instruction set.
    fn run<V: Vector>(self) -> Self::Output;
}

/// Runs `kernel` on the [current](Isa::current) instruction set.
#[inline]
pub(super) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: `current` gives an instruction set only where it is available.
    unsafe { on(Isa::current(), kernel) }
}

/// Runs `kernel`, part of a loop over `V`, in a function of its own for the same instruction set. An unoptimised build
/// gives every variant of a tile that is inlined in one function its own place on the stack; so each is put in one apart.
#[inline(always)]
pub(super) fn apart<V: Vector, K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: there is a loop over `V` only where its instruction set is available.
    unsafe { on(V::ISA, kernel) }
}

/// Runs `kernel` on `isa`.
///
/// # Safety
/// `isa` is available.
#[inline(always)]
unsafe fn on<K: Kernel>(isa: Isa, kernel: K) -> K::Output {
    match isa {
        Isa::Scalar => on_scalar(kernel),
        #[cfg(with_avx2)]
        // SAFETY: the caller's promise.
        Isa::Avx2 => unsafe { on_avx2(kernel) },
        #[cfg(with_avx512)]
        // SAFETY: the same.
        Isa::Avx512 => unsafe { on_avx512(kernel) },
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        Isa::Neon => on_neon(kernel),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Isa::Simd128 => on_simd128(kernel),
    }
}

// One function for each instruction set: in an unoptimised build, a kernel that is inlined here would take its stack from every call.
fn on_scalar<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<f32>()
}

#[cfg(with_avx2)]
#[target_feature(enable = "avx2,fma")]
fn on_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<super::avx2::Avx2>()
}

#[cfg(with_avx512)]
#[target_feature(enable = "avx512f,avx2,fma")]
fn on_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<super::avx512::Avx512>()
}

#[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
fn on_neon<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<super::neon::Neon>()
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
fn on_simd128<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<super::simd128::Simd128>()
}

/// An instruction set that the kernels are written for. Only those of the target's architecture are there, and without the feature `std` only
/// those that every processor of the target has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isa {
    /// Plain code: the definition of what the others compute.
    Scalar,
    /// Eight lanes: AVX2 with FMA.
    #[cfg(with_avx2)]
    Avx2,
    /// Sixteen lanes: AVX-512F.
    #[cfg(with_avx512)]
    Avx512,
    /// Four lanes.
    #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
    Neon,
    /// Four lanes: WebAssembly.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

impl Isa {
    /// All that this build has code for, the one to prefer last.
    pub const ALL: &[Isa] = &[
        Isa::Scalar,
        #[cfg(with_avx2)]
        Isa::Avx2,
        #[cfg(with_avx512)]
        Isa::Avx512,
        #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
        Isa::Neon,
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        Isa::Simd128,
    ];

    /// The one that kernels run on: the last of [`ALL`](Isa::ALL) that this processor has. With the feature `std`
    /// the processor is asked, once, and the environment variable `FIRMNET_ISA` (`scalar`, `avx2`, ...) overrides
    /// the answer; without it the compiler's target features decide.
    ///
    /// # Panics
    /// When `FIRMNET_ISA` names no instruction set, or one that the processor lacks.
    #[inline]
    pub fn current() -> Isa {
        #[cfg(all(test, feature = "std"))]
        if let Some(isa) = forced::get() {
            return isa;
        }
        #[cfg(feature = "std")]
        {
            static CURRENT: std::sync::OnceLock<Isa> = std::sync::OnceLock::new();
            *CURRENT.get_or_init(Isa::choose)
        }
        #[cfg(not(feature = "std"))]
        Isa::best()
    }

    /// Its name, as in `FIRMNET_ISA`.
    pub const fn name(self) -> &'static str {
        match self {
            Isa::Scalar => "scalar",
            #[cfg(with_avx2)]
            Isa::Avx2 => "avx2",
            #[cfg(with_avx512)]
            Isa::Avx512 => "avx512",
            #[cfg(all(target_arch = "aarch64", target_feature = "neon"))]
            Isa::Neon => "neon",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Isa::Simd128 => "simd128",
        }
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(all(with_avx2, feature = "std"))]
            Isa::Avx2 => {
                std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma")
            }
            #[cfg(all(with_avx512, feature = "std"))]
            Isa::Avx512 => Isa::Avx2.is_available() && std::is_x86_feature_detected!("avx512f"),
            _ => true,
        }
    }

    #[inline]
    fn best() -> Isa {
        let mut best = Isa::Scalar;
        for &isa in Isa::ALL {
            if isa.is_available() {
                best = isa;
            }
        }
        best
    }

    #[cfg(feature = "std")]
    #[cold]
    fn choose() -> Isa {
        let Ok(name) = std::env::var("FIRMNET_ISA") else { return Isa::best() };
        let Some(&isa) = Isa::ALL.iter().find(|isa| isa.name() == name) else {
            panic!(
                "FIRMNET_ISA={name}: this build has no such instruction set, only {:?}",
                Isa::ALL
            )
        };
        assert!(isa.is_available(), "FIRMNET_ISA={name}: this processor lacks it");
        isa
    }
}

/// Tests run the same kernel on every instruction set, one after the other.
#[cfg(all(test, feature = "std"))]
pub(super) mod forced {
    use super::Isa;
    use core::cell::Cell;

    std::thread_local!(static FORCED: Cell<Option<Isa>> = const { Cell::new(None) });

    pub(super) fn get() -> Option<Isa> {
        FORCED.get()
    }

    /// Runs `f` with kernels of this thread on `isa`.
    pub(in crate::kernel) fn on<T>(isa: Isa, f: impl FnOnce() -> T) -> T {
        let before = FORCED.replace(Some(isa));
        let value = f();
        FORCED.set(before);
        value
    }

    /// `part`, to be run on other threads with the instruction set of this one.
    pub(in crate::kernel) fn carry(part: impl Fn(usize) + Sync) -> impl Fn(usize) + Sync {
        let isa = Isa::current();
        move |i| on(isa, || part(i))
    }

    /// Runs `f` once on every instruction set that this processor has.
    ///
    /// # Panics
    /// When `FIRMNET_TEST_ISA` names one that is not among them: a test that was asked for must not be skipped.
    pub(in crate::kernel) fn on_each(mut f: impl FnMut()) {
        if let Ok(name) = std::env::var("FIRMNET_TEST_ISA") {
            let there = |isa: &Isa| isa.name() == name && isa.is_available();
            assert!(Isa::ALL.iter().any(there), "FIRMNET_TEST_ISA={name}: not on this machine");
        }
        for &isa in Isa::ALL.iter().filter(|isa| isa.is_available()) {
            std::println!("on {}", isa.name());
            on(isa, &mut f);
        }
    }
}
