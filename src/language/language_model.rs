//! A French trigram model: how well a word fits between its neighbours.
//!
//! Interpolated Kneser–Ney (Chen and Goodman 1999), pruned by weighted difference, 8-bit log probabilities, read in
//! place as a trie of sorted arrays: a word's bigrams are contiguous and sorted by their second word, a bigram's
//! trigrams by their third. A look-up is two or three binary searches. Trained by
//! `scripts/resources/train_language_model.py`; the card beside the file names the sources.

use super::bytes::{Reader, TableError, find_u16, u24_at, u32_at};
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

    /// log10 P(word), whatever stands before it.
    pub fn frequency(&self, word: Word) -> f32 {
        match word {
            Word::Known(WordId(w)) => self.unigram_score(w),
            Word::Unknown(frequency) => frequency,
        }
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
            && let Some(context) = find_u16(self.second, self.bigrams_of(far), near)
        {
            return self.after_bigram(context, w, || self.bigram_score(near, near_bigrams, w));
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

    /// A place between two words before and up to two after, ready to try many words in it.
    pub fn gap(&self, before: [Word; 2], after: &[Word]) -> Gap<'_> {
        let near = known(before[1]).map(|near| self.bigrams_of(near));
        let context = match (known(before[0]), known(before[1])) {
            (Some(far), Some(near)) => find_u16(self.second, self.bigrams_of(far), near),
            _ => None,
        };
        let after = [after.first().copied(), after.get(1).copied()];
        let beyond = match after {
            [Some(first), Some(second)] => self.score([Word::Unknown(ABSENT), first], second),
            _ => 0.0,
        };
        Gap { model: self, before: known(before[1]), near, context, after, beyond }
    }

    /// The trigrams of a bigram.
    fn trigrams_of(&self, bigram: usize) -> std::ops::Range<usize> {
        u24_at(self.first_trigram, bigram) as usize..u24_at(self.first_trigram, bigram + 1) as usize
    }

    /// log10 P(word | a known bigram), by the trigram or by the shorter context's `backed_off`.
    fn after_bigram(&self, context: usize, word: u16, backed_off: impl FnOnce() -> f32) -> f32 {
        match find_u16(self.third, self.trigrams_of(context), word) {
            Some(at) => log10(self.trigram, at),
            None => log10(self.bigram_backoff, context) + backed_off(),
        }
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
        match find_u16(self.second, range, word) {
            Some(at) => log10(self.bigram, at),
            None => log10(self.unigram_backoff, usize::from(near)) + self.unigram_score(word),
        }
    }

    fn unigram_score(&self, word: u16) -> f32 {
        log10(self.unigram, usize::from(word))
    }
}

/// A place in a text, with everything looked up that does not depend on the word tried there.
#[derive(Debug)]
pub struct Gap<'m> {
    model: &'m LanguageModel,
    /// The word right before.
    before: Option<u16>,
    /// Its bigrams.
    near: Option<std::ops::Range<usize>>,
    /// The bigram of the two words before.
    context: Option<usize>,
    after: [Option<Word>; 2],
    /// log10 P(second word after | first word after).
    beyond: f32,
}

impl Gap<'_> {
    /// What [`LanguageModel::fit`] says of one word here.
    pub fn fit(&self, word: Word) -> f32 {
        let model = self.model;
        let Some(w) = known(word) else {
            let first = self.after[0].map_or(0.0, |first| model.score([Word::Unknown(ABSENT), word], first));
            return model.score([Word::Unknown(ABSENT); 2], word) + first + self.beyond;
        };
        let bigram = self.near.clone().and_then(|near| find_u16(model.second, near, w));
        let shorter = || match (bigram, self.before) {
            (Some(at), _) => log10(model.bigram, at),
            (None, Some(before)) => {
                log10(model.unigram_backoff, usize::from(before)) + model.unigram_score(w)
            }
            (None, None) => model.unigram_score(w),
        };
        let here = match self.context {
            Some(context) => model.after_bigram(context, w, shorter),
            None => shorter(),
        };
        here + self.then(w, bigram)
    }

    /// The part of [`Self::fit`] that the words after make, given the word tried and its bigram with the word before.
    fn then(&self, w: u16, bigram: Option<usize>) -> f32 {
        let (model, [Some(first), second]) = (self.model, self.after) else { return 0.0 };
        let Some(first) = known(first) else {
            return model.score([Word::Unknown(ABSENT); 2], first) + self.beyond;
        };
        let pair = find_u16(model.second, model.bigrams_of(w), first);
        let shorter = || match pair {
            Some(at) => log10(model.bigram, at),
            None => log10(model.unigram_backoff, usize::from(w)) + model.unigram_score(first),
        };
        let one = match bigram {
            Some(context) => model.after_bigram(context, first, shorter),
            None => shorter(),
        };
        let two = match (second.map(known), pair) {
            (Some(Some(second)), Some(pair)) => model.after_bigram(pair, second, || self.beyond),
            _ => self.beyond,
        };
        one + two
    }
}

/// The number of a word that the model knows.
const fn known(word: Word) -> Option<u16> {
    match word {
        Word::Known(WordId(number)) => Some(number),
        Word::Unknown(_) => None,
    }
}

fn log10(array: &[u8], at: usize) -> f32 {
    array.get(at).map_or(ABSENT, |&step| -f32::from(step) / STEPS)
}
