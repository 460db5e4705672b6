//! How fast clean and damaged text pass through repair: `cargo bench`. `scripts/benchmark/` compares with peers.

// `criterion_group!` makes a public function without a comment.
#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use retouche::repair::{Policy, Repairer};
use retouche::rules::context::UserLexicon;
use retouche::text::document::Lang;
use std::hint::black_box;

fn repair(criterion: &mut Criterion) {
    let repairer = Repairer::new(Lang::Fr, Policy::default(), UserLexicon::default());
    let mut group = criterion.benchmark_group("repair");
    for (name, text) in [
        ("clean", include_str!("../tests/golden/propre.txt")),
        ("damaged", include_str!("../tests/golden/front.txt")),
    ] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| repairer.repair(black_box(text))));
    }
    group.finish();
}

criterion_group!(benches, repair);
criterion_main!(benches);
