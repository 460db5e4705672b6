//! The model store: downloads against a server of our own, and the `models` verbs from the outside.

mod download;
mod hub;
mod server;
mod store;
mod verbs;
