//! `docs/record.schema.json` is generated from the record's types. Refresh: `RETOUCHE_BLESS=1 cargo test --test schema`.

#[test]
fn the_schema_in_docs_is_that_of_the_types() {
    let schema = schemars::schema_for!(retouche::record::Record);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/record.schema.json");
    if std::env::var_os("RETOUCHE_BLESS").is_some() {
        std::fs::write(path, &text).expect("written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, text, "refresh with RETOUCHE_BLESS=1 cargo test --test schema");
}
