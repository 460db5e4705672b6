//! The networks that rust-bert has for us, behind one interface: they make the variables, and encode.

use super::config::{HubConfig, Kind};
use rust_bert::m2m_100::M2M100ForConditionalGeneration;
use rust_bert::marian::MarianForConditionalGeneration;
use tch::{Tensor, nn};

/// A translation model of rust-bert.
pub enum Network {
    /// OPUS-MT.
    Marian(Box<MarianForConditionalGeneration>),
    /// M2M100 and NLLB.
    M2m100(Box<M2M100ForConditionalGeneration>),
}

impl Network {
    /// Makes the network that the configuration describes, with variables under `path`.
    pub fn new(path: &nn::Path, config: &HubConfig) -> Self {
        match config.kind {
            Kind::Marian => {
                Self::Marian(Box::new(MarianForConditionalGeneration::new(path, &config.marian())))
            }
            Kind::M2m100 => {
                Self::M2m100(Box::new(M2M100ForConditionalGeneration::new(path, &config.m2m100())))
            }
        }
    }

    /// The encoder's states of padded sentences.
    pub fn encode(&self, input: &Tensor, mask: &Tensor) -> Tensor {
        match self {
            Self::Marian(model) => model.encode(input, Some(mask)),
            Self::M2m100(model) => model.encode(input, Some(mask)),
        }
    }
}
