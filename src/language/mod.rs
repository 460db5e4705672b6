//! What rules ask about language: lexicons, frequencies, the language model, homographs, names.

use std::sync::OnceLock;

/// Every lexicon and table that rules use, bundled with the program.
#[derive(Debug, Default)]
pub struct Resources {}

impl Resources {
    /// The resources compiled into the program; opened once, shared by all threads.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Resources> = OnceLock::new();
        EMBEDDED.get_or_init(Self::default)
    }
}
