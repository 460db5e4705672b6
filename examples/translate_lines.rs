//! Translates the lines of a file with a student directory, by our forward pass or by the plain engine, for
//! comparison: `cargo run --release --example translate_lines -- MODEL VOCAB_SRC VOCAB_TRG FILE ours|plain [BATCH [BEAM]]`.

use fxtranslate::{engine::Engine, spm::SpmVocab};
use retouche::translate::forward::Student;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, source, target, file, engine, rest @ ..] = args.as_slice() else {
        return Err("usage: MODEL VOCAB_SRC VOCAB_TRG FILE ours|plain [BATCH [BEAM]]".into());
    };
    let batch: usize = rest.first().map_or(Ok(64), |b| b.parse())?;
    let beam: usize = rest.get(1).map_or(Ok(1), |b| b.parse())?;
    let (model, source, target) = (std::fs::read(model)?, std::fs::read(source)?, std::fs::read(target)?);
    let text = std::fs::read_to_string(file)?;
    let lines: Vec<&str> = text.lines().collect();
    let words: usize = lines.iter().map(|l| l.split_whitespace().count()).sum();
    let (start, mut out) = (Instant::now(), vec![String::new(); lines.len()]);
    if engine == "plain" {
        let engine = Engine::from_bytes(&model, &source, &target)?;
        for (line, slot) in lines.iter().zip(&mut out) {
            *slot = engine.translate(line);
        }
    } else {
        let (source, target) = (SpmVocab::from_bytes(&source), SpmVocab::from_bytes(&target));
        let student = Student::read(&model, target.eos_id())?;
        eprintln!("loaded in {:?}", start.elapsed());
        let ids: Vec<Vec<u32>> = lines.iter().map(|l| source.encode_with_eos(l)).collect();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|&i| ids[i].len());
        for group in order.chunks(batch) {
            let sentences: Vec<Vec<u32>> = group.iter().map(|&i| ids[i].clone()).collect();
            for (&i, decoded) in group.iter().zip(student.translate(&sentences, beam)) {
                out[i] = target.decode(&decoded.pieces);
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{words} words in {seconds:.2} s: {:.0} words/s", words as f64 / seconds);
    out.iter().for_each(|line| println!("{line}"));
    Ok(())
}
