//! Validation of Marian binary models before any engine sees them.
//!
//! The engine trusts counts in the file: a hostile header makes it ask for terabytes or index past a tensor's end.
//! Everything it will rely on is checked here against the length of the file, without allocating by the file's word.
//!
//! Layout (little-endian; `marian/src/common/binary.cpp`): version, item count, one header of four `u64` an item
//! (name length, type, shape length, data length), the names, the shapes (`i32`), a gap (its length first), the data.

use super::ModelError;
use std::collections::HashMap;

/// More items than any known model has; a real student has about 200.
const MAX_ITEMS: usize = 10_000;
/// Marian's type codes: the class in the high bits, the width in bytes in the low ones.
pub(crate) const FLOAT32: u64 = 0x0404;
const INT8: u64 = 0x0101;
const INTGEMM8: u64 = 0x4101;

/// What a valid model file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarianSummary {
    /// Number of tensors.
    pub items: usize,
    /// Width of embeddings.
    pub dim: usize,
    /// Rows of the source embedding.
    pub source_vocabulary: usize,
    /// Rows of the target embedding.
    pub target_vocabulary: usize,
}

/// One tensor of a model file, still in the file's own bytes.
#[derive(Debug)]
pub struct Item<'a> {
    kind: u64,
    shape: Vec<usize>,
    data: &'a [u8],
}

impl Item<'_> {
    /// Rows, columns…
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of values.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes as text, for the configuration that Marian keeps in the file.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.data).trim_end_matches('\0').to_owned()
    }

    /// The values where they are 8-bit integers, and what each step of them is worth. A matrix of them is stored
    /// transposed, embeddings are not.
    pub fn integers(&self) -> Option<(&[u8], f32)> {
        let n = self.elements();
        (self.kind == INTGEMM8).then(|| (&self.data[..n], 1.0 / float(&self.data[n..n + 4])))
    }

    /// The values as floats, in the order of the file: quantised ones divided by their multiplier.
    pub fn to_f32(&self) -> Vec<f32> {
        let n = self.elements();
        if self.kind == FLOAT32 {
            return self.data[..n * 4].chunks_exact(4).map(float).collect();
        }
        let (values, scale) = self.integers().unwrap_or((&self.data[..n], 1.0));
        values.iter().map(|&b| f32::from(b.cast_signed()) * scale).collect()
    }
}

fn float(four: &[u8]) -> f32 {
    f32::from_le_bytes([four[0], four[1], four[2], four[3]])
}

/// The tensors of a student by name, after every check of [`validate`].
///
/// # Errors
/// [`ModelError::Invalid`] with the first thing that is wrong.
pub fn read(bytes: &[u8]) -> Result<HashMap<String, Item<'_>>, ModelError> {
    validate(bytes)?;
    parse(bytes)
}

/// Checks a Marian student: structure, tensor sizes, the shapes the engine relies on, finite numbers.
///
/// # Errors
/// [`ModelError::Invalid`] with the first thing that is wrong.
pub fn validate(bytes: &[u8]) -> Result<MarianSummary, ModelError> {
    let items = parse(bytes)?;
    for (name, item) in &items {
        check_item(name, item)?;
    }
    let (target, source) =
        if items.contains_key("Wemb") { ("Wemb", "Wemb") } else { ("decoder_Wemb", "encoder_Wemb") };
    let (target_vocabulary, dim) = matrix(&items, target)?;
    let (source_vocabulary, source_dim) = matrix(&items, source)?;
    if dim == 0 || dim != source_dim || target_vocabulary < 2 || source_vocabulary < 2 {
        return Err(ModelError::invalid("the source and target embeddings do not fit each other"));
    }
    for (name, wanted) in [("decoder_ff_logit_out_b", target_vocabulary)] {
        if let Some(item) = items.get(name)
            && item.elements() != wanted
        {
            return Err(ModelError::invalid(format!(
                "`{name}` has {} values, not {wanted}",
                item.elements()
            )));
        }
    }
    check_layers(&items, dim)?;
    Ok(MarianSummary { items: items.len(), dim, source_vocabulary, target_vocabulary })
}

fn parse(bytes: &[u8]) -> Result<HashMap<String, Item<'_>>, ModelError> {
    let mut reader = Reader { bytes, at: 0 };
    let version = reader.u64()?;
    if version != 1 {
        return Err(ModelError::invalid(format!("version {version} of the Marian format is not known")));
    }
    let count = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
    // A header takes 32 bytes, so the file itself bounds the count.
    if count == 0 || count > MAX_ITEMS || count > bytes.len() / 32 {
        return Err(ModelError::invalid(format!("it claims {count} tensors")));
    }
    let mut headers = Vec::with_capacity(count);
    for _ in 0..count {
        headers.push([reader.size()?, reader.size()?, reader.size()?, reader.size()?]);
    }
    let mut names = Vec::with_capacity(count);
    for header in &headers {
        let raw = reader.take(header[0])?;
        let end = raw.iter().position(|&b| b == 0).unwrap_or(raw.len());
        let name =
            std::str::from_utf8(&raw[..end]).map_err(|_| ModelError::invalid("a name is not UTF-8"))?;
        names.push(name.to_owned());
    }
    let mut shapes = Vec::with_capacity(count);
    for header in &headers {
        if header[2] > 8 {
            return Err(ModelError::invalid(format!("a tensor has {} dimensions", header[2])));
        }
        let mut shape = Vec::with_capacity(header[2]);
        for _ in 0..header[2] {
            shape.push(reader.dimension()?);
        }
        shapes.push(shape);
    }
    let gap = reader.size()?;
    reader.take(gap)?;
    let mut items = HashMap::with_capacity(count);
    for ((header, name), shape) in headers.iter().zip(names).zip(shapes) {
        let item = Item { kind: header[1] as u64, shape, data: reader.take(header[3])? };
        if items.insert(name.clone(), item).is_some() {
            return Err(ModelError::invalid(format!("the tensor `{name}` stands twice")));
        }
    }
    Ok(items)
}

/// Size of the data against the shape, and finite values.
fn check_item(name: &str, item: &Item<'_>) -> Result<(), ModelError> {
    let elements = item
        .shape
        .iter()
        .try_fold(1_usize, |product, &d| product.checked_mul(d))
        .ok_or_else(|| ModelError::invalid(format!("the shape of `{name}` overflows")))?;
    let needed = match item.kind {
        FLOAT32 => elements.checked_mul(4),
        INTGEMM8 => elements.checked_add(4),
        INT8 => Some(elements),
        kind => return Err(ModelError::invalid(format!("`{name}` has the unknown type {kind:#x}"))),
    };
    if needed.is_none_or(|needed| needed > item.data.len()) {
        return Err(ModelError::invalid(format!("`{name}` is shorter than its shape {:?}", item.shape)));
    }
    let finite = |at: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(&item.data[at..at + 4]);
        f32::from_le_bytes(four).is_finite()
    };
    let all_finite = match item.kind {
        FLOAT32 => (0..elements).all(|i| finite(i * 4)),
        INTGEMM8 => {
            let mut four = [0; 4];
            four.copy_from_slice(&item.data[elements..elements + 4]);
            let scale = f32::from_le_bytes(four);
            scale.is_finite() && scale != 0.0
        }
        _ => true,
    };
    if !all_finite || (name != "special:model.yml" && elements == 0) {
        return Err(ModelError::invalid(format!("`{name}` holds values that are not finite, or none")));
    }
    Ok(())
}

/// Weight and bias pairs `…_W1`/`…_b1` must fit, and every scale of a layer norm must be as wide as the model.
fn check_layers(items: &HashMap<String, Item<'_>>, dim: usize) -> Result<(), ModelError> {
    let mut encoder_layers = 0;
    for (name, item) in items {
        if name.ends_with("_ln_scale") || name.ends_with("_ln_bias") {
            if item.elements() != dim || item.kind != FLOAT32 {
                return Err(ModelError::invalid(format!("`{name}` is not {dim} floats wide")));
            }
        } else if name.ends_with("QuantMultA") {
            if item.elements() != 1 {
                return Err(ModelError::invalid(format!("`{name}` is not one number")));
            }
        } else if let Some((stem, suffix)) = name.rsplit_once('_')
            && let Some(number) = suffix.strip_prefix('W')
            && stem != "decoder"
            && stem != "encoder"
            && number != "emb"
        {
            let (rows, columns) = matrix(items, name)?;
            if rows == 0 || columns == 0 {
                return Err(ModelError::invalid(format!("`{name}` is empty")));
            }
            let bias = format!("{stem}_b{number}");
            if let Some(bias_item) = items.get(&bias)
                && bias_item.elements() != columns
            {
                return Err(ModelError::invalid(format!("`{bias}` does not fit `{name}`")));
            }
        }
        if name.starts_with("encoder_l") && name.ends_with("_self_Wq") {
            encoder_layers += 1;
            if matrix(items, name)? != (dim, dim) {
                return Err(ModelError::invalid(format!("`{name}` is not {dim} × {dim}")));
            }
        }
    }
    if encoder_layers == 0 {
        return Err(ModelError::invalid("it has no encoder layer: not a translation student"));
    }
    Ok(())
}

fn matrix(items: &HashMap<String, Item<'_>>, name: &str) -> Result<(usize, usize), ModelError> {
    let item = items.get(name).ok_or_else(|| ModelError::invalid(format!("it has no `{name}`")))?;
    match item.shape.as_slice() {
        [rows, columns] => Ok((*rows, *columns)),
        shape => Err(ModelError::invalid(format!("`{name}` has the shape {shape:?}, not a matrix"))),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ModelError> {
        let end = self.at.checked_add(length);
        let slice = end.and_then(|end| self.bytes.get(self.at..end));
        let slice = slice.ok_or_else(|| ModelError::invalid("the file ends before its contents do"))?;
        self.at += length;
        Ok(slice)
    }

    fn u64(&mut self) -> Result<u64, ModelError> {
        let mut eight = [0; 8];
        eight.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(eight))
    }

    fn size(&mut self) -> Result<usize, ModelError> {
        usize::try_from(self.u64()?).map_err(|_| ModelError::invalid("a size does not fit this machine"))
    }

    fn dimension(&mut self) -> Result<usize, ModelError> {
        let mut four = [0; 4];
        four.copy_from_slice(self.take(4)?);
        usize::try_from(i32::from_le_bytes(four)).map_err(|_| ModelError::invalid("a dimension is negative"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A tensor to be written: name, type, shape, data.
    pub(crate) type Written<'a> = (&'a str, u64, Vec<i32>, Vec<u8>);

    pub(crate) fn floats(n: usize) -> Vec<u8> {
        vec![0.5_f32; n].iter().flat_map(|f| f.to_le_bytes()).collect()
    }

    /// A tiny but complete file: tied embeddings, one encoder weight, its bias, one layer norm.
    fn tiny() -> Vec<u8> {
        let quantised = |n: usize| {
            let mut data = vec![1_u8; n];
            data.extend(2.0_f32.to_le_bytes());
            data
        };
        file(&[
            ("Wemb", INTGEMM8, vec![8, 4], quantised(32)),
            ("encoder_l1_self_Wq", INTGEMM8, vec![4, 4], quantised(16)),
            ("encoder_l1_self_bq", FLOAT32, vec![1, 4], floats(4)),
            ("encoder_l1_self_Wo_ln_scale", FLOAT32, vec![1, 4], floats(4)),
        ])
    }

    /// A file with these tensors.
    pub(crate) fn file(items: &[Written<'_>]) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(1_u64.to_le_bytes());
        file.extend((items.len() as u64).to_le_bytes());
        for (name, kind, shape, data) in items {
            for n in [name.len() as u64 + 1, *kind, shape.len() as u64, data.len() as u64] {
                file.extend(n.to_le_bytes());
            }
        }
        items.iter().for_each(|(name, ..)| file.extend(format!("{name}\0").bytes()));
        items.iter().for_each(|(_, _, shape, _)| shape.iter().for_each(|d| file.extend(d.to_le_bytes())));
        file.extend(0_u64.to_le_bytes());
        items.iter().for_each(|(.., data)| file.extend(data));
        file
    }

    #[test]
    fn a_well_formed_file_passes() {
        let summary = validate(&tiny()).expect("valid");
        assert_eq!(summary, MarianSummary { items: 4, dim: 4, source_vocabulary: 8, target_vocabulary: 8 });
    }

    #[test]
    fn sixteen_bytes_with_a_huge_count_are_refused() {
        let mut file = 1_u64.to_le_bytes().to_vec();
        file.extend(u64::MAX.to_le_bytes());
        assert!(matches!(validate(&file), Err(ModelError::Invalid(_))));
    }

    #[test]
    fn every_truncation_is_refused() {
        let file = tiny();
        for length in 0..file.len() {
            assert!(validate(&file[..length]).is_err(), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(at in 0_usize..400, byte: u8, more: u64) {
            let mut file = tiny();
            let at = at % file.len();
            file[at] = byte;
            let _ = validate(&file);
            let at = at.min(file.len() - 8);
            file[at..at + 8].copy_from_slice(&more.to_le_bytes());
            let _ = validate(&file);
        }
    }
}
