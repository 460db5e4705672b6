//! `config.json` of a model in Hugging Face layout, with `generation_config.json` where it is there: read as hostile, and
//! bounded before anything is allocated.

use crate::models::ModelError;
use rust_bert::Activation;
use rust_bert::m2m_100::M2M100Config;
use rust_bert::marian::MarianConfig;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The architectures that we run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Kind {
    /// OPUS-MT and whatever else Marian trained: post-norm, one pair of languages.
    #[serde(rename = "marian")]
    Marian,
    /// M2M100 and NLLB: pre-norm, many languages.
    #[serde(rename = "m2m_100")]
    M2m100,
}

/// What we need of the files; what they do not say has the value that Hugging Face's own reader gives it.
#[derive(Debug, Clone, Deserialize)]
pub struct HubConfig {
    /// The architecture.
    #[serde(rename = "model_type")]
    pub kind: Kind,
    /// Width of the model.
    pub d_model: i64,
    /// Pieces of the vocabulary, the padding among them.
    pub vocab_size: i64,
    /// Layers of the encoder.
    pub encoder_layers: i64,
    /// Layers of the decoder.
    pub decoder_layers: i64,
    /// Heads of the encoder's attention.
    pub encoder_attention_heads: i64,
    /// Heads of the decoder's attention.
    pub decoder_attention_heads: i64,
    /// Inner width of the encoder's feed-forward.
    pub encoder_ffn_dim: i64,
    /// Inner width of the decoder's feed-forward.
    pub decoder_ffn_dim: i64,
    /// Longest sentence in pieces.
    pub max_position_embeddings: i64,
    /// Longest translation in pieces, what it starts from and its end included, if its authors set one.
    max_length: Option<i64>,
    activation_function: Activation,
    /// Piece that ends a sentence.
    pub eos_token_id: i64,
    /// Piece that fills a batch.
    pub pad_token_id: i64,
    /// Piece that decoding starts from.
    pub decoder_start_token_id: i64,
    /// Rows of the beam; 1 is greedy. Transformers, too, takes the beam that the model's authors chose.
    pub num_beams: usize,
    /// Power of the length by which sums of log-probabilities are divided.
    pub length_penalty: f64,
    /// Whether a search ends as soon as there are enough finished translations.
    pub early_stopping: bool,
    /// Whether embeddings are multiplied by the root of the width.
    pub scale_embedding: bool,
    static_position_embeddings: bool,
    normalize_embedding: bool,
    normalize_before: bool,
}

/// Settings of `generation_config.json` that win over those of `config.json`.
const OF_GENERATION: [&str; 6] =
    ["num_beams", "length_penalty", "early_stopping", "decoder_start_token_id", "pad_token_id", "max_length"];

/// What a configuration that is silent means.
fn defaults(kind: Kind) -> Value {
    match kind {
        Kind::Marian => json!({
            "max_position_embeddings": 1024, "activation_function": "gelu", "eos_token_id": 0,
            "scale_embedding": false, "static_position_embeddings": true, "normalize_embedding": false,
            "normalize_before": false, "num_beams": 1, "length_penalty": 1.0, "early_stopping": false,
        }),
        Kind::M2m100 => json!({
            "max_position_embeddings": 1024, "activation_function": "relu", "eos_token_id": 2, "pad_token_id": 1,
            "decoder_start_token_id": 2, "scale_embedding": true, "static_position_embeddings": true,
            "normalize_embedding": false, "normalize_before": true, "num_beams": 1, "length_penalty": 1.0,
            "early_stopping": false,
        }),
    }
}

impl HubConfig {
    /// Reads and bounds a configuration: `config.json`, and `generation_config.json` if there is one.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] with what is wrong, or what kind of model it is instead.
    pub fn parse(text: &str, generation: Option<&str>) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Invalid(format!("config.json: {reason}"));
        let said: Map<String, Value> = serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let model_type = said.get("model_type").unwrap_or(&Value::Null);
        let kind: Kind = serde_json::from_value(model_type.clone()).map_err(|_| {
            wrong(format!(
                "models of the type {model_type} are not run, only `marian` and `m2m_100` (M2M100, NLLB)"
            ))
        })?;
        let generation: Map<String, Value> = serde_json::from_str(generation.unwrap_or("{}"))
            .map_err(|e| ModelError::Invalid(format!("generation_config.json: {e}")))?;
        let generation = generation.into_iter().filter(|(name, _)| OF_GENERATION.contains(&name.as_str()));
        let mut all = defaults(kind);
        for (name, value) in said.into_iter().chain(generation).filter(|(_, value)| !value.is_null()) {
            all[name.as_str()] = value;
        }
        if all.get("decoder_start_token_id").is_none() {
            all["decoder_start_token_id"] = all["pad_token_id"].clone();
        }
        let config: Self = serde_json::from_value(all).map_err(|e| wrong(e.to_string()))?;
        config.bounded().map_err(wrong)?;
        Ok(config)
    }

    /// What of the configuration no real model has.
    fn bounded(&self) -> Result<(), String> {
        let within = [
            ("d_model", self.d_model, 4096),
            ("vocab_size", self.vocab_size, 1_000_000),
            ("encoder_layers", self.encoder_layers, 48),
            ("decoder_layers", self.decoder_layers, 48),
            ("encoder_attention_heads", self.encoder_attention_heads, 64),
            ("decoder_attention_heads", self.decoder_attention_heads, 64),
            ("encoder_ffn_dim", self.encoder_ffn_dim, 32_768),
            ("decoder_ffn_dim", self.decoder_ffn_dim, 32_768),
            ("max_position_embeddings", self.max_position_embeddings, 16_384),
        ];
        if let Some((name, value, most)) =
            within.into_iter().find(|(_, value, most)| !(1..=*most).contains(value))
        {
            return Err(format!("`{name}` is {value}, not between 1 and {most}"));
        }
        if self.d_model % 2 != 0
            || self.d_model % self.encoder_attention_heads != 0
            || self.d_model % self.decoder_attention_heads != 0
        {
            return Err(format!("the heads do not divide the width {}", self.d_model));
        }
        for (name, piece) in [
            ("eos_token_id", self.eos_token_id),
            ("pad_token_id", self.pad_token_id),
            ("decoder_start_token_id", self.decoder_start_token_id),
        ] {
            if !(0..self.vocab_size).contains(&piece) {
                return Err(format!("`{name}` {piece} is outside the vocabulary"));
            }
        }
        if let Some(length) = self.max_length.filter(|&length| length < 3) {
            return Err(format!("a `max_length` of {length} leaves no room for a translation"));
        }
        // rust-bert's table of positions has two rows to spare.
        if self.kind == Kind::M2m100 && self.pad_token_id > 1 {
            return Err(format!("`pad_token_id` is {}, that of M2M100 models is 1", self.pad_token_id));
        }
        if !(1..=32).contains(&self.num_beams) || !(-10.0..=10.0).contains(&self.length_penalty) {
            return Err(format!("a beam of {} with the penalty {}", self.num_beams, self.length_penalty));
        }
        let post_norm = self.kind == Kind::Marian;
        if self.normalize_embedding || self.normalize_before == post_norm || !self.static_position_embeddings
        {
            return Err(
                "it is not laid out as OPUS-MT (post-norm) or M2M100 (pre-norm) models are, with fixed \
                        positions"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// The most pieces of a translation, what it starts from and its end included.
    pub fn longest(&self) -> usize {
        let longest =
            self.max_length.map_or(self.max_position_embeddings, |n| n.min(self.max_position_embeddings));
        usize::try_from(longest).unwrap_or(0)
    }

    /// Row of the table of positions that the first piece of a sentence takes.
    pub fn first_position(&self) -> i64 {
        match self.kind {
            Kind::Marian => 0,
            Kind::M2m100 => self.pad_token_id + 1,
        }
    }

    /// The function between the two matrices of a feed-forward.
    pub fn activation(&self) -> Activation {
        self.activation_function
    }

    /// How many values the matrices of the layers have, which rust-bert allocates by the configuration's word.
    pub fn values_in_layers(&self) -> u64 {
        let layer = |attentions: i64, inner: i64| {
            attentions * 4 * self.d_model * self.d_model + 2 * inner * self.d_model
        };
        let all = self.encoder_layers * layer(1, self.encoder_ffn_dim)
            + self.decoder_layers * layer(2, self.decoder_ffn_dim);
        // Both are within the bounds above, so that the sum is far from overflowing.
        u64::try_from(all).unwrap_or(u64::MAX)
    }

    /// The configuration of a Marian model for rust-bert.
    pub fn marian(&self) -> MarianConfig {
        MarianConfig {
            activation_function: Some(self.activation_function),
            d_model: self.d_model,
            decoder_attention_heads: self.decoder_attention_heads,
            decoder_ffn_dim: self.decoder_ffn_dim,
            // We run the decoder ourselves (`decoder.rs`).
            decoder_layers: 0,
            decoder_start_token_id: Some(self.decoder_start_token_id),
            dropout: 0.0,
            encoder_attention_heads: self.encoder_attention_heads,
            encoder_ffn_dim: self.encoder_ffn_dim,
            encoder_layers: self.encoder_layers,
            num_hidden_layers: self.encoder_layers,
            eos_token_id: Some(self.eos_token_id),
            pad_token_id: Some(self.pad_token_id),
            max_position_embeddings: self.max_position_embeddings,
            normalize_embedding: Some(false),
            static_position_embeddings: Some(true),
            scale_embedding: Some(self.scale_embedding),
            vocab_size: self.vocab_size,
            ..MarianConfig::default()
        }
    }

    /// The configuration of an M2M100 or NLLB model for rust-bert.
    pub fn m2m100(&self) -> M2M100Config {
        M2M100Config {
            vocab_size: self.vocab_size,
            max_position_embeddings: self.max_position_embeddings,
            encoder_layers: self.encoder_layers,
            encoder_attention_heads: self.encoder_attention_heads,
            encoder_ffn_dim: self.encoder_ffn_dim,
            // We run the decoder ourselves (`decoder.rs`).
            decoder_layers: 0,
            decoder_ffn_dim: self.decoder_ffn_dim,
            decoder_attention_heads: self.decoder_attention_heads,
            activation_function: Some(self.activation_function),
            d_model: self.d_model,
            dropout: 0.0,
            scale_embedding: Some(self.scale_embedding),
            eos_token_id: Some(self.eos_token_id),
            pad_token_id: Some(self.pad_token_id),
            decoder_start_token_id: Some(self.decoder_start_token_id),
            ..M2M100Config::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = r#"{"model_type": "marian", "d_model": 64, "vocab_size": 100, "encoder_layers": 2,
        "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 128,
        "decoder_ffn_dim": 128, "activation_function": "swish", "pad_token_id": 99, "scale_embedding": true}"#;

    #[test]
    fn a_configuration_is_bounded_before_it_is_believed() {
        let config = HubConfig::parse(TINY, None).expect("valid");
        assert_eq!((config.decoder_start_token_id, config.max_position_embeddings), (99, 1024));
        for (from, to, said) in [
            ("\"d_model\": 64", "\"d_model\": 9000000000000", "d_model"),
            ("\"vocab_size\": 100", "\"vocab_size\": 50", "pad_token_id"),
            ("\"vocab_size\": 100", "\"vocab_size\": -1", "vocab_size"),
            ("\"encoder_attention_heads\": 4", "\"encoder_attention_heads\": 5", "divide"),
            ("marian", "t5", "only `marian` and `m2m_100`"),
            ("\"swish\"", "\"magic\"", "config.json"),
        ] {
            let error = HubConfig::parse(&TINY.replace(from, to), None).expect_err("refused");
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn the_configuration_of_generation_wins_where_it_says_something() {
        let generation = r#"{"num_beams": 5, "length_penalty": null, "eos_token_id": [7, 8]}"#;
        let config = HubConfig::parse(TINY, Some(generation)).expect("valid");
        assert_eq!((config.num_beams, config.eos_token_id, config.longest()), (5, 0, 1024));
        let short = HubConfig::parse(TINY, Some(r#"{"max_length": 200}"#)).expect("valid");
        assert_eq!(short.longest(), 200);
        assert!(HubConfig::parse(TINY, Some(r#"{"max_length": 1}"#)).is_err());
        assert!(HubConfig::parse(TINY, Some("[")).is_err());
        let many = TINY.replace("marian", "m2m_100").replace("99", "1");
        let config = HubConfig::parse(&many, None).expect("valid");
        assert_eq!((config.kind, config.eos_token_id, config.decoder_start_token_id), (Kind::M2m100, 2, 2));
    }
}
