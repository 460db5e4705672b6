//! Decoding of a batch, and the alignment by a forced pass over what came out.

use super::beam;
use super::config::HubConfig;
use super::weights::Loaded;
use rust_bert::bart::LayerState;
use tch::{Device, Kind, Tensor};

/// What became of one sentence.
#[derive(Debug, Clone, Default)]
pub struct Decoded {
    /// Target pieces, without the end of sentence.
    pub pieces: Vec<i64>,
    /// For each target piece, its attention over the source pieces.
    pub attention: Vec<Vec<f32>>,
    /// Mean log-probability of a target piece, the end of sentence included.
    pub score: f32,
    /// Whether the end of sentence was produced.
    pub ended: bool,
}

/// Translates a batch of sentences, each with its end of sentence: greedily, or with the beam of the configuration.
pub fn translate(loaded: &Loaded, config: &HubConfig, sentences: &[Vec<i64>]) -> Vec<Decoded> {
    tch::no_grad(|| {
        let (input, mask) = padded(sentences, config.pad_token_id);
        let encoded = loaded.model.encode(&input, Some(&mask));
        let mut decoded = if config.num_beams > 1 {
            beam::search(loaded, config, &encoded, &mask, sentences)
        } else {
            greedy(loaded, config, &encoded, &mask, sentences)
        };
        align(loaded, config, &encoded, &mask, sentences, &mut decoded);
        decoded
    })
}

/// Longest translation of a sentence of `n` pieces, as our own students are run: what is longer than twice its source is
/// a loop.
pub(super) fn length_limit(n: usize, config: &HubConfig) -> usize {
    (2 * n + 4).min(usize::try_from(config.max_position_embeddings - 1).unwrap_or(0))
}

/// One step at a time; sentences that have ended are fed the padding until all have.
fn greedy(
    loaded: &Loaded,
    config: &HubConfig,
    encoded: &Tensor,
    mask: &Tensor,
    sentences: &[Vec<i64>],
) -> Vec<Decoded> {
    let mut decoded = vec![Decoded::default(); sentences.len()];
    let mut last = vec![config.start(); sentences.len()];
    let mut cache: Option<Vec<(Option<LayerState>, Option<LayerState>)>> = None;
    loop {
        let going =
            |i: usize, d: &Decoded| !d.ended && d.pieces.len() < length_limit(sentences[i].len(), config);
        if !decoded.iter().enumerate().any(|(i, d)| going(i, d)) {
            break;
        }
        let input = Tensor::from_slice(&last).view([-1, 1]);
        let output =
            loaded.model.forward_t(None, Some(mask), Some(encoded), Some(&input), None, cache.take(), false);
        cache = output.cache;
        let logits = output.decoder_output.select(1, -1);
        let _ = logits.select(1, config.pad_token_id).fill_(f64::NEG_INFINITY);
        let (best, pieces) = logits.log_softmax(-1, Kind::Float).max_dim(-1, false);
        for i in 0..sentences.len() {
            let index = [i64::try_from(i).unwrap_or(i64::MAX)];
            let piece = if going(i, &decoded[i]) {
                let piece = pieces.int64_value(&index);
                let result = &mut decoded[i];
                result.score += best.double_value(&index) as f32;
                if piece == config.eos_token_id {
                    result.ended = true;
                } else {
                    result.pieces.push(piece);
                }
                piece
            } else {
                config.pad_token_id
            };
            last[i] = piece;
        }
    }
    for result in &mut decoded {
        let scored = result.pieces.len() + usize::from(result.ended);
        result.score /= scored.max(1) as f32;
    }
    decoded
}

/// Fills in the attention: rust-bert keeps no cross-attention, so the last layer's is made again from its input, its
/// weights and its cached keys, as the mean of its heads.
fn align(
    loaded: &Loaded,
    config: &HubConfig,
    encoded: &Tensor,
    mask: &Tensor,
    sentences: &[Vec<i64>],
    decoded: &mut [Decoded],
) {
    let forced: Vec<Vec<i64>> =
        decoded.iter().map(|d| [&[config.start()], d.pieces.as_slice()].concat()).collect();
    let (input, _) = padded(&forced, config.pad_token_id);
    let output = loaded.model.forward_t(None, Some(mask), Some(encoded), Some(&input), None, None, false);
    let layer = config.decoder_layers - 1;
    let state = output.cache.and_then(|mut cache| cache.pop()).and_then(|(_, cross)| cross);
    let (Some(state), Some(hidden)) = (state, output.all_decoder_hidden_states) else { return };
    let weight = |name: &str| &loaded.variables[&format!("model.decoder.layers.{layer}.{name}")];
    let linear = |x: &Tensor, name: &str| {
        x.linear(weight(&format!("{name}.weight")), Some(weight(&format!("{name}.bias"))))
    };
    let (heads, width) = (config.decoder_attention_heads, config.d_model / config.decoder_attention_heads);
    let scale = (width as f64).powf(-0.5);
    let split = |x: Tensor| x.view([x.size()[0], -1, heads, width]).transpose(1, 2);
    let below = match usize::try_from(layer - 1).ok().and_then(|n| hidden.get(n)) {
        Some(below) => below.shallow_clone(),
        // A decoder of one layer: its input is the embeddings.
        None => {
            let scale = if config.to_rust_bert().scale_embedding == Some(true) {
                (config.d_model as f64).sqrt()
            } else {
                1.0
            };
            let rows = loaded.variables["model.decoder.embed_positions.weight"].narrow(0, 0, input.size()[1]);
            Tensor::embedding(&loaded.variables["model.shared.weight"], &input, -1, false, false) * scale
                + rows
        }
    };
    let n = below.size()[1];
    let future = Tensor::full([n, n], f64::NEG_INFINITY, (Kind::Float, Device::Cpu)).triu(1);
    let query = split(linear(&below, "self_attn.q_proj") * scale);
    let (keys, values) =
        (split(linear(&below, "self_attn.k_proj")), split(linear(&below, "self_attn.v_proj")));
    let own = (query.matmul(&keys.transpose(2, 3)) + future).softmax(-1, Kind::Float).matmul(&values);
    let own = own.transpose(1, 2).reshape([-1, n, config.d_model]);
    let summed = linear(&own, "self_attn.out_proj") + below;
    let normed = summed.layer_norm(
        [config.d_model],
        Some(weight("self_attn_layer_norm.weight")),
        Some(weight("self_attn_layer_norm.bias")),
        1e-5,
        false,
    );
    let query = split(linear(&normed, "encoder_attn.q_proj") * scale);
    let hidden = (mask.to_kind(Kind::Float) - 1.0) * 1e9;
    let cross = query.matmul(&state.prev_key.transpose(2, 3)) + hidden.unsqueeze(1).unsqueeze(1);
    let cross = cross.softmax(-1, Kind::Float).mean_dim(Some([1_i64].as_slice()), false, Kind::Float);
    for (i, result) in decoded.iter_mut().enumerate() {
        // Row t is what the decoder looked at when it chose piece t.
        let rows = cross.get(i64::try_from(i).unwrap_or(i64::MAX));
        result.attention = (0..result.pieces.len())
            .map(|t| {
                let row = rows.get(i64::try_from(t).unwrap_or(i64::MAX));
                let row: Vec<f32> = Vec::try_from(row).unwrap_or_default();
                row[..sentences[i].len().min(row.len())].to_vec()
            })
            .collect();
    }
}

/// Sentences side by side, and a mask that is 1 where there is a piece.
fn padded(sentences: &[Vec<i64>], pad: i64) -> (Tensor, Tensor) {
    let longest = sentences.iter().map(Vec::len).max().unwrap_or(0);
    let (mut ids, mut mask) = (Vec::new(), Vec::new());
    for sentence in sentences {
        let missing = longest - sentence.len();
        ids.extend(sentence);
        ids.extend(std::iter::repeat_n(pad, missing));
        mask.extend(std::iter::repeat_n(1_i64, sentence.len()));
        mask.extend(std::iter::repeat_n(0_i64, missing));
    }
    let shape = [i64::try_from(sentences.len()).unwrap_or(0), -1];
    (Tensor::from_slice(&ids).view(shape), Tensor::from_slice(&mask).view(shape))
}
