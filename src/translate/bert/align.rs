//! The soft alignment: the cross-attention of a forced pass, which makes the model say a translation.
//!
//! Which heads are looked at is the card's to say (`alignment_heads = [[layer, head], …]`, from 0). Where it is silent it is the
//! mean of all heads of the last layer, [`usual_heads`]. Measured on the annotated sample with `tests/data/bert/fr-en`
//! (`examples/align_pairs.rs`, `scripts/evaluation/aer.py`), error rate on all pairs, the odd and the even ones:
//!
//! | heads | all | odd | even |
//! |---|---|---|---|
//! | mean of the last layer | 24.7 % | 27.7 | 21.7 |
//! | mean of both layers | 28.1 % | 32.6 | 23.8 |
//! | mean of the first layer | 80.7 % | 82.6 | 78.9 |
//! | head 0 of the last layer | 23.9 % | 27.2 | 20.5 |
//! | the other seven of the last layer, one by one | 33.7 to 40.6 % | 37.0 to 42.5 | 30.3 to 38.8 |
//! | the eight of the first layer | 53.3 to 94.3 % | 54.0 to 93.7 | 52.5 to 94.8 |
//!
//! Head 0 is the best on either half; it was trained to align in the student that the fixture was made of, so that only its card
//! can know. Of what can be done with any model, the mean of the last layer is the best on either half.

use super::config::HubConfig;
use super::decode::{numbers, padded};
use super::decoder::Head;
use super::weights::Loaded;
use crate::models::ModelError;
use crate::models::card::Card;
use tch::Tensor;

/// All heads of the last layer.
pub fn usual_heads(config: &HubConfig) -> Vec<Head> {
    let layer = usize::try_from(config.decoder_layers - 1).unwrap_or(0);
    (0..usize::try_from(config.decoder_attention_heads).unwrap_or(0)).map(|head| (layer, head)).collect()
}

/// The heads that a card names, if it does.
///
/// # Errors
/// [`ModelError::Invalid`] when they are none of this model's.
pub fn heads_of(card: &Card, config: &HubConfig) -> Result<Option<Vec<Head>>, ModelError> {
    let Some(said) = card.more.get("alignment_heads") else { return Ok(None) };
    let heads: Vec<Head> = said
        .clone()
        .try_into()
        .map_err(|e| ModelError::Invalid(format!("`alignment_heads` are pairs of layer and head: {e}")))?;
    exist(&heads, config)?;
    Ok(Some(heads))
}

/// Checks that the model has these heads.
///
/// # Errors
/// [`ModelError::Invalid`] with the first that it lacks.
pub fn exist(heads: &[Head], config: &HubConfig) -> Result<(), ModelError> {
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    let (layers, each) = (size(config.decoder_layers), size(config.decoder_attention_heads));
    match heads.iter().find(|(layer, head)| *layer >= layers || *head >= each) {
        _ if heads.is_empty() => Err(ModelError::invalid("`alignment_heads` names none")),
        Some((layer, head)) => Err(ModelError::Invalid(format!(
            "there is no head {head} of layer {layer}: the decoder has {layers} layers of {each}"
        ))),
        None => Ok(()),
    }
}

/// For each target piece, its attention over the source pieces. `lengths` are those of the sources that `states` and `mask` are of.
pub fn attend(
    loaded: &Loaded,
    config: &HubConfig,
    heads: &[Head],
    (states, mask): (&Tensor, &Tensor),
    lengths: &[usize],
    forced: Option<i64>,
    targets: &[&[i64]],
) -> Vec<Vec<Vec<f32>>> {
    let begin: Vec<i64> = std::iter::once(config.decoder_start_token_id).chain(forced).collect();
    let inputs: Vec<Vec<i64>> = targets.iter().map(|pieces| [begin.as_slice(), pieces].concat()).collect();
    let (input, _) = padded(&inputs, config.pad_token_id);
    let mut state = loaded.decoder.begin(states, mask, 1);
    let input = input.to_device(loaded.device);
    let Some(attention) = loaded.decoder.attention(&mut state, &input, heads) else {
        return targets.iter().map(|_| Vec::new()).collect();
    };
    let size = |dimension: usize| usize::try_from(attention.size()[dimension]).unwrap_or(0);
    let (positions, width) = (size(1), size(2));
    let all: Vec<f32> = numbers(&attention);
    let of = |(i, (pieces, &length)): (usize, (&&[i64], &usize))| {
        // The position of the last piece that stands before all that is chosen is where piece 0 is chosen.
        let row = |t: usize| (i * positions + begin.len() - 1 + t) * width;
        (0..pieces.len()).filter_map(|t| all.get(row(t)..row(t) + length).map(<[f32]>::to_vec)).collect()
    };
    targets.iter().zip(lengths).enumerate().map(of).collect()
}
