//! `config.json` of a Marian model in Hugging Face layout: read as hostile, and bounded before anything is allocated.

use crate::models::ModelError;
use rust_bert::Activation;
use rust_bert::marian::MarianConfig;
use serde::Deserialize;

/// What we need of the file; what it does not say has the value that Hugging Face's own reader gives it.
#[derive(Debug, Clone, Deserialize)]
pub struct HubConfig {
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
    #[serde(default = "usual_positions")]
    pub max_position_embeddings: i64,
    #[serde(default = "usual_activation")]
    activation_function: Activation,
    /// Piece that ends a sentence.
    #[serde(default)]
    pub eos_token_id: i64,
    /// Piece that fills a batch, and that decoding starts from unless `decoder_start_token_id` says otherwise.
    pub pad_token_id: i64,
    decoder_start_token_id: Option<i64>,
    /// Rows of the beam; 1 is greedy. Transformers, too, takes the beam that the model's authors chose.
    #[serde(default = "one")]
    pub num_beams: usize,
    /// Power of the length by which sums of log-probabilities are divided.
    #[serde(default = "one_whole")]
    pub length_penalty: f64,
    /// Whether a search ends as soon as there are enough finished translations.
    #[serde(default)]
    pub early_stopping: bool,
    #[serde(default)]
    scale_embedding: bool,
    #[serde(default = "yes")]
    static_position_embeddings: bool,
    #[serde(default)]
    normalize_embedding: bool,
    #[serde(default)]
    normalize_before: bool,
}

fn usual_positions() -> i64 {
    1024
}

fn usual_activation() -> Activation {
    Activation::gelu
}

fn one() -> usize {
    1
}

fn one_whole() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

impl HubConfig {
    /// Reads and bounds a configuration.
    ///
    /// # Errors
    /// [`ModelError::Invalid`] with what is wrong, or what kind of model it is instead.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let wrong = |reason: String| ModelError::Invalid(format!("config.json: {reason}"));
        let kind: serde_json::Value = serde_json::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let model_type = kind.get("model_type").and_then(|v| v.as_str()).unwrap_or_default();
        if model_type != "marian" {
            return Err(wrong(format!("models of the type `{model_type}` are not run yet, only `marian`")));
        }
        let config: Self = serde_json::from_value(kind).map_err(|e| wrong(e.to_string()))?;
        let c = &config;
        let within = [
            ("d_model", c.d_model, 4096),
            ("vocab_size", c.vocab_size, 1_000_000),
            ("encoder_layers", c.encoder_layers, 48),
            ("decoder_layers", c.decoder_layers, 48),
            ("encoder_attention_heads", c.encoder_attention_heads, 64),
            ("decoder_attention_heads", c.decoder_attention_heads, 64),
            ("encoder_ffn_dim", c.encoder_ffn_dim, 32_768),
            ("decoder_ffn_dim", c.decoder_ffn_dim, 32_768),
            ("max_position_embeddings", c.max_position_embeddings, 16_384),
        ];
        if let Some((name, value, most)) =
            within.into_iter().find(|(_, value, most)| !(1..=*most).contains(value))
        {
            return Err(wrong(format!("`{name}` is {value}, not between 1 and {most}")));
        }
        if c.d_model % 2 != 0
            || c.d_model % c.encoder_attention_heads != 0
            || c.d_model % c.decoder_attention_heads != 0
        {
            return Err(wrong(format!("the heads do not divide the width {}", c.d_model)));
        }
        for (name, piece) in [
            ("eos_token_id", c.eos_token_id),
            ("pad_token_id", c.pad_token_id),
            ("decoder_start_token_id", c.start()),
        ] {
            if !(0..c.vocab_size).contains(&piece) {
                return Err(wrong(format!("`{name}` {piece} is outside the vocabulary")));
            }
        }
        if !(1..=32).contains(&c.num_beams) || !(-10.0..=10.0).contains(&c.length_penalty) {
            return Err(wrong(format!("a beam of {} with the penalty {}", c.num_beams, c.length_penalty)));
        }
        if c.normalize_embedding || c.normalize_before || !c.static_position_embeddings {
            return Err(wrong(
                "it is not laid out as OPUS-MT models are (post-norm, fixed positions)".to_owned(),
            ));
        }
        Ok(config)
    }

    /// The piece that decoding starts from.
    pub fn start(&self) -> i64 {
        self.decoder_start_token_id.unwrap_or(self.pad_token_id)
    }

    /// The same for rust-bert.
    pub fn to_rust_bert(&self) -> MarianConfig {
        MarianConfig {
            activation_function: Some(self.activation_function),
            d_model: self.d_model,
            decoder_attention_heads: self.decoder_attention_heads,
            decoder_ffn_dim: self.decoder_ffn_dim,
            decoder_layers: self.decoder_layers,
            decoder_start_token_id: Some(self.start()),
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
            // The alignment is made from them.
            output_hidden_states: Some(true),
            vocab_size: self.vocab_size,
            ..MarianConfig::default()
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
        let config = HubConfig::parse(TINY).expect("valid");
        assert_eq!((config.start(), config.max_position_embeddings), (99, 1024));
        for (from, to, said) in [
            ("\"d_model\": 64", "\"d_model\": 9000000000000", "d_model"),
            ("\"vocab_size\": 100", "\"vocab_size\": 50", "pad_token_id"),
            ("\"vocab_size\": 100", "\"vocab_size\": -1", "vocab_size"),
            ("\"encoder_attention_heads\": 4", "\"encoder_attention_heads\": 5", "divide"),
            ("marian", "m2m_100", "only `marian`"),
            ("\"swish\"", "\"magic\"", "config.json"),
        ] {
            let error = HubConfig::parse(&TINY.replace(from, to)).expect_err("refused");
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
