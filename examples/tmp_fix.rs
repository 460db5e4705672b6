//! temp
use retouche::repair::{Policy, Repairer};
use retouche::rules::context::UserLexicon;
use retouche::text::document::Lang;
fn main() {
    let t = std::time::Instant::now();
    let r = Repairer::new(Lang::Fr, Policy::default(), UserLexicon::default());
    eprintln!("load {:?}", t.elapsed());
    let raw = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let t = std::time::Instant::now();
    if std::env::args().nth(2).is_some() {
        let mut n = 0;
        let mut bytes = 0;
        for chunk in raw.lines().collect::<Vec<_>>().chunks(20) {
            let d = chunk.join("\n");
            bytes += d.len();
            n += r.repair(&d).edits.len();
        }
        let s = t.elapsed();
        eprintln!("{n} edits {bytes} bytes {:?} {:.2} MB/s", s, bytes as f64 / 1e6 / s.as_secs_f64());
        return;
    }
    let out = r.repair(&raw);
    for e in &out.edits {
        println!(
            "{:?} {:?} -> {:?} {:.2} {:?}",
            e.status,
            e.finding.span.of(&raw),
            e.finding.proposal.replacement(),
            e.finding.confidence.value(),
            e.finding.why
        );
    }
}
