//! The description of the tensors in a `.ot` file. It is written in the language of Python's pickles, so it is read here by a machine
//! that knows the words which libtorch writes for tensors and no others: it makes names, numbers and tuples of them, calls
//! nothing, imports nothing, and refuses every other word. (A pickle is dangerous for what its reader does at its bidding.)

use super::{MOST, MOST_DIMENSIONS, Number, Problem, wrong};
use std::rc::Rc;

/// A tensor, and the storage that its values stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// How its values are stored.
    pub number: Number,
    /// Rows, columns…
    pub shape: Vec<u64>,
    /// The storage's name.
    pub storage: String,
    /// Values of the storage before its first.
    pub offset: u64,
}

/// What can stand on the machine's stack.
#[derive(Debug, Clone)]
enum Value {
    Mark,
    /// Nothing, a truth value, an object: what no tensor is made of.
    Other,
    Number(i64),
    Text(Rc<str>),
    Name(Rc<str>),
    /// Values, and how deep tuples are in it.
    Tuple(Rc<[Value]>, u8),
    Storage(Number, Rc<str>),
    Tensor(Rc<Described>),
    /// The names and values of the module that holds the tensors.
    Entries(Rc<[(Rc<str>, Value)]>),
}

/// Tuples in tuples: a tensor's arguments hold its storage's and its shape.
const DEEPEST: u8 = 3;

struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value>,
    memory: Vec<Value>,
}

/// The tensors that a description names.
pub fn tensors(description: &[u8]) -> Result<Vec<Described>, Problem> {
    let mut machine = Machine { rest: description, stack: Vec::new(), memory: Vec::new() };
    let Some(found) = machine.run() else {
        let at = description.len() - machine.rest.len();
        return wrong(format!("its description of the tensors is not one of libtorch's (byte {at})"));
    };
    if found.len() > MOST {
        return wrong(format!("it claims {} tensors", found.len()));
    }
    Ok(found)
}

impl<'a> Machine<'a> {
    /// Reads to the end; nothing if a word is unknown or makes no sense where it stands.
    fn run(&mut self) -> Option<Vec<Described>> {
        loop {
            match self.byte()? {
                0x80 => (self.byte()? == 2).then_some(())?,
                b'(' => self.stack.push(Value::Mark),
                b')' => self.stack.push(Value::Tuple(Rc::from([]), 1)),
                b'}' => self.stack.push(Value::Entries(Rc::from([]))),
                b'N' | 0x88 | 0x89 => self.stack.push(Value::Other),
                b'K' => self.number(1)?,
                b'M' => self.number(2)?,
                b'J' => self.number(4)?,
                0x8a => {
                    let size = self.byte()?;
                    self.number(usize::from(size))?;
                }
                b'X' => {
                    let length = usize::try_from(little(self.take(4)?)).ok()?;
                    let text = std::str::from_utf8(self.take(length)?).ok()?;
                    self.stack.push(Value::Text(text.into()));
                }
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.stack.push(Value::Name(format!("{module}.{name}").into()));
                }
                word @ (b'q' | b'r') => {
                    let place = self.place(word == b'q')?;
                    // Places are given out in order.
                    (place <= self.memory.len()).then_some(())?;
                    self.memory.truncate(place);
                    self.memory.push(self.stack.last()?.clone());
                }
                word @ (b'h' | b'j') => {
                    let place = self.place(word == b'h')?;
                    self.stack.push(self.memory.get(place)?.clone());
                }
                b't' => {
                    let values = self.since_mark()?;
                    self.tuple(values)?;
                }
                word @ 0x85..=0x87 => {
                    let from = self.stack.len().checked_sub(usize::from(word - 0x84))?;
                    let values = self.stack.split_off(from);
                    self.tuple(values)?;
                }
                b'Q' => {
                    let storage = storage(&self.stack.pop()?)?;
                    self.stack.push(storage);
                }
                b'R' => {
                    let (arguments, name) = (self.stack.pop()?, self.stack.pop()?);
                    self.stack.push(made(&name, &arguments)?);
                }
                0x81 => {
                    // The module itself, without arguments.
                    let (Value::Tuple(none, _), Value::Name(name)) = (self.stack.pop()?, self.stack.pop()?)
                    else {
                        return None;
                    };
                    (none.is_empty() && name.starts_with("__torch__.")).then_some(())?;
                    self.stack.push(Value::Other);
                }
                b'u' => {
                    let values = self.since_mark()?;
                    let Value::Entries(before) = self.stack.pop()? else { return None };
                    // No entries in entries: what nests without bound is freed without bound, too.
                    (before.is_empty() && values.len() % 2 == 0).then_some(())?;
                    let entry = |pair: &[Value]| match pair {
                        [Value::Text(_), Value::Entries(_)] => None,
                        [Value::Text(name), value] => Some((name.clone(), value.clone())),
                        _ => None,
                    };
                    let entries: Option<Rc<[_]>> = values.chunks(2).map(entry).collect();
                    self.stack.push(Value::Entries(entries?));
                }
                b'b' => {
                    let (entries, Value::Other) = (self.stack.pop()?, self.stack.pop()?) else { return None };
                    self.stack.push(entries);
                }
                b'.' => {
                    let Value::Entries(entries) = self.stack.pop()? else { return None };
                    return Some(entries.iter().filter_map(named).collect());
                }
                _ => return None,
            }
        }
    }

    fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(size)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn line(&mut self) -> Option<String> {
        let end = self.rest.iter().position(|&b| b == b'\n')?;
        let line = std::str::from_utf8(self.take(end + 1)?).ok()?;
        Some(line.trim_end_matches('\n').to_owned())
    }

    fn number(&mut self, size: usize) -> Option<()> {
        (size <= 8).then_some(())?;
        let bytes = self.take(size)?;
        let value = i64::from_le_bytes(little(bytes).to_le_bytes());
        // Only the longer ones have a sign, and no number of a table is negative.
        let negative = size >= 4 && bytes.last().is_some_and(|&b| b >= 0x80);
        self.stack.push(Value::Number(if negative { -1 } else { value }));
        Some(())
    }

    fn place(&mut self, short: bool) -> Option<usize> {
        usize::try_from(little(self.take(if short { 1 } else { 4 })?)).ok()
    }

    fn since_mark(&mut self) -> Option<Vec<Value>> {
        let mark = self.stack.iter().rposition(|v| matches!(v, Value::Mark))?;
        let values = self.stack.split_off(mark + 1);
        self.stack.pop();
        Some(values)
    }

    fn tuple(&mut self, values: Vec<Value>) -> Option<()> {
        let depth = |v: &Value| if let Value::Tuple(_, depth) = v { *depth } else { 0 };
        let deepest = 1 + values.iter().map(depth).max().unwrap_or(0);
        (deepest <= DEEPEST && !values.iter().any(|v| matches!(v, Value::Entries(_)))).then_some(())?;
        self.stack.push(Value::Tuple(values.into(), deepest));
        Some(())
    }
}

/// A storage, from what refers to it: `('storage', torch.FloatStorage, '0', 'cpu', 6)`.
fn storage(reference: &Value) -> Option<Value> {
    let Value::Tuple(parts, _) = reference else { return None };
    let [Value::Text(what), Value::Name(kind), Value::Text(key), Value::Text(_), Value::Number(_)] =
        &parts[..]
    else {
        return None;
    };
    (&**what == "storage").then(|| number(kind))?.map(|number| Value::Storage(number, key.clone()))
}

/// What the two functions that libtorch names would make: a tensor, and an empty dictionary.
fn made(name: &Value, arguments: &Value) -> Option<Value> {
    let (Value::Name(name), Value::Tuple(arguments, _)) = (name, arguments) else { return None };
    match &**name {
        "collections.OrderedDict" if arguments.is_empty() => Some(Value::Other),
        "torch._utils._rebuild_tensor_v2" => {
            let [
                Value::Storage(number, key),
                Value::Number(offset),
                Value::Tuple(shape, _),
                Value::Tuple(strides, _),
                Value::Other,
                Value::Other,
            ] = &arguments[..]
            else {
                return None;
            };
            let (shape, strides) = (numbers(shape)?, numbers(strides)?);
            row_by_row(&shape, &strides).then_some(())?;
            Some(Value::Tensor(Rc::new(Described {
                name: String::new(),
                number: *number,
                shape,
                storage: key.to_string(),
                offset: u64::try_from(*offset).ok()?,
            })))
        }
        _ => None,
    }
}

fn numbers(values: &[Value]) -> Option<Vec<u64>> {
    let number = |v: &Value| if let Value::Number(n) = v { u64::try_from(*n).ok() } else { None };
    (values.len() <= MOST_DIMENSIONS).then(|| values.iter().map(number).collect())?
}

/// Whether values stand in the order of rows, so that bytes can be taken as they are.
fn row_by_row(shape: &[u64], strides: &[u64]) -> bool {
    let mut step = Some(1_u64);
    shape.len() == strides.len()
        && shape.iter().zip(strides).rev().all(|(&size, &stride)| {
            let fits = size == 1 || step == Some(stride);
            step = step.and_then(|s| s.checked_mul(size));
            fits
        })
}

fn number(storage: &str) -> Option<Number> {
    Some(match storage {
        "torch.FloatStorage" => Number::Float,
        "torch.HalfStorage" => Number::Half,
        "torch.BFloat16Storage" => Number::BFloat16,
        "torch.DoubleStorage" => Number::Double,
        "torch.LongStorage" => Number::Whole(8),
        "torch.IntStorage" => Number::Whole(4),
        "torch.ShortStorage" => Number::Whole(2),
        "torch.CharStorage" | "torch.ByteStorage" | "torch.BoolStorage" => Number::Whole(1),
        _ => return None,
    })
}

/// An entry that is a tensor, under its name: `tch` writes `|` for the dots, which libtorch allows in no name.
fn named((name, value): &(Rc<str>, Value)) -> Option<Described> {
    let Value::Tensor(tensor) = value else { return None };
    Some(Described { name: name.replace('|', "."), ..(**tensor).clone() })
}

fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}
