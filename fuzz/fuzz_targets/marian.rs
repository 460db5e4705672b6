//! Any bytes are a valid student or a typed error, and reading one takes no more memory than its file suggests. What the
//! validator and the engine's reader let through can be run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retouche::models::marian;
use retouche::translate::forward::Student;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(items) = marian::read(bytes) {
        for item in items.values() {
            let _ = (item.to_f32(), item.text());
        }
        if let Ok(student) = Student::read(bytes, 0) {
            let sentences = [vec![2, 3, 0], vec![], vec![u32::MAX, 0]];
            for beam in [1, 2] {
                assert_eq!(student.translate(&sentences, beam).len(), 3);
            }
            let _ = student.attend(&sentences, &[vec![2, u32::MAX], vec![1], vec![]]);
        }
    }
});
