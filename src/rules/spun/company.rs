//! The company of a form: the spun words near it. A spinner leaves several on a page, so each speaks for the others; but in a
//! long text, or a file of many pages, what stands far away says nothing, and there is always some word that looks spun.

use super::suspect::{Occurrence, Suspect};

/// How many tokens away the farthest word stands that counts. The documents that the weights were fitted on are shorter.
const NEAR: usize = 300;

/// Where the suspects of a first look stand, and how likely each is spun.
#[derive(Debug)]
pub struct Company {
    /// First token of each occurrence and the number of its suspect, in the order of the text.
    places: Vec<(usize, usize)>,
    /// The chance of each suspect.
    chances: Vec<f32>,
}

impl Company {
    /// Of suspects, each with the chance that it is spun.
    pub fn of<'s>(suspects: impl Iterator<Item = (&'s Suspect, f32)>) -> Self {
        let (mut places, mut chances) = (Vec::new(), Vec::new());
        for (n, (suspect, chance)) in suspects.enumerate() {
            places.extend(suspect.occurrences.iter().map(|o| (o.first, n)));
            chances.push(chance);
        }
        places.sort_unstable();
        Self { places, chances }
    }

    /// Spun words that stand near one place, at most, in sum of their chances.
    pub fn most(&self) -> f32 {
        self.places.iter().map(|&(token, _)| self.near(token)).fold(0.0, f32::max)
    }

    /// Spun words near a form, where it has most of them, in sum of their chances. `own` is the form's own chance if it is
    /// one of the suspects, else 0.
    pub fn beside(&self, occurrences: &[Occurrence], own: f32) -> f32 {
        occurrences.iter().map(|o| self.near(o.first) - own).fold(0.0, f32::max)
    }

    /// The sum of the chances of the suspects near a token.
    fn near(&self, token: usize) -> f32 {
        let from = self.places.partition_point(|&(at, _)| at + NEAR < token);
        let within = self.places[from..].iter().take_while(|&&(at, _)| at <= token + NEAR);
        let mut suspects: Vec<usize> = within.map(|&(_, suspect)| suspect).collect();
        suspects.sort_unstable();
        suspects.dedup();
        suspects.iter().map(|&suspect| self.chances[suspect]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::spun::view::Surroundings;
    use crate::text::offset::Span;

    fn suspect(form: &str, tokens: &[usize]) -> Suspect {
        let occurrence = |&first: &usize| Occurrence {
            first,
            last: first,
            span: Span::new(0, 0),
            clashes: Vec::new(),
            around: Surroundings::default(),
            names_beside: 0,
            quoted: false,
            surprising: false,
        };
        let occurrences = tokens.iter().map(occurrence).collect();
        Suspect { form: form.to_owned(), capitalised: false, foreign: true, occurrences }
    }

    #[test]
    fn a_form_counts_once_and_only_where_it_is_near() {
        let (kind, road) = (suspect("kind", &[10, 20, 5_000]), suspect("road", &[100]));
        let far = suspect("automotive", &[9_000]);
        let company = Company::of([(&kind, 0.9), (&road, 0.5), (&far, 0.8)].into_iter());
        assert!((company.most() - 1.4).abs() < 1e-6);
        assert!((company.beside(&kind.occurrences, 0.9) - 0.5).abs() < 1e-6);
        assert!((company.beside(&road.occurrences, 0.5) - 0.9).abs() < 1e-6);
        assert!(company.beside(&far.occurrences, 0.8).abs() < 1e-6);
        assert!((company.beside(&suspect("place", &[4_800]).occurrences, 0.0) - 0.9).abs() < 1e-6);
    }
}
