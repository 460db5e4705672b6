//! The soft alignment, by a forced pass over the translation: rust-bert keeps no cross-attention, so the last layer's is
//! made again from its input, its weights and its cached keys, as the mean of its heads.

use super::config::{HubConfig, Kind};
use super::decode::{Decoded, numbers, padded};
use super::weights::Loaded;
use tch::{Kind as Type, Tensor};

/// Fills in the attention of what was decoded from the encoder's states and their mask.
pub fn attend(
    loaded: &Loaded,
    config: &HubConfig,
    (states, mask): (&Tensor, &Tensor),
    sentences: &[Vec<i64>],
    forced: Option<i64>,
    decoded: &mut [Decoded],
) {
    let begin: Vec<i64> = std::iter::once(config.decoder_start_token_id).chain(forced).collect();
    let inputs: Vec<Vec<i64>> =
        decoded.iter().map(|d| [begin.as_slice(), d.pieces.as_slice()].concat()).collect();
    let (input, _) = padded(&inputs, config.pad_token_id);
    let input = input.to_device(loaded.device);
    let output = loaded.network.decode(states, mask, &input, None);
    let keys =
        output.cache.and_then(|mut cache| cache.pop()).and_then(|(_, cross)| cross).map(|c| c.prev_key);
    let (Some(keys), Some(hidden)) = (keys, output.hidden) else { return };
    let below = match usize::try_from(config.decoder_layers - 2).ok().and_then(|n| hidden.get(n)) {
        Some(below) => below.shallow_clone(),
        None => embedded(loaded, config, &input),
    };
    let layer = Layer { loaded, config, path: format!("model.decoder.layers.{}", config.decoder_layers - 1) };
    let cross = layer.cross_attention(&below, &keys, mask);
    // (sentences, positions, source pieces)
    let (positions, width) = (cross.size()[1], cross.size()[2]);
    let all: Vec<f32> = numbers(&cross);
    let size = |n: i64| usize::try_from(n).unwrap_or(0);
    for (i, result) in decoded.iter_mut().enumerate() {
        // The position of the last piece that stands before all that is chosen is where piece 0 is chosen.
        let row = |t: usize| (i * size(positions) + begin.len() - 1 + t) * size(width);
        let length = sentences[i].len();
        result.attention = (0..result.pieces.len())
            .filter_map(|t| all.get(row(t)..row(t) + length).map(<[f32]>::to_vec))
            .collect();
    }
}

/// The decoder's input: embeddings and positions.
fn embedded(loaded: &Loaded, config: &HubConfig, input: &Tensor) -> Tensor {
    let scale = if config.scale_embedding { (config.d_model as f64).sqrt() } else { 1.0 };
    let words = Tensor::embedding(&loaded.variables["model.shared.weight"], input, -1, false, false) * scale;
    words + loaded.positions.narrow(0, config.first_position(), input.size()[1])
}

/// The last layer of the decoder.
struct Layer<'a> {
    loaded: &'a Loaded,
    config: &'a HubConfig,
    path: String,
}

impl Layer<'_> {
    fn weight(&self, name: &str) -> &Tensor {
        &self.loaded.variables[&format!("{}.{name}", self.path)]
    }

    fn linear(&self, x: &Tensor, name: &str) -> Tensor {
        x.linear(self.weight(&format!("{name}.weight")), Some(self.weight(&format!("{name}.bias"))))
    }

    fn norm(&self, x: &Tensor, name: &str) -> Tensor {
        let (weight, bias) = (self.weight(&format!("{name}.weight")), self.weight(&format!("{name}.bias")));
        x.layer_norm([self.config.d_model], Some(weight), Some(bias), 1e-5, false)
    }

    /// Rows × positions × width, cut into heads.
    fn heads(&self, x: &Tensor) -> Tensor {
        let heads = self.config.decoder_attention_heads;
        x.view([x.size()[0], -1, heads, self.config.d_model / heads]).transpose(1, 2)
    }

    fn scale(&self) -> f64 {
        ((self.config.d_model / self.config.decoder_attention_heads) as f64).powf(-0.5)
    }

    /// The layer's self-attention over `x`.
    fn own(&self, x: &Tensor) -> Tensor {
        let n = x.size()[1];
        let future = Tensor::full([n, n], f64::NEG_INFINITY, (Type::Float, x.device())).triu(1);
        let query = self.heads(&(self.linear(x, "self_attn.q_proj") * self.scale()));
        let keys = self.heads(&self.linear(x, "self_attn.k_proj"));
        let values = self.heads(&self.linear(x, "self_attn.v_proj"));
        let out = (query.matmul(&keys.transpose(2, 3)) + future).softmax(-1, Type::Float).matmul(&values);
        self.linear(&out.transpose(1, 2).reshape([-1, n, self.config.d_model]), "self_attn.out_proj")
    }

    /// The mean of the heads of the cross-attention: rows × positions × source pieces.
    fn cross_attention(&self, below: &Tensor, keys: &Tensor, mask: &Tensor) -> Tensor {
        let before = match self.config.kind {
            Kind::Marian => self.norm(&(self.own(below) + below), "self_attn_layer_norm"),
            Kind::M2m100 => {
                let summed = self.own(&self.norm(below, "self_attn_layer_norm")) + below;
                self.norm(&summed, "encoder_attn_layer_norm")
            }
        };
        let query = self.heads(&(self.linear(&before, "encoder_attn.q_proj") * self.scale()));
        let hidden = (mask.to_kind(Type::Float) - 1.0) * 1e9;
        let scores = query.matmul(&keys.transpose(2, 3)) + hidden.unsqueeze(1).unsqueeze(1);
        scores.softmax(-1, Type::Float).mean_dim(Some([1_i64].as_slice()), false, Type::Float)
    }
}
