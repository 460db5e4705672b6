//! Beam search: several hypotheses of each sentence go on side by side, the best by mean log-probability wins.
//!
//! As Marian does it: a finished hypothesis leaves its place empty, and a sentence is done when all places are.

use super::decoding::Decoding;
use super::symbols::Left;
use super::{Decoded, Student, layers, length_limit};
use pulp::Arch;
use std::ops::Range;

/// A piece of a hypothesis, and the pieces before it.
struct Node {
    parent: Option<usize>,
    piece: u32,
    attention: Vec<f32>,
}

/// A translation so far: one row of the decoder.
#[derive(Clone, Copy)]
struct Hypothesis {
    sentence: usize,
    /// Its last piece; none before the first step.
    node: Option<usize>,
    length: usize,
    /// Sum of the log-probabilities of its pieces.
    score: f32,
    /// The symbols that it may still say.
    left: Left,
}

/// The best finished hypothesis of a sentence.
#[derive(Clone, Copy)]
struct Finished {
    hypothesis: Hypothesis,
    ended: bool,
    /// Log-probability of a piece in the mean, the end of sentence included.
    mean: f32,
}

/// Decodes each sentence with at most `width` hypotheses; scores are sums over pieces, as greedy decoding leaves them.
pub fn search(
    student: &Student,
    sentences: &[Vec<u32>],
    (states, rows): (&[f32], &[Range<usize>]),
    width: usize,
    decoded: &mut [Decoded],
) {
    let mut decoding = Decoding::new(student, states, rows);
    let mut alive: Vec<Hypothesis> = decoding
        .active
        .iter()
        .map(|&sentence| Hypothesis {
            sentence,
            node: None,
            length: 0,
            score: 0.0,
            left: student.symbols.of(&sentences[sentence]),
        })
        .collect();
    let mut nodes: Vec<Node> = Vec::new();
    let mut best: Vec<Option<Finished>> = vec![None; rows.len()];
    let mut places = vec![width; rows.len()];
    let (mut logits, mut attended) = (Vec::new(), Vec::new());
    for step in 0.. {
        if alive.is_empty() {
            break;
        }
        attended.clear();
        let last = |row: usize| alive[row].node.map(|node| nodes[node].piece);
        decoding.step(step, last, |_, weights| attended.push(weights.to_vec()));
        decoding.logits(&mut logits);
        let columns = student.weights.output.columns();
        let (mut next, mut kept) = (Vec::new(), Vec::new());
        let mut first = 0;
        while first < alive.len() {
            let sentence = alive[first].sentence;
            let end = first + alive[first..].iter().take_while(|h| h.sentence == sentence).count();
            let mut steps: Vec<(f32, usize, u32)> = Vec::new();
            for row in first..end {
                let of_row = &mut logits[row * columns..(row + 1) * columns];
                student.symbols.shut_out(alive[row].left, of_row);
                for (piece, log_probability) in likeliest(student.processor.arch, of_row, places[sentence]) {
                    steps.push((alive[row].score + log_probability, row, piece));
                }
            }
            // Equal scores go by row and piece, so that the result does not depend on the sort.
            steps.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
            for (score, row, piece) in steps.into_iter().take(places[sentence]) {
                let before = alive[row];
                let ended = piece == student.end;
                let mut hypothesis = Hypothesis { score, ..before };
                if !ended {
                    nodes.push(Node { parent: before.node, piece, attention: attended[row].clone() });
                    hypothesis.node = Some(nodes.len() - 1);
                    hypothesis.length += 1;
                    hypothesis.left = student.symbols.after(before.left, piece);
                }
                if ended || hypothesis.length >= length_limit(rows[sentence].len()) {
                    places[sentence] -= 1;
                    let mean = score / (hypothesis.length + usize::from(ended)) as f32;
                    let finished = Finished { hypothesis, ended, mean };
                    let better = |old: Finished| (ended, mean) > (old.ended, old.mean);
                    if best[sentence].is_none_or(better) {
                        best[sentence] = Some(finished);
                    }
                } else {
                    next.push(hypothesis);
                    kept.push(row);
                }
            }
            first = end;
        }
        decoding.select(&kept);
        alive = next;
    }
    for (result, finished) in decoded.iter_mut().zip(best) {
        let Some(Finished { hypothesis, ended, .. }) = finished else { continue };
        result.score = hypothesis.score;
        result.ended = ended;
        let mut at = hypothesis.node;
        while let Some(node) = at.and_then(|at| nodes.get_mut(at)) {
            result.pieces.push(node.piece);
            result.attention.push(std::mem::take(&mut node.attention));
            at = node.parent;
        }
        result.pieces.reverse();
        result.attention.reverse();
    }
}

/// The `count` likeliest pieces with their log-probabilities, best first; of equals, the first.
fn likeliest(arch: Arch, logits: &[f32], count: usize) -> Vec<(u32, f32)> {
    let (place, log_probability) = layers::best(arch, logits);
    let shift = log_probability - logits[place];
    let mut found: Vec<(u32, f32)> = Vec::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (n, chunk) in logits.chunks(16).enumerate() {
        if !chunk.iter().any(|&logit| logit > least) {
            continue;
        }
        for (i, &logit) in chunk.iter().enumerate() {
            if logit > least || found.len() < count {
                let at = found.partition_point(|&(_, other)| other >= logit);
                found.insert(at, ((16 * n + i) as u32, logit));
                found.truncate(count);
                if found.len() == count {
                    least = found[count - 1].1;
                }
            }
        }
    }
    found.iter_mut().for_each(|(_, logit)| *logit += shift);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_pieces_come_in_order_with_their_log_probabilities() {
        let logits: Vec<f32> = (0..100).map(|i| if i == 40 { 9.0 } else { (i % 7) as f32 }).collect();
        let found = likeliest(Arch::new(), &logits, 3);
        assert_eq!(found.iter().map(|(piece, _)| *piece).collect::<Vec<_>>(), [40, 6, 13]);
        let sum: f32 = logits.iter().map(|l| l.exp()).sum();
        assert!((found[0].1 - (9.0_f32.exp() / sum).ln()).abs() < 1e-4);
        assert!((found[1].1 - (6.0_f32.exp() / sum).ln()).abs() < 1e-4);
    }
}
