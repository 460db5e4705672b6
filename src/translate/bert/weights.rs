//! The weights of a model: safetensors, or rust-bert's own format, into rust-bert's variables.

use super::config::{HubConfig, Kind};
use super::network::Network;
use crate::models::ModelError;
use std::collections::HashMap;
use std::path::Path;
use tch::nn::VarStore;
use tch::{Device, Tensor};

/// The model and the variables that it is made of.
pub struct Loaded {
    /// rust-bert's model.
    pub network: Network,
    /// Its variables by name.
    pub variables: HashMap<String, Tensor>,
    /// The fixed positions, as the network has them.
    pub positions: Tensor,
    /// Where they are.
    pub device: Device,
}

/// Other names under which a tensor may be stored; exporters keep one of those that share their values.
const ALIASES: [(&str, &[&str]); 1] = [(
    "model.shared.weight",
    &["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"],
)];

/// Loads the weights in `path`, whatever precision they are stored in, as float32.
///
/// # Errors
/// [`ModelError::Invalid`] when a tensor is missing or has another shape than the configuration says.
pub fn load(path: &Path, config: &HubConfig, device: Device) -> Result<Loaded, ModelError> {
    let wrong = |reason: String| ModelError::Invalid(format!("{}: {reason}", path.display()));
    let stored: HashMap<String, Tensor> = if path.extension().is_some_and(|e| e == "safetensors") {
        Tensor::read_safetensors(path)
    } else {
        Tensor::load_multi_with_device(path, Device::Cpu)
    }
    .map_err(|e| wrong(e.to_string()))?
    .into_iter()
    .collect();
    let find = |name: &str| {
        let others = ALIASES.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, others)| others);
        stored.get(name).or_else(|| others.iter().find_map(|other| stored.get(*other)))
    };
    // The largest tensor stands for the rest: rust-bert allocates them all by the configuration's word.
    let embeddings = find("model.shared.weight").ok_or_else(|| wrong("it has no embeddings".to_owned()))?;
    if embeddings.size() != [config.vocab_size, config.d_model] {
        let found = embeddings.size();
        return Err(wrong(format!(
            "the embeddings are {found:?}, not {} × {}",
            config.vocab_size, config.d_model
        )));
    }
    let store = VarStore::new(device);
    let network = Network::new(&store.root(), config);
    let positions = positions(config).to_device(device);
    let mut variables = store.variables();
    for (name, variable) in &mut variables {
        let value = match find(name) {
            Some(value) => value,
            // Fixed, so that exporters leave them out.
            None if name.ends_with("embed_positions.weight") => &positions,
            None => return Err(wrong(format!("it has no `{name}`"))),
        };
        if value.size() != variable.size() {
            let (found, wanted) = (value.size(), variable.size());
            return Err(wrong(format!("`{name}` is {found:?}, not {wanted:?}")));
        }
        tch::no_grad(|| variable.f_copy_(value)).map_err(|e| wrong(format!("`{name}`: {e}")))?;
    }
    let positions =
        variables.get("model.decoder.embed_positions.weight").map_or(positions, Tensor::shallow_clone);
    Ok(Loaded { network, variables, positions, device })
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
