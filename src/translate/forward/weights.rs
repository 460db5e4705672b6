//! A student's weights, read from a Marian file into the layers that use them.

use super::attention::Attention;
use super::layers::{FeedForward, LayerNorm, Ssru};
use super::matrix::PackedMatrix;
use crate::models::ModelError;
use crate::models::marian::{self, Item};
use std::collections::HashMap;

/// Heads of an attention where the file does not say.
const DEFAULT_HEADS: usize = 8;
/// The unknown piece of Marian's vocabularies, and a bias with which it is never chosen.
const UNKNOWN: usize = 1;
const NEVER: f32 = -1e9;

/// One encoder layer.
#[derive(Debug)]
pub struct EncoderLayer {
    /// Self-attention.
    pub attention: Attention,
    /// Feed-forward.
    pub feed_forward: FeedForward,
}

/// One decoder layer.
#[derive(Debug)]
pub struct DecoderLayer {
    /// Recurrence over the target.
    pub ssru: Ssru,
    /// Attention over the source.
    pub attention: Attention,
    /// Feed-forward.
    pub feed_forward: FeedForward,
}

/// All weights of a student.
#[derive(Debug)]
pub struct Weights {
    /// Width of embeddings.
    pub dim: usize,
    /// Source embeddings, one row a piece.
    pub source: Vec<f32>,
    /// Target embeddings, one row a piece.
    pub target: Vec<f32>,
    /// Encoder layers.
    pub encoder: Vec<EncoderLayer>,
    /// Decoder layers.
    pub decoder: Vec<DecoderLayer>,
    /// Output projection, tied to the target embeddings.
    pub output: PackedMatrix,
}

impl Weights {
    /// Reads a student.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] when the file is damaged, or is a model of another architecture.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let tensors = Tensors { items: marian::read(bytes)? };
        let (target_name, source_name) = if tensors.items.contains_key("Wemb") {
            ("Wemb", "Wemb")
        } else {
            ("decoder_Wemb", "encoder_Wemb")
        };
        let target_item = tensors.item(target_name)?;
        let (pieces, dim) = (target_item.shape()[0], target_item.shape()[1]);
        let heads = tensors.heads();
        // Positions are pairs of columns, a sine and a cosine.
        if dim % 2 != 0 {
            return Err(ModelError::Invalid(format!("its width {dim} is odd")));
        }
        if dim % heads != 0 {
            return Err(ModelError::Invalid(format!("{heads} heads do not divide the width {dim}")));
        }
        let target = target_item.to_f32();
        let mut bias = tensors.vector("decoder_ff_logit_out_b").unwrap_or_default();
        bias.resize(pieces, 0.0);
        // As Marian does unless it is told `--allow-unk`: an unknown piece would vanish from the text.
        if let Some(bias) = bias.get_mut(UNKNOWN) {
            *bias = NEVER;
        }
        let output = match target_item.integers() {
            Some((values, scale)) => PackedMatrix::from_integers(dim, pieces, &bias, scale, |k, piece| {
                values[piece * dim + k].cast_signed()
            }),
            None => PackedMatrix::from_floats(dim, pieces, &bias, |k, piece| target[piece * dim + k]),
        };
        let encoder = tensors.layers("encoder_l", "_self_Wq", |prefix| {
            Ok(EncoderLayer {
                attention: tensors.attention(&format!("{prefix}_self"), heads, dim)?,
                feed_forward: tensors.feed_forward(prefix, dim)?,
            })
        })?;
        let decoder = tensors.layers("decoder_l", "_rnn_W", |prefix| {
            Ok(DecoderLayer {
                ssru: Ssru {
                    candidate: tensors.matrix(&format!("{prefix}_rnn_W"), None, dim, dim)?,
                    gate: tensors.matrix(
                        &format!("{prefix}_rnn_Wf"),
                        Some(&format!("{prefix}_rnn_bf")),
                        dim,
                        dim,
                    )?,
                    norm: tensors.norm(&format!("{prefix}_rnn_ffn"), dim)?,
                },
                attention: tensors.attention(&format!("{prefix}_context"), heads, dim)?,
                feed_forward: tensors.feed_forward(prefix, dim)?,
            })
        })?;
        if decoder.is_empty() {
            return Err(ModelError::Invalid(
                "it has no SSRU decoder layer: not a student of this kind".into(),
            ));
        }
        let source =
            if source_name == target_name { target.clone() } else { tensors.item(source_name)?.to_f32() };
        Ok(Self { dim, source, target, encoder, decoder, output })
    }
}

struct Tensors<'a> {
    items: HashMap<String, Item<'a>>,
}

impl Tensors<'_> {
    fn item(&self, name: &str) -> Result<&Item<'_>, ModelError> {
        self.items.get(name).ok_or_else(|| ModelError::Invalid(format!("it has no `{name}`")))
    }

    fn vector(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        Ok(self.item(name)?.to_f32())
    }

    /// Reads the layers `prefix1`, `prefix2`… as long as `prefixN` + `mark` exists.
    fn layers<L>(
        &self,
        prefix: &str,
        mark: &str,
        read: impl Fn(&str) -> Result<L, ModelError>,
    ) -> Result<Vec<L>, ModelError> {
        (1..)
            .map(|n| format!("{prefix}{n}"))
            .take_while(|p| self.items.contains_key(&format!("{p}{mark}")))
            .map(|p| read(&p))
            .collect()
    }

    fn matrix(
        &self,
        name: &str,
        bias: Option<&str>,
        inner: usize,
        columns: usize,
    ) -> Result<PackedMatrix, ModelError> {
        let item = self.item(name)?;
        if item.shape() != [inner, columns] {
            let found = item.shape();
            return Err(ModelError::Invalid(format!(
                "`{name}` has the shape {found:?}, not [{inner}, {columns}]"
            )));
        }
        let bias = match bias {
            Some(bias) => self.vector(bias)?,
            None => Vec::new(),
        };
        if !bias.is_empty() && bias.len() != columns {
            return Err(ModelError::Invalid(format!("the bias of `{name}` has {} values", bias.len())));
        }
        if let Some((values, scale)) = item.integers() {
            let value = |k: usize, column: usize| values[column * inner + k].cast_signed();
            return Ok(PackedMatrix::from_integers(inner, columns, &bias, scale, value));
        }
        let values = item.to_f32();
        Ok(PackedMatrix::from_floats(inner, columns, &bias, |k, column| values[k * columns + column]))
    }

    fn norm(&self, stem: &str, dim: usize) -> Result<LayerNorm, ModelError> {
        let scale = self.vector(&format!("{stem}_ln_scale"))?;
        let shift = self.vector(&format!("{stem}_ln_bias")).unwrap_or_else(|_| vec![0.0; dim]);
        Ok(LayerNorm { scale, shift })
    }

    fn attention(&self, stem: &str, heads: usize, dim: usize) -> Result<Attention, ModelError> {
        let part = |letter: char| {
            self.matrix(&format!("{stem}_W{letter}"), Some(&format!("{stem}_b{letter}")), dim, dim)
        };
        Ok(Attention {
            query: part('q')?,
            key: part('k')?,
            value: part('v')?,
            output: part('o')?,
            norm: self.norm(&format!("{stem}_Wo"), dim)?,
            heads,
        })
    }

    fn feed_forward(&self, prefix: &str, dim: usize) -> Result<FeedForward, ModelError> {
        let inner = self.item(&format!("{prefix}_ffn_W1"))?.shape().get(1).copied().unwrap_or(0);
        Ok(FeedForward {
            first: self.matrix(&format!("{prefix}_ffn_W1"), Some(&format!("{prefix}_ffn_b1")), dim, inner)?,
            second: self.matrix(
                &format!("{prefix}_ffn_W2"),
                Some(&format!("{prefix}_ffn_b2")),
                inner,
                dim,
            )?,
            norm: self.norm(&format!("{prefix}_ffn_ffn"), dim)?,
        })
    }

    /// The number of heads, from the configuration inside the file.
    fn heads(&self) -> usize {
        let text = self.items.get("special:model.yml").map(Item::text).unwrap_or_default();
        text.lines()
            .find_map(|line| line.trim().strip_prefix("transformer-heads:")?.trim().parse().ok())
            .filter(|&heads| heads > 0)
            .unwrap_or(DEFAULT_HEADS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::marian::FLOAT32;
    use crate::models::marian::tests::{file, floats};

    /// A width of one passes the validator, and would have divided the columns of positions into none.
    #[test]
    fn a_width_that_positions_cannot_have_is_refused() {
        let settings = b"transformer-heads: 1\0".to_vec();
        let bytes = file(&[
            ("Wemb", FLOAT32, vec![4, 1], floats(4)),
            ("encoder_l1_self_Wq", FLOAT32, vec![1, 1], floats(1)),
            ("special:model.yml", 0x0101, vec![21], settings),
        ]);
        assert!(marian::validate(&bytes).is_ok());
        assert!(Weights::read(&bytes).expect_err("refused").to_string().contains("width 1 is odd"));
    }
}
