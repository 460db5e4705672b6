//! Decoding of a batch: greedily, or with a beam.

use super::config::HubConfig;
use super::decoder::Head;
use super::steps::Steps;
use super::weights::Loaded;
use super::{align, beam};
use tch::Tensor;

/// What became of one sentence.
#[derive(Debug, Clone, Default)]
pub struct Decoded {
    /// Target pieces, without the end of sentence and what is forced before them.
    pub pieces: Vec<i64>,
    /// For each target piece, its attention over the source pieces.
    pub attention: Vec<Vec<f32>>,
    /// Mean log-probability of a target piece, the end of sentence included.
    pub score: f32,
    /// Whether the end of sentence was produced.
    pub ended: bool,
}

/// Translates a batch of sentences, each with its end of sentence. `forced` is the first piece of every translation, for
/// models that are told the target language by it.
pub fn translate(
    loaded: &Loaded,
    config: &HubConfig,
    heads: &[Head],
    sentences: &[Vec<i64>],
    forced: Option<i64>,
) -> Vec<Decoded> {
    tch::no_grad(|| {
        let (states, mask) = encode(loaded, config, sentences);
        // A forced piece counts, as it does in transformers.
        let limits: Vec<usize> = sentences
            .iter()
            .map(|s| length_limit(s.len(), config).saturating_sub(usize::from(forced.is_some())))
            .collect();
        let mut steps =
            Steps::new(loaded, config, &states, &mask, i64::try_from(config.num_beams).unwrap_or(1));
        let mut decoded = if config.num_beams > 1 {
            beam::search(&mut steps, config, &limits, forced)
        } else {
            greedy(&mut steps, config, &limits, forced)
        };
        drop(steps);
        let lengths: Vec<usize> = sentences.iter().map(Vec::len).collect();
        let targets: Vec<&[i64]> = decoded.iter().map(|d| d.pieces.as_slice()).collect();
        let attention = align::attend(loaded, config, heads, (&states, &mask), &lengths, forced, &targets);
        for (result, attention) in decoded.iter_mut().zip(attention) {
            result.attention = attention;
        }
        decoded
    })
}

/// The attention of given translations over their sentences.
pub fn attend(
    loaded: &Loaded,
    config: &HubConfig,
    heads: &[Head],
    sentences: &[Vec<i64>],
    forced: Option<i64>,
    targets: &[&[i64]],
) -> Vec<Vec<Vec<f32>>> {
    tch::no_grad(|| {
        let (states, mask) = encode(loaded, config, sentences);
        let lengths: Vec<usize> = sentences.iter().map(Vec::len).collect();
        align::attend(loaded, config, heads, (&states, &mask), &lengths, forced, targets)
    })
}

/// The encoder's states of a batch, and where in it there are pieces.
fn encode(loaded: &Loaded, config: &HubConfig, sentences: &[Vec<i64>]) -> (Tensor, Tensor) {
    let (input, mask) = padded(sentences, config.pad_token_id);
    let (input, mask) = (input.to_device(loaded.device), mask.to_device(loaded.device));
    (loaded.network.encode(&input, &mask), mask)
}

/// Longest translation of a sentence of `n` pieces, as our own students are run: what is longer than twice its source is
/// a loop. And never longer than the model has room for, or its authors let it speak.
fn length_limit(n: usize, config: &HubConfig) -> usize {
    (2 * n + 4).min(config.longest().saturating_sub(1))
}

/// One step at a time. Rows of sentences that have ended are fed the padding, until enough have for the batch to be cut.
fn greedy(steps: &mut Steps, config: &HubConfig, limits: &[usize], forced: Option<i64>) -> Vec<Decoded> {
    let mut decoded = vec![Decoded::default(); limits.len()];
    let mut last = steps.begin(forced);
    // The sentence of each row.
    let mut rows: Vec<usize> = (0..limits.len()).collect();
    loop {
        let going = |i: usize| !decoded[i].ended && decoded[i].pieces.len() < limits[i];
        let open: Vec<usize> = (0..rows.len()).filter(|&row| going(rows[row])).collect();
        if open.is_empty() {
            break;
        }
        if worth_cutting(open.len(), rows.len()) {
            steps.keep(&open);
            last = open.iter().map(|&row| last[row]).collect();
            rows = open.iter().map(|&row| rows[row]).collect();
        }
        let (best, pieces) = steps.next(&last).max_dim(-1, false);
        let best: Vec<f32> = numbers(&best);
        let pieces: Vec<i64> = numbers(&pieces);
        for (row, &i) in rows.iter().enumerate() {
            let result = &mut decoded[i];
            if result.ended || result.pieces.len() >= limits[i] {
                last[row] = config.pad_token_id;
                continue;
            }
            result.score += best[row];
            if pieces[row] == config.eos_token_id {
                result.ended = true;
            } else {
                result.pieces.push(pieces[row]);
            }
            last[row] = pieces[row];
        }
    }
    for result in &mut decoded {
        let scored = result.pieces.len() + usize::from(result.ended);
        result.score /= scored.max(1) as f32;
    }
    decoded
}

/// Whether so few of the rows go on that it pays to copy what they need.
pub(super) fn worth_cutting(open: usize, rows: usize) -> bool {
    open * 5 <= rows * 4
}

/// The numbers of a tensor, row by row.
pub(super) fn numbers<T>(tensor: &Tensor) -> Vec<T>
where
    Vec<T>: for<'t> TryFrom<&'t Tensor>,
{
    let flat = tensor.to_device(tch::Device::Cpu).contiguous().view([-1]);
    Vec::try_from(&flat).unwrap_or_default()
}

/// Sentences side by side, and a mask that is 1 where there is a piece.
pub(super) fn padded(sentences: &[Vec<i64>], pad: i64) -> (Tensor, Tensor) {
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
