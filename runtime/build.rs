//! Says what a Cortex-M has: a floating point unit, DSP instructions. The compiler's stable `cfg`s do not.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(cortex_m_fpu)");
    println!("cargo::rustc-check-cfg=cfg(cortex_m_dsp)");
    let target = std::env::var("TARGET").unwrap_or_default();
    if matches!(target.as_str(), "thumbv7em-none-eabihf" | "thumbv8m.main-none-eabihf") {
        println!("cargo::rustc-cfg=cortex_m_fpu");
    }
    // Every M4 and M7 has them; an M33 where its maker wanted it so, which a user says by a flag.
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let asked = ["+dsp", "target-cpu=cortex-m33"].iter().any(|flag| flags.contains(flag));
    if target.starts_with("thumbv7em-") || target.starts_with("thumbv8m.main-") && asked {
        println!("cargo::rustc-cfg=cortex_m_dsp");
    }
}
