//! How a model runs: where, on how many threads, and how far it searches.

use std::fmt;
use std::str::FromStr;

/// Where a model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// On the first CUDA device if the engine can, else on the processor.
    #[default]
    Auto,
    /// On the processor.
    Cpu,
    /// On a CUDA device by number.
    Cuda(usize),
}

/// A device that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no device: `auto`, `cpu`, or `cuda:N` with the number of the device (`cuda:0`)")]
pub struct UnknownDevice(String);

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|n| n.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| UnknownDevice(text.to_owned())),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(n) => write!(f, "cuda:{n}"),
        }
    }
}

/// How an engine is to run.
#[derive(Debug, Clone, Copy, Default)]
pub struct EngineOptions {
    /// Where.
    pub device: Device,
    /// Threads for translation; 0 is one a core.
    pub threads: usize,
    /// Hypotheses of a sentence that go on side by side, 1 for greedy; what the model's card says when absent.
    pub beam: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_they_are_written() {
        for device in [Device::Auto, Device::Cpu, Device::Cuda(3)] {
            assert_eq!(device.to_string().parse(), Ok(device));
        }
        for wrong in ["cuda", "cuda:", "cuda:-1", "gpu", ""] {
            let error = wrong.parse::<Device>().expect_err("refused");
            assert!(error.to_string().contains("cuda:0"), "{error}");
        }
    }
}
