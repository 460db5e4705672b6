//! Beam search over a batch, the way Python transformers does it, so that a model gives here what it gives there.
//!
//! Each sentence has `width` rows side by side. A step extends every row by every piece, takes the best `2 · width` of
//! a sentence, files those that end among its finished ones and goes on with the best `width` of the rest. A sentence
//! is done when no row can beat its worst finished one any more.

use super::config::HubConfig;
use super::decode::{Decoded, length_limit};
use super::weights::Loaded;
use rust_bert::bart::LayerState;
use tch::{Kind, Tensor};

/// A finished translation: its pieces without the end, its score by length, whether it ended by itself.
#[derive(Debug, Clone)]
struct Finished {
    pieces: Vec<i64>,
    score: f64,
    ended: bool,
}

/// The search for one sentence.
struct Search {
    /// The pieces of each row, and the sums of their log-probabilities.
    rows: Vec<(Vec<i64>, f64)>,
    finished: Vec<Finished>,
    done: bool,
    limit: usize,
}

impl Search {
    fn new(width: usize, limit: usize) -> Self {
        // The rows begin equal: all but the first are held back, or the first step would choose one piece `width` times.
        let rows = (0..width).map(|i| (Vec::new(), if i == 0 { 0.0 } else { -1e9 })).collect();
        Self { rows, finished: Vec::new(), done: limit == 0, limit }
    }

    /// Keeps the best `width` finished translations.
    fn finish(&mut self, pieces: Vec<i64>, sum: f64, ended: bool, penalty: f64) {
        let length = pieces.len() + usize::from(ended);
        let score = sum / (length.max(1) as f64).powf(penalty);
        let width = self.rows.len();
        let at = self.finished.partition_point(|f| f.score >= score);
        self.finished.insert(at, Finished { pieces, score, ended });
        self.finished.truncate(width);
    }

    /// One step: candidates (row, piece, sum), best first. Returns the rows to go on from.
    fn advance(&mut self, candidates: &[(usize, i64, f64)], config: &HubConfig) -> Vec<usize> {
        let width = self.rows.len();
        let length = self.rows[0].0.len() + 1;
        let mut next: Vec<(usize, (Vec<i64>, f64))> = Vec::with_capacity(width);
        for (rank, &(row, piece, sum)) in candidates.iter().enumerate() {
            if piece == config.eos_token_id {
                if rank < width {
                    self.finish(self.rows[row].0.clone(), sum, true, config.length_penalty);
                }
                continue;
            }
            let mut pieces = self.rows[row].0.clone();
            pieces.push(piece);
            next.push((row, (pieces, sum)));
            if next.len() == width {
                break;
            }
        }
        let best = candidates.first().map_or(f64::NEG_INFINITY, |c| c.2);
        let (from, rows): (Vec<usize>, Vec<(Vec<i64>, f64)>) = next.into_iter().unzip();
        self.rows = rows;
        let hopeless = self.finished.len() >= width
            && (config.early_stopping
                || self.finished[width - 1].score >= best / (length as f64).powf(config.length_penalty));
        if hopeless {
            self.done = true;
        } else if length >= self.limit {
            for (pieces, sum) in self.rows.clone() {
                self.finish(pieces, sum, false, config.length_penalty);
            }
            self.done = true;
        }
        from
    }
}

/// Translates a batch with `config.num_beams` rows a sentence.
pub fn search(
    loaded: &Loaded,
    config: &HubConfig,
    encoded: &Tensor,
    mask: &Tensor,
    sentences: &[Vec<i64>],
) -> Vec<Decoded> {
    let width = config.num_beams;
    let count = i64::try_from(width).unwrap_or(1);
    let (encoded, mask) =
        (encoded.repeat_interleave_self_int(count, 0, None), mask.repeat_interleave_self_int(count, 0, None));
    let mut searches: Vec<Search> =
        sentences.iter().map(|s| Search::new(width, length_limit(s.len(), config))).collect();
    let mut last = vec![config.start(); sentences.len() * width];
    let mut cache: Option<Vec<(Option<LayerState>, Option<LayerState>)>> = None;
    while searches.iter().any(|s| !s.done) {
        let input = Tensor::from_slice(&last).view([-1, 1]);
        let output = loaded.model.forward_t(
            None,
            Some(&mask),
            Some(&encoded),
            Some(&input),
            None,
            cache.take(),
            false,
        );
        cache = output.cache;
        let scores = output.decoder_output.select(1, -1).log_softmax(-1, Kind::Float);
        let _ = scores.select(1, config.pad_token_id).fill_(f64::NEG_INFINITY);
        let sums: Vec<f32> =
            searches.iter().flat_map(|s| s.rows.iter().map(|(_, sum)| *sum as f32)).collect();
        let scores = (scores + Tensor::from_slice(&sums).unsqueeze(1)).view([-1, count * config.vocab_size]);
        let (best, places) = scores.topk(2 * count, -1, true, true);
        let mut order: Vec<i64> = Vec::with_capacity(last.len());
        last.clear();
        for (i, search) in searches.iter_mut().enumerate() {
            let first = i64::try_from(i * width).unwrap_or(0);
            if search.done {
                order.extend(first..first + count);
                last.extend(std::iter::repeat_n(config.pad_token_id, width));
                continue;
            }
            let row = i64::try_from(i).unwrap_or(0);
            let candidates: Vec<(usize, i64, f64)> = (0..2 * count)
                .map(|n| {
                    let place = places.int64_value(&[row, n]);
                    let from = usize::try_from(place / config.vocab_size).unwrap_or(0);
                    (from, place % config.vocab_size, best.double_value(&[row, n]))
                })
                .collect();
            let from = search.advance(&candidates, config);
            order.extend(from.iter().map(|&f| first + i64::try_from(f).unwrap_or(0)));
            last.extend(
                search.rows.iter().map(|(pieces, _)| pieces.last().copied().unwrap_or(config.pad_token_id)),
            );
        }
        let order = Tensor::from_slice(&order);
        for (own, cross) in cache.iter_mut().flatten() {
            for state in [own, cross].into_iter().flatten() {
                state.prev_key = state.prev_key.index_select(0, &order);
                state.prev_value = state.prev_value.index_select(0, &order);
            }
        }
    }
    searches.into_iter().map(best_of).collect()
}

fn best_of(search: Search) -> Decoded {
    search.finished.into_iter().next().map_or_else(Decoded::default, |best| Decoded {
        // Of a length penalty of 1 the mean log-probability; else what the search compared by.
        score: best.score as f32,
        pieces: best.pieces,
        ended: best.ended,
        attention: Vec::new(),
    })
}
