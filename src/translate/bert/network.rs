//! The networks that rust-bert has for us, behind one interface.

use super::config::{HubConfig, Kind};
use rust_bert::bart::LayerState;
use rust_bert::m2m_100::M2M100ForConditionalGeneration;
use rust_bert::marian::MarianForConditionalGeneration;
use tch::{Tensor, nn};

/// Keys and values of the decoder's own attention and of the cross-attention, layer by layer.
pub type Cache = Vec<(Option<LayerState>, Option<LayerState>)>;

/// A translation model of rust-bert.
pub enum Network {
    /// OPUS-MT.
    Marian(Box<MarianForConditionalGeneration>),
    /// M2M100 and NLLB.
    M2m100(Box<M2M100ForConditionalGeneration>),
}

/// What a pass of the decoder gives.
pub struct Decoded {
    /// Rows × positions × vocabulary.
    pub logits: Tensor,
    /// Keys and values, to go on from.
    pub cache: Option<Cache>,
    /// What each layer of the decoder gave.
    pub hidden: Option<Vec<Tensor>>,
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

    /// One pass of the decoder over `input`, which goes on from `cache` if there is one.
    pub fn decode(&self, states: &Tensor, mask: &Tensor, input: &Tensor, cache: Option<Cache>) -> Decoded {
        // Without a mask of its own rust-bert's M2M100 lets positions see those after them.
        let seen = input.ones_like();
        let own = (input.size()[1] > 1).then_some(&seen);
        let output = match self {
            Self::Marian(m) => m.forward_t(None, Some(mask), Some(states), Some(input), own, cache, false),
            Self::M2m100(m) => m.forward_t(None, Some(mask), Some(states), Some(input), own, cache, false),
        };
        Decoded {
            logits: output.decoder_output,
            cache: output.cache,
            hidden: output.all_decoder_hidden_states,
        }
    }
}
