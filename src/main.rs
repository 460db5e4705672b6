//! The `retouche` command: parse and dispatch, nothing else.

fn main() {}
