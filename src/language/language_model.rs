//! A French trigram model: how well a word fits between its neighbours.
//!
//! Interpolated Kneser–Ney (Chen and Goodman 1999), pruned by weighted difference, 8-bit log probabilities, read in
//! place as a trie of sorted arrays: a word's bigrams are contiguous and sorted by their second word, a bigram's
//! trigrams by their third. A look-up is two or three binary searches. Trained by
//! `scripts/resources/train_language_model.py`; the card beside the file names the sources.

use super::bytes::{Reader, TableError, u16_at, u24_at, u32_at};
use super::frequency::{ABSENT, Frequencies};

/// Steps of a stored log10 probability.
const STEPS: f32 = 32.0;
/// What an unknown word costs beyond its own frequency (log10): the model has no place for it.
const UNKNOWN_PENALTY: f32 = 0.5;

/// A word of the model's vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WordId(u16);

impl WordId {
    /// Its place in the vocabulary.
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// A word in a context: known to the model, or only to the frequency list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Word {
    /// In the vocabulary.
    Known(WordId),
    /// Not in the vocabulary; carries log10 of its frequency in French at large.
    Unknown(f32),
}

/// The model, read in place.
#[derive(Debug)]
pub struct LanguageModel {
    words: &'static [u8],
    word_starts: &'static [u8],
    unigram: &'static [u8],
    unigram_backoff: &'static [u8],
    first_bigram: &'static [u8],
    second: &'static [u8],
    bigram: &'static [u8],
    bigram_backoff: &'static [u8],
    first_trigram: &'static [u8],
    third: &'static [u8],
    trigram: &'static [u8],
    size: usize,
    start: u16,
    end: u16,
    number: u16,
}

impl LanguageModel {
    /// Opens a model in place, checking that all parts are there.
    pub fn open(bytes: &'static [u8]) -> Result<Self, TableError> {
        let mut reader = Reader::new("language model", "RTLM0001", bytes)?;
        let size = reader.length("header")?;
        let (bigrams, trigrams) = (reader.length("header")?, reader.length("header")?);
        let list = reader.length("header")?;
        if size == 0 || size > 1 << 16 {
            return Err(reader.inconsistent("word count"));
        }
        let mut model = Self {
            words: reader.take("words", list)?,
            word_starts: reader.take("words", 4 * (size + 1))?,
            unigram: reader.take("unigrams", size)?,
            unigram_backoff: reader.take("unigrams", size)?,
            first_bigram: reader.take("unigrams", 4 * (size + 1))?,
            second: reader.take("bigrams", bigrams.saturating_mul(2))?,
            bigram: reader.take("bigrams", bigrams)?,
            bigram_backoff: reader.take("bigrams", bigrams)?,
            first_trigram: reader.take("bigrams", bigrams.saturating_add(1).saturating_mul(3))?,
            third: reader.take("trigrams", trigrams.saturating_mul(2))?,
            trigram: reader.take("trigrams", trigrams)?,
            size,
            start: 0,
            end: 0,
            number: 0,
        };
        if !reader.is_done() {
            return Err(reader.inconsistent("length"));
        }
        for (word, place) in [("<s>", 0), ("</s>", 1), ("<num>", 2)] {
            let id = model.id(word).ok_or_else(|| reader.inconsistent("vocabulary"))?;
            *[&mut model.start, &mut model.end, &mut model.number][place] = id.0;
        }
        Ok(model)
    }

    /// The start of a sentence.
    pub fn start(&self) -> Word {
        Word::Known(WordId(self.start))
    }

    /// The end of a sentence.
    pub fn end(&self) -> Word {
        Word::Known(WordId(self.end))
    }

    /// Any number.
    pub fn number(&self) -> Word {
        Word::Known(WordId(self.number))
    }

    /// The word with this id, whatever it is.
    #[cfg(test)]
    pub(super) const fn nth(&self, id: u16) -> Word {
        Word::Known(WordId(id))
    }

    /// The id of a lower-case word with straight apostrophes.
    pub fn id(&self, word: &str) -> Option<WordId> {
        let (mut low, mut high) = (0, self.size);
        while low < high {
            let middle = (low + high) / 2;
            match self.word(middle).cmp(word.as_bytes()) {
                std::cmp::Ordering::Equal => return u16::try_from(middle).ok().map(WordId),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// A word as the model sees it; `frequencies` speak for words outside its vocabulary.
    pub fn look_up(&self, word: &str, frequencies: &Frequencies) -> Word {
        self.id(word).map_or_else(|| Word::Unknown(frequencies.get(word).fr), Word::Known)
    }

    /// log10 P(word | two words before).
    pub fn score(&self, before: [Word; 2], word: Word) -> f32 {
        let Word::Known(WordId(w)) = word else {
            let Word::Unknown(frequency) = word else { return ABSENT };
            // The backoff weights that a known rare word would pay, roughly, plus the penalty.
            return frequency - UNKNOWN_PENALTY;
        };
        let Word::Known(WordId(near)) = before[1] else { return self.unigram_score(w) };
        let near_bigrams = self.bigrams_of(near);
        if let Word::Known(WordId(far)) = before[0]
            && let Some(context) = find(self.second, self.bigrams_of(far), near)
        {
            let range = u24_at(self.first_trigram, context) as usize
                ..u24_at(self.first_trigram, context + 1) as usize;
            return match find(self.third, range, w) {
                Some(at) => log10(self.trigram, at),
                None => log10(self.bigram_backoff, context) + self.bigram_score(near, near_bigrams, w),
            };
        }
        self.bigram_score(near, near_bigrams, w)
    }

    /// How well `words` fit between `before` and `after`: the sum of log10 P over the words and up to two after them.
    pub fn fit(&self, before: [Word; 2], words: &[Word], after: &[Word]) -> f32 {
        let mut context = before;
        let mut total = 0.0;
        for &word in words.iter().chain(after.iter().take(2)) {
            total += self.score(context, word);
            context = [context[1], word];
        }
        total
    }

    fn word(&self, i: usize) -> &'static [u8] {
        let (from, to) = (u32_at(self.word_starts, i) as usize, u32_at(self.word_starts, i + 1) as usize);
        self.words.get(from..to.saturating_sub(1)).unwrap_or(&[])
    }

    fn bigrams_of(&self, word: u16) -> std::ops::Range<usize> {
        let i = usize::from(word);
        u32_at(self.first_bigram, i) as usize..u32_at(self.first_bigram, i + 1) as usize
    }

    fn bigram_score(&self, near: u16, range: std::ops::Range<usize>, word: u16) -> f32 {
        match find(self.second, range, word) {
            Some(at) => log10(self.bigram, at),
            None => log10(self.unigram_backoff, usize::from(near)) + self.unigram_score(word),
        }
    }

    fn unigram_score(&self, word: u16) -> f32 {
        log10(self.unigram, usize::from(word))
    }
}

/// The place of `word` in a sorted stretch of u16.
fn find(array: &[u8], range: std::ops::Range<usize>, word: u16) -> Option<usize> {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = (low + high) / 2;
        match u16_at(array, middle).cmp(&word) {
            std::cmp::Ordering::Equal => return Some(middle),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    None
}

fn log10(array: &[u8], at: usize) -> f32 {
    array.get(at).map_or(ABSENT, |&step| -f32::from(step) / STEPS)
}
