//! Decoding step by step: what greedy decoding and beam search share.

use super::config::{HubConfig, Kind};
use super::network::Cache;
use super::weights::Loaded;
use tch::{Kind as Type, Tensor};

/// A batch that is being decoded, row by row.
pub struct Steps<'a> {
    loaded: &'a Loaded,
    config: &'a HubConfig,
    states: Tensor,
    mask: Tensor,
    cache: Option<Cache>,
}

impl<'a> Steps<'a> {
    /// Begins: `copies` rows for each encoded sentence.
    pub fn new(
        loaded: &'a Loaded,
        config: &'a HubConfig,
        states: &Tensor,
        mask: &Tensor,
        copies: i64,
    ) -> Self {
        let repeated = |tensor: &Tensor| tensor.repeat_interleave_self_int(copies, 0, None);
        Self { loaded, config, states: repeated(states), mask: repeated(mask), cache: None }
    }

    /// The rows' first pieces: what decoding starts from, or the piece that is forced after it.
    pub fn begin(&mut self, forced: Option<i64>) -> Vec<i64> {
        let rows = usize::try_from(self.states.size()[0]).unwrap_or(0);
        let start = vec![self.config.decoder_start_token_id; rows];
        match forced {
            None => start,
            Some(piece) => {
                let _ = self.feed(&start);
                vec![piece; rows]
            }
        }
    }

    /// Log-probabilities of the piece after `last`, the newest piece of each row: rows × vocabulary.
    pub fn next(&mut self, last: &[i64]) -> Tensor {
        let scores = self.feed(last).log_softmax(-1, Type::Float);
        if self.config.kind == Kind::Marian {
            // Marian's padding is no answer (`bad_words_ids` of OPUS-MT); as in transformers, what it had goes to no other.
            let _ = scores.select(1, self.config.pad_token_id).fill_(f64::NEG_INFINITY);
        }
        scores
    }

    fn feed(&mut self, last: &[i64]) -> Tensor {
        let input = Tensor::from_slice(last).view([-1, 1]).to_device(self.states.device());
        let output = self.loaded.network.decode(&self.states, &self.mask, &input, self.cache.take());
        self.cache = output.cache;
        output.logits.select(1, -1)
    }

    /// Row n goes on from what was row `order[n]`.
    pub fn reorder(&mut self, order: &[i64]) {
        let order = Tensor::from_slice(order).to_device(self.states.device());
        for (own, cross) in self.cache.iter_mut().flatten() {
            for state in [own, cross].into_iter().flatten() {
                state.prev_key = state.prev_key.index_select(0, &order);
                state.prev_value = state.prev_value.index_select(0, &order);
            }
        }
    }
}
