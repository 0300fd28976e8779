//! Says which kernels are built, where the compiler's stable `cfg`s do not.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default();
    let fpu = matches!(target.as_str(), "thumbv7em-none-eabihf" | "thumbv8m.main-none-eabihf");
    // Every M4 and M7 has them; an M33 where its maker wanted it so, which a user says by a flag.
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let asked = ["+dsp", "target-cpu=cortex-m33"].iter().any(|flag| flags.contains(flag));
    let dsp = target.starts_with("thumbv7em-") || target.starts_with("thumbv8m.main-") && asked;

    // With `std` the processor is asked what it has; else the compiler knows it, and what cannot run is not built.
    let x86_64 = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64");
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_asked = env::var_os("CARGO_FEATURE_STD").is_some();
    let has = |feature| features.split(',').any(|each| each == feature);
    let avx2 = x86_64 && (is_asked || has("avx2") && has("fma"));
    let avx512 = avx2 && (is_asked || has("avx512f"));

    let known = [
        ("cortex_m_fpu", fpu),
        ("cortex_m_dsp", dsp),
        ("with_avx2", avx2),
        ("with_avx512", avx512),
    ];
    for (name, holds) in known {
        println!("cargo::rustc-check-cfg=cfg({name})");
        if holds {
            println!("cargo::rustc-cfg={name}");
        }
    }
}
