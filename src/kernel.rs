//! Which instructions of the processor products are made of.
//!
//! `archmage` makes intrinsics safe to call: a token of its proves that the processor has them.

#[cfg(target_arch = "x86_64")]
use archmage::{SimdToken, X64V3Token, X64V4Token, X64V4xToken};

/// The instructions that products are made of.
#[derive(Debug, Clone, Copy)]
pub enum Kernel {
    /// AVX-512 with dot products of bytes (VNNI).
    #[cfg(target_arch = "x86_64")]
    Vnni(X64V4xToken),
    /// AVX-512 without.
    #[cfg(target_arch = "x86_64")]
    Avx512(X64V4Token),
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(X64V3Token),
    /// Whatever the compiler makes of plain loops.
    Portable,
}

impl Kernel {
    /// The fastest kernel of this processor.
    pub fn detect() -> Self {
        *Self::all().last().unwrap_or(&Self::Portable)
    }

    /// The kernels that this processor can run, the fastest last.
    pub(crate) fn all() -> Vec<Self> {
        let mut kernels = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            kernels.extend(X64V3Token::summon().map(Self::Avx2));
            kernels.extend(X64V4Token::summon().map(Self::Avx512));
            kernels.extend(X64V4xToken::summon().map(Self::Vnni));
        }
        kernels
    }
}
