//! The weights of a model: safetensors, or rust-bert's own format, into rust-bert's variables.

use super::config::{HubConfig, Kind};
use super::decoder::Decoder;
use super::network::Network;
use crate::models::ModelError;
use crate::models::tensors::{self, Number, Stored};
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use tch::nn::VarStore;
use tch::{Device, Tensor};

/// A model, ready to run on one thread at a time.
pub struct Loaded {
    /// rust-bert's model.
    pub network: Network,
    /// Its decoder, as we run it.
    pub decoder: Decoder,
    /// Where its weights are.
    pub device: Device,
}

impl Loaded {
    /// The model over these weights, which it shares with others that are made of them.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when a tensor is missing or has another shape than the configuration says.
    pub fn new(weights: &Weights, config: &HubConfig) -> Result<Self, ModelError> {
        let store = VarStore::new(weights.device);
        let network = Network::new(&store.root(), config);
        for (name, mut variable) in store.variables() {
            let value = weights.get(&name, &variable.size())?;
            tch::no_grad(|| variable.f_set_data(&value))
                .map_err(|e| ModelError::Invalid(format!("`{name}`: {e}")))?;
        }
        Ok(Self { network, decoder: Decoder::new(weights, config)?, device: weights.device })
    }
}

/// Tensors by name, as float32.
pub struct Weights {
    tensors: HashMap<String, Tensor>,
    /// The fixed positions, which exporters leave out.
    positions: Tensor,
    device: Device,
}

/// Other names under which a tensor may be stored; exporters keep one of those that share their values.
const ALIASES: [(&str, &[&str]); 1] = [(
    "model.shared.weight",
    &["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"],
)];

impl Weights {
    /// Loads the weights in `path`, whatever precision they are stored in. Their table is compared with the configuration before
    /// anything is allocated, and one tensor after the other is read.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when the table is damaged, or has less than the configuration says.
    pub fn read(path: &Path, config: &HubConfig, device: Device) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Invalid(format!("{}: {reason}", path.display()));
        let mut stored: HashMap<String, Stored> =
            tensors::list(path)?.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        for (name, others) in ALIASES {
            for other in others {
                if let Some(tensor) = stored.remove(*other) {
                    stored.entry(name.to_owned()).or_insert(tensor);
                }
            }
        }
        // rust-bert allocates by the configuration's word: what it says must be there.
        let embeddings =
            stored.get("model.shared.weight").ok_or_else(|| wrong("it has no embeddings".to_owned()))?;
        if signed(&embeddings.shape) != [config.vocab_size, config.d_model] {
            let (found, rows, width) = (&embeddings.shape, config.vocab_size, config.d_model);
            return Err(wrong(format!("the embeddings are {found:?}, not {rows} × {width}")));
        }
        let values = stored.values().map(Stored::elements).fold(0, u64::saturating_add);
        let wanted = embeddings.elements().saturating_add(config.values_in_layers());
        if values < wanted {
            return Err(wrong(format!("it holds {values} values, the layers of config.json need {wanted}")));
        }
        let mut file = File::open(path).map_err(|source| ModelError::Io { path: path.into(), source })?;
        let mut tensors = HashMap::new();
        for (name, stored) in stored {
            // No weight is made of whole numbers.
            let Some(kind) = kind(stored.number) else { continue };
            let bytes = stored.read(&mut file, path)?;
            let tensor = Tensor::f_from_data_size(&bytes, &signed(&stored.shape), kind)
                .and_then(|tensor| tensor.f_to_kind(tch::Kind::Float)?.f_to_device(device))
                .map_err(|e| wrong(format!("`{name}`: {e}")))?;
            tensors.insert(name, tensor);
        }
        Ok(Self { tensors, positions: positions(config).to_device(device), device })
    }

    /// A tensor of that shape.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when it is missing, or has another.
    pub fn get(&self, name: &str, shape: &[i64]) -> Result<Tensor, ModelError> {
        let fixed = || name.ends_with("embed_positions.weight").then_some(&self.positions);
        let Some(tensor) = self.tensors.get(name).or_else(fixed) else {
            return Err(ModelError::Invalid(format!("the weights have no `{name}`")));
        };
        if tensor.size() != shape {
            let found = tensor.size();
            return Err(ModelError::Invalid(format!("the weights' `{name}` is {found:?}, not {shape:?}")));
        }
        Ok(tensor.shallow_clone())
    }

    /// Number of values.
    pub fn values(&self) -> usize {
        self.tensors.values().map(Tensor::numel).sum()
    }
}

fn signed(shape: &[u64]) -> Vec<i64> {
    shape.iter().map(|&n| i64::try_from(n).unwrap_or(i64::MAX)).collect()
}

/// libtorch's name of how values are stored.
fn kind(number: Number) -> Option<tch::Kind> {
    Some(match number {
        Number::Float => tch::Kind::Float,
        Number::Half => tch::Kind::Half,
        Number::BFloat16 => tch::Kind::BFloat16,
        Number::Double => tch::Kind::Double,
        Number::Whole(_) => return None,
    })
}

/// Fixed positions: sines in the first half of the columns, cosines in the second. M2M100's waves are a little longer than
/// Marian's, and its padding has none.
fn positions(config: &HubConfig) -> Tensor {
    let (columns, half) = (config.d_model, config.d_model / 2);
    let steps = match config.kind {
        Kind::Marian => half as f64,
        Kind::M2m100 => (half - 1).max(1) as f64,
    };
    let value = |row: i64, column: i64| {
        let angle = row as f64 / 10_000_f64.powf((column % half) as f64 / steps);
        (if column < half { angle.sin() } else { angle.cos() }) as f32
    };
    let rows = config.max_position_embeddings + config.first_position();
    let values: Vec<f32> = (0..rows).flat_map(|r| (0..columns).map(move |c| value(r, c))).collect();
    Tensor::from_slice(&values).view([rows, columns])
}
