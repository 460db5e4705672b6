//! Beam search over a batch, the way Python transformers does it, so that a model gives here what it gives there.
//!
//! Each sentence has `width` rows side by side. A step extends every row by every piece, takes the best `2 · width` of
//! a sentence, files those that end among its finished ones and goes on with the best `width` of the rest. A sentence
//! is done when no row can beat its worst finished one any more. This is transformers 4.57; before, a piece that ended
//! counted among the rows.

use super::config::HubConfig;
use super::decode::{Decoded, numbers, worth_cutting};
use super::steps::Steps;
use tch::Tensor;

/// A finished translation: its pieces without the end, the sum of their log-probabilities, that sum by length (what the
/// search compares), whether it ended by itself.
#[derive(Debug, Clone)]
struct Finished {
    pieces: Vec<i64>,
    sum: f64,
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
    /// Pieces before the first that is chosen: they count as length.
    forced: usize,
}

impl Search {
    fn new(width: usize, limit: usize, forced: usize) -> Self {
        // The rows begin equal: all but the first are held back, or the first step would choose one piece `width` times.
        let rows = (0..width).map(|i| (Vec::new(), if i == 0 { 0.0 } else { -1e9 })).collect();
        Self { rows, finished: Vec::new(), done: limit == 0, limit, forced }
    }

    /// Keeps the best `width` finished translations.
    fn finish(&mut self, pieces: Vec<i64>, sum: f64, ended: bool, penalty: f64) {
        let length = self.forced + pieces.len() + usize::from(ended);
        let score = sum / (length.max(1) as f64).powf(penalty);
        let width = self.rows.len();
        let at = self.finished.partition_point(|f| f.score >= score);
        self.finished.insert(at, Finished { pieces, sum, score, ended });
        self.finished.truncate(width);
    }

    /// One step: candidates (row, piece, sum), best first. Returns the rows to go on from.
    fn advance(&mut self, candidates: &[(usize, i64, f64)], config: &HubConfig) -> Vec<usize> {
        let width = self.rows.len();
        let length = self.rows[0].0.len() + 1;
        let at_the_limit = length >= self.limit;
        let mut next: Vec<(usize, (Vec<i64>, f64))> = Vec::with_capacity(width);
        for (rank, &(row, piece, sum)) in candidates.iter().enumerate() {
            let mut pieces = self.rows[row].0.clone();
            let ended = piece == config.eos_token_id;
            if !ended {
                pieces.push(piece);
            }
            // Of those that end, only the best `width` count; the others are there to go on from.
            if rank < width && (ended || at_the_limit) {
                self.finish(pieces.clone(), sum, ended, config.length_penalty);
            }
            if !ended && next.len() < width {
                next.push((row, (pieces, sum)));
            }
        }
        let best = next.first().map_or(f64::NEG_INFINITY, |(_, (_, sum))| *sum);
        let (from, rows): (Vec<usize>, Vec<(Vec<i64>, f64)>) = next.into_iter().unzip();
        self.rows = rows;
        let hopeless = self.finished.len() >= width
            && (config.early_stopping
                || self.finished[width - 1].score
                    >= best / ((self.forced + length) as f64).powf(config.length_penalty));
        self.done = hopeless || at_the_limit;
        from
    }
}

/// Translates a batch with `config.num_beams` rows a sentence; `limits` are the most pieces of each translation.
pub fn search(steps: &mut Steps, config: &HubConfig, limits: &[usize], forced: Option<i64>) -> Vec<Decoded> {
    let width = config.num_beams;
    let mut searches: Vec<Search> =
        limits.iter().map(|&limit| Search::new(width, limit, usize::from(forced.is_some()))).collect();
    let mut last = steps.begin(forced);
    // The sentences of the batch, each with `width` rows side by side.
    let mut batch: Vec<usize> = (0..searches.len()).collect();
    loop {
        let open: Vec<usize> = (0..batch.len()).filter(|&at| !searches[batch[at]].done).collect();
        if open.is_empty() {
            break;
        }
        if worth_cutting(open.len(), batch.len()) {
            let rows: Vec<usize> = open.iter().flat_map(|&at| at * width..(at + 1) * width).collect();
            steps.keep(&rows);
            last = rows.iter().map(|&row| last[row]).collect();
            batch = open.iter().map(|&at| batch[at]).collect();
        }
        let sums: Vec<f32> =
            batch.iter().flat_map(|&i| searches[i].rows.iter().map(|(_, sum)| *sum as f32)).collect();
        let candidates = best_candidates(steps, &last, &sums, config);
        let mut order: Vec<usize> = Vec::with_capacity(last.len());
        for (at, &i) in batch.iter().enumerate() {
            let search = &mut searches[i];
            let rows = at * width..(at + 1) * width;
            let from: Vec<usize> = if search.done {
                last[rows.clone()].fill(config.pad_token_id);
                (0..width).collect()
            } else {
                let from = search.advance(&candidates[at * 2 * width..(at + 1) * 2 * width], config);
                for (slot, (pieces, _)) in last[rows.clone()].iter_mut().zip(&search.rows) {
                    *slot = pieces.last().copied().unwrap_or(config.pad_token_id);
                }
                from
            };
            order.extend(from.iter().map(|f| rows.start + f));
        }
        steps.reorder(&order);
    }
    searches.into_iter().map(best_of).collect()
}

/// The best `2 · width` candidates of each sentence: row in the sentence, piece, sum.
fn best_candidates(
    steps: &mut Steps,
    last: &[i64],
    sums: &[f32],
    config: &HubConfig,
) -> Vec<(usize, i64, f64)> {
    let width = i64::try_from(config.num_beams).unwrap_or(1);
    let scores = steps.next(last);
    let sums = Tensor::from_slice(sums).to_device(scores.device());
    let scores = (scores + sums.unsqueeze(1)).view([-1, width * config.vocab_size]);
    let (best, places) = scores.topk(2 * width, -1, true, true);
    let (best, places): (Vec<f32>, Vec<i64>) = (numbers(&best), numbers(&places));
    let row = |place: i64| usize::try_from(place / config.vocab_size).unwrap_or(0);
    let candidate = |(sum, place): (f32, i64)| (row(place), place % config.vocab_size, f64::from(sum));
    best.into_iter().zip(places).map(candidate).collect()
}

fn best_of(search: Search) -> Decoded {
    search.finished.into_iter().next().map_or_else(Decoded::default, |best| {
        let scored = best.pieces.len() + usize::from(best.ended);
        Decoded {
            score: (best.sum / scored.max(1) as f64) as f32,
            pieces: best.pieces,
            ended: best.ended,
            attention: Vec::new(),
        }
    })
}
