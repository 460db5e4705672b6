//! The model store: downloads against a server of our own, and the `models` verbs from the outside.

mod download;
mod server;
mod verbs;
