//! Decoding step by step: what greedy decoding and beam search share.

use super::config::{HubConfig, Kind};
use super::decoder::State;
use super::weights::Loaded;
use tch::{Kind as Type, Tensor};

/// A batch that is being decoded, row by row.
pub struct Steps<'a> {
    loaded: &'a Loaded,
    config: &'a HubConfig,
    state: State,
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
        Self { loaded, config, state: loaded.decoder.begin(states, mask, copies) }
    }

    /// The rows' first pieces: what decoding starts from, or the piece that is forced after it.
    pub fn begin(&mut self, forced: Option<i64>) -> Vec<i64> {
        let rows = self.state.rows();
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
        let input = Tensor::from_slice(last).view([-1, 1]).to_device(self.loaded.device);
        self.loaded.decoder.next(&mut self.state, &input)
    }

    /// Row n goes on from what was row `order[n]`, which is of the same sentence.
    pub fn reorder(&mut self, order: &[usize]) {
        self.select(order, false);
    }

    /// Only these rows go on.
    pub fn keep(&mut self, rows: &[usize]) {
        self.select(rows, true);
    }

    fn select(&mut self, order: &[usize], all: bool) {
        let order: Vec<i64> = order.iter().filter_map(|&row| i64::try_from(row).ok()).collect();
        let order = Tensor::from_slice(&order).to_device(self.loaded.device);
        self.state.reorder(&order, all);
    }
}
