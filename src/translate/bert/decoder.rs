//! The decoder, with rust-bert's weights and arithmetic: one position at a time, or over a whole translation.
//!
//! rust-bert's own copies every key and value twice a step, those of the source among them, keeps the rows of sentences that
//! have ended, scores the whole vocabulary at every position of a forced pass, and keeps no cross-attention. Here keys
//! and values of the source are made once a batch, and a pass hands out whichever heads the alignment is read from.

use super::config::{HubConfig, Kind};
use super::weights::Weights;
use crate::models::ModelError;
use tch::{Kind as Type, Tensor};

/// A head of the cross-attention: layer and number, both from 0.
pub type Head = (usize, usize);

/// A matrix and what is added after it.
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    fn apply(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}

/// Layer normalisation.
struct Norm(Linear);

impl Norm {
    fn apply(&self, x: &Tensor) -> Tensor {
        x.layer_norm(self.0.weight.size(), Some(&self.0.weight), Some(&self.0.bias), 1e-5, false)
    }
}

/// The four projections of an attention.
struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
}

struct Layer {
    own: Attention,
    own_norm: Norm,
    cross: Attention,
    cross_norm: Norm,
    inner: Linear,
    outer: Linear,
    norm: Norm,
}

/// Keys and values: rows × heads × positions × width of a head.
struct KeysValues {
    keys: Tensor,
    values: Tensor,
}

impl KeysValues {
    fn map(&self, f: impl Fn(&Tensor) -> Tensor) -> Self {
        Self { keys: f(&self.keys), values: f(&self.values) }
    }
}

/// What a batch has decoded so far.
pub struct State {
    own: Vec<Option<KeysValues>>,
    cross: Vec<KeysValues>,
    /// 0 where a source piece is, far below where the batch was filled up: rows × 1 × 1 × source pieces.
    mask: Tensor,
    positions: i64,
}

impl State {
    /// Row n goes on from what was row `order[n]`; `all` when rows of other sentences come to stand there.
    pub fn reorder(&mut self, order: &Tensor, all: bool) {
        let select = |tensor: &Tensor| tensor.index_select(0, order);
        for own in self.own.iter_mut().flatten() {
            *own = own.map(select);
        }
        if all {
            self.cross.iter_mut().for_each(|cross| *cross = cross.map(select));
            self.mask = select(&self.mask);
        }
    }

    /// Rows of the batch.
    pub fn rows(&self) -> usize {
        usize::try_from(self.mask.size()[0]).unwrap_or(0)
    }
}

/// The decoder of a model.
pub struct Decoder {
    layers: Vec<Layer>,
    words: Tensor,
    bias: Option<Tensor>,
    positions: Tensor,
    /// After the last layer, in models that normalise before each part.
    last_norm: Option<Norm>,
    activation: rust_bert::Activation,
    scale: f64,
    heads: i64,
    width: i64,
    first_position: i64,
}

impl Decoder {
    /// The decoder over a model's weights.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when one is missing or has another shape than the configuration says.
    pub fn new(weights: &Weights, config: &HubConfig) -> Result<Self, ModelError> {
        let (width, inner) = (config.d_model, config.decoder_ffn_dim);
        let linear = |name: String, rows: i64, columns: i64| -> Result<Linear, ModelError> {
            Ok(Linear {
                weight: weights.get(&format!("{name}.weight"), &[rows, columns])?,
                bias: weights.get(&format!("{name}.bias"), &[rows])?,
            })
        };
        let norm = |name: String| -> Result<Norm, ModelError> {
            let get = |part: &str| weights.get(&format!("{name}.{part}"), &[width]);
            Ok(Norm(Linear { weight: get("weight")?, bias: get("bias")? }))
        };
        let attention = |name: String| -> Result<Attention, ModelError> {
            let projection = |part: &str| linear(format!("{name}.{part}_proj"), width, width);
            Ok(Attention {
                query: projection("q")?,
                key: projection("k")?,
                value: projection("v")?,
                out: projection("out")?,
            })
        };
        let layer = |n: i64| -> Result<Layer, ModelError> {
            let path = format!("model.decoder.layers.{n}");
            Ok(Layer {
                own: attention(format!("{path}.self_attn"))?,
                own_norm: norm(format!("{path}.self_attn_layer_norm"))?,
                cross: attention(format!("{path}.encoder_attn"))?,
                cross_norm: norm(format!("{path}.encoder_attn_layer_norm"))?,
                inner: linear(format!("{path}.fc1"), inner, width)?,
                outer: linear(format!("{path}.fc2"), width, inner)?,
                norm: norm(format!("{path}.final_layer_norm"))?,
            })
        };
        let (bias, last_norm) = match config.kind {
            Kind::Marian => (Some(weights.get("final_logits_bias", &[1, config.vocab_size])?), None),
            Kind::M2m100 => (None, Some(norm("model.decoder.layer_norm".to_owned())?)),
        };
        let rows = config.max_position_embeddings + config.first_position();
        Ok(Self {
            layers: (0..config.decoder_layers).map(layer).collect::<Result<_, _>>()?,
            words: weights.get("model.shared.weight", &[config.vocab_size, width])?,
            bias,
            positions: weights.get("model.decoder.embed_positions.weight", &[rows, width])?,
            last_norm,
            activation: config.activation(),
            scale: if config.scale_embedding { (width as f64).sqrt() } else { 1.0 },
            heads: config.decoder_attention_heads,
            width: width / config.decoder_attention_heads,
            first_position: config.first_position(),
        })
    }

    /// Begins a batch from the encoder's states and their mask, with `copies` rows a sentence.
    pub fn begin(&self, states: &Tensor, mask: &Tensor, copies: i64) -> State {
        let repeated = |tensor: Tensor| match copies {
            1 => tensor,
            _ => tensor.repeat_interleave_self_int(copies, 0, None),
        };
        let cross = |layer: &Layer| {
            let made = |linear: &Linear| repeated(self.cut(&linear.apply(states)));
            KeysValues { keys: made(&layer.cross.key), values: made(&layer.cross.value) }
        };
        let hidden = (mask.to_kind(Type::Float) - 1.0) * 1e9;
        State {
            own: self.layers.iter().map(|_| None).collect(),
            cross: self.layers.iter().map(cross).collect(),
            mask: repeated(hidden.unsqueeze(1).unsqueeze(1)),
            positions: 0,
        }
    }

    /// The scores of the vocabulary after the last of what was fed: rows × pieces.
    pub fn next(&self, state: &mut State, input: &Tensor) -> Tensor {
        let (x, _) = self.pass(state, input, self.layers.len(), &[]);
        let x = x.select(1, -1);
        let x = self.last_norm.as_ref().map_or_else(|| x.shallow_clone(), |norm| norm.apply(&x));
        let scores = x.linear(&self.words, None::<&Tensor>);
        self.bias.as_ref().map_or_else(|| scores.shallow_clone(), |bias| &scores + bias)
    }

    /// The mean attention of some heads over the source, for each position that is fed: rows × positions × source pieces.
    pub fn attention(&self, state: &mut State, input: &Tensor, heads: &[Head]) -> Option<Tensor> {
        let needed = heads.iter().map(|(layer, _)| layer + 1).max()?;
        self.pass(state, input, needed, heads).1
    }

    /// Feeds rows × positions to the first `layers` layers.
    fn pass(
        &self,
        state: &mut State,
        input: &Tensor,
        layers: usize,
        heads: &[Head],
    ) -> (Tensor, Option<Tensor>) {
        let count = input.size()[1];
        let words = Tensor::embedding(&self.words, input, -1, false, false) * self.scale;
        let mut x = words + self.positions.narrow(0, self.first_position + state.positions, count);
        let future = (count > 1)
            .then(|| Tensor::full([count, count], f64::NEG_INFINITY, (Type::Float, x.device())).triu(1));
        state.positions += count;
        let mut looked: Option<Tensor> = None;
        for (n, layer) in self.layers.iter().take(layers).enumerate() {
            let own = &mut state.own[n];
            let (cross, mask) = (&state.cross[n], &state.mask);
            x = self.around(x, &layer.own_norm, |x| {
                let new = KeysValues {
                    keys: self.cut(&layer.own.key.apply(x)),
                    values: self.cut(&layer.own.value.apply(x)),
                };
                let all = match own.take() {
                    Some(old) => KeysValues {
                        keys: Tensor::cat(&[&old.keys, &new.keys], 2),
                        values: Tensor::cat(&[&old.values, &new.values], 2),
                    },
                    None => new,
                };
                let (out, _) = self.attend(&layer.own, x, &all, future.as_ref());
                *own = Some(all);
                out
            });
            x = self.around(x, &layer.cross_norm, |x| {
                let (out, weights) = self.attend(&layer.cross, x, cross, Some(mask));
                for &(_, head) in heads.iter().filter(|(layer, _)| *layer == n) {
                    let one = weights.select(1, i64::try_from(head).unwrap_or(0));
                    looked = Some(looked.take().map_or_else(|| one.shallow_clone(), |sum| sum + &one));
                }
                out
            });
            x = self.around(x, &layer.norm, |x| {
                layer.outer.apply(&self.activation.get_function().get_fn()(&layer.inner.apply(x)))
            });
        }
        (x, looked.map(|sum| sum / heads.len() as f64))
    }

    /// A part of a layer with what goes round it, normalised before (M2M100) or after (Marian).
    fn around(&self, x: Tensor, norm: &Norm, part: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
        match self.last_norm {
            Some(_) => part(&norm.apply(&x)) + x,
            None => norm.apply(&(part(&x) + x)),
        }
    }

    /// What an attention gives, and its weights: rows × heads × positions × what is looked at.
    fn attend(
        &self,
        attention: &Attention,
        x: &Tensor,
        at: &KeysValues,
        mask: Option<&Tensor>,
    ) -> (Tensor, Tensor) {
        let query = self.cut(&(attention.query.apply(x) * (self.width as f64).powf(-0.5)));
        let scores = query.matmul(&at.keys.transpose(2, 3));
        let scores = mask.map_or_else(|| scores.shallow_clone(), |mask| &scores + mask);
        let weights = scores.softmax(-1, Type::Float);
        let size = x.size();
        let out =
            weights.matmul(&at.values).transpose(1, 2).reshape([size[0], size[1], self.heads * self.width]);
        (attention.out.apply(&out), weights)
    }

    /// Rows × positions × width, cut into heads.
    fn cut(&self, x: &Tensor) -> Tensor {
        x.view([x.size()[0], -1, self.heads, self.width]).transpose(1, 2).contiguous()
    }
}
