//! The weights of a Marian model: safetensors, or rust-bert's own format, into rust-bert's variables.

use super::config::HubConfig;
use crate::models::ModelError;
use rust_bert::marian::MarianForConditionalGeneration;
use std::collections::HashMap;
use std::path::Path;
use tch::nn::VarStore;
use tch::{Device, Tensor};

/// The model and the variables that it is made of.
pub struct Loaded {
    /// rust-bert's model.
    pub model: MarianForConditionalGeneration,
    /// Its variables by name.
    pub variables: HashMap<String, Tensor>,
}

/// Other names under which a tensor may be stored; exporters keep one of those that share their values.
const ALIASES: [(&str, &[&str]); 1] = [(
    "model.shared.weight",
    &["model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"],
)];

/// Loads the weights in `path`.
///
/// # Errors
/// [`ModelError::Invalid`] when a tensor is missing or has another shape than the configuration says.
pub fn load(path: &Path, config: &HubConfig) -> Result<Loaded, ModelError> {
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
    let store = VarStore::new(Device::Cpu);
    let model = MarianForConditionalGeneration::new(store.root(), &config.to_rust_bert());
    let mut variables = store.variables();
    for (name, variable) in &mut variables {
        let computed;
        let value = match find(name) {
            Some(value) => value,
            // Fixed, so that exporters leave them out.
            None if name.ends_with("embed_positions.weight") => {
                computed = positions(config.max_position_embeddings, config.d_model);
                &computed
            }
            None => return Err(wrong(format!("it has no `{name}`"))),
        };
        if value.size() != variable.size() {
            let (found, wanted) = (value.size(), variable.size());
            return Err(wrong(format!("`{name}` is {found:?}, not {wanted:?}")));
        }
        tch::no_grad(|| variable.f_copy_(value)).map_err(|e| wrong(format!("`{name}`: {e}")))?;
    }
    Ok(Loaded { model, variables })
}

/// Marian's fixed positions: sines in the first half of the columns, cosines in the second.
fn positions(rows: i64, columns: i64) -> Tensor {
    let half = columns / 2;
    let value = |row: i64, column: i64| {
        let angle = row as f64 / 10_000_f64.powf(2.0 * (column % half) as f64 / columns as f64);
        (if column < half { angle.sin() } else { angle.cos() }) as f32
    };
    let values: Vec<f32> = (0..rows).flat_map(|r| (0..columns).map(move |c| value(r, c))).collect();
    Tensor::from_slice(&values).view([rows, columns])
}
