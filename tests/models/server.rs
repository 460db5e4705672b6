//! A small HTTP server for tests that does what it is told: whole files, broken ones, redirects, silence.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as far as tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    pub range: Option<u64>,
    pub if_range: Option<String>,
    /// How many requests for this path came before.
    pub nth: usize,
}

/// What to answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The whole body, or the part that was asked for.
    Whole(Vec<u8>),
    /// The same with an `ETag`; `If-Range` is honoured.
    Tagged(Vec<u8>, &'static str),
    /// Promises the whole body and closes after some bytes of it.
    Cut(Vec<u8>, usize),
    /// Promises the whole body and falls silent after some bytes of it.
    Stall(Vec<u8>, usize),
    /// The whole body, a byte every few milliseconds.
    Trickle(Vec<u8>),
    /// The whole body whatever part was asked for.
    NoRanges(Vec<u8>),
    /// A part that begins elsewhere than asked for.
    WrongPart(Vec<u8>),
    /// The body without its length.
    Unmeasured(Vec<u8>),
    /// No answer at all.
    Silent,
    Status(u16),
    Redirect(String),
}

/// A running server; it ends with the test's process.
pub struct Server {
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server that answers each request as `script` says.
    pub fn start(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (seen.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, script) = (log.clone(), script.clone());
                std::thread::spawn(move || {
                    // A client that goes away is part of some tests.
                    let _ = serve(&stream, &log, script.as_ref());
                });
            }
        });
        Self { url, seen }
    }

    /// Serves files by path; anything else is not found.
    pub fn files(files: HashMap<String, Vec<u8>>) -> Self {
        Self::start(move |r| files.get(&r.path).map_or(Reply::Status(404), |body| Reply::Whole(body.clone())))
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("no panic before").clone()
    }
}

fn serve(
    stream: &TcpStream,
    log: &Mutex<Vec<Request>>,
    script: &(impl Fn(&Request) -> Reply + ?Sized),
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut request = Request { path, range: None, if_range: None, nth: 0 };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "range" => {
                request.range = value.trim_start_matches("bytes=").trim_end_matches('-').parse().ok();
            }
            "if-range" => request.if_range = Some(value.to_owned()),
            _ => {}
        }
    }
    {
        let mut log = log.lock().expect("no panic before");
        request.nth = log.iter().filter(|r| r.path == request.path).count();
        log.push(request.clone());
    }
    answer(stream, &request, script(&request))
}

fn answer(mut out: &TcpStream, request: &Request, reply: Reply) -> std::io::Result<()> {
    let head =
        |status: &str, headers: &str| format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n");
    let (body, sent, mut from, tag) = match &reply {
        Reply::Status(status) => {
            return out.write_all(head(&format!("{status} x"), "Content-Length: 0\r\n").as_bytes());
        }
        Reply::Redirect(to) => {
            let headers = format!("Location: {to}\r\nContent-Length: 0\r\n");
            return out.write_all(head("302 Found", &headers).as_bytes());
        }
        Reply::Silent => {
            std::thread::sleep(Duration::from_secs(20));
            return Ok(());
        }
        Reply::Unmeasured(body) => {
            out.write_all(head("200 OK", "").as_bytes())?;
            return out.write_all(body);
        }
        Reply::Whole(body) | Reply::Trickle(body) => (body, body.len(), request.range, None),
        Reply::Tagged(body, tag) => (body, body.len(), request.range, Some(*tag)),
        Reply::NoRanges(body) => (body, body.len(), None, None),
        Reply::WrongPart(body) => (body, body.len(), request.range.map(|_| 7), None),
        Reply::Cut(body, sent) | Reply::Stall(body, sent) => (body, *sent, request.range, None),
    };
    if tag.is_some() && request.if_range.as_deref() != tag {
        from = None;
    }
    let start = from.map_or(0, |n| n as usize);
    if start >= body.len() && start > 0 {
        return out.write_all(head("416 x", "Content-Length: 0\r\n").as_bytes());
    }
    let mut headers = format!("Content-Length: {}\r\n", body.len() - start);
    if from.is_some() {
        headers.push_str(&format!("Content-Range: bytes {start}-{}/{}\r\n", body.len() - 1, body.len()));
    }
    if let Some(tag) = tag {
        headers.push_str(&format!("ETag: {tag}\r\n"));
    }
    out.write_all(head(if from.is_some() { "206 Partial Content" } else { "200 OK" }, &headers).as_bytes())?;
    if matches!(reply, Reply::Trickle(_)) {
        for byte in body[start..].chunks(1) {
            out.write_all(byte)?;
            std::thread::sleep(Duration::from_millis(20));
        }
        return Ok(());
    }
    out.write_all(&body[start..sent.max(start)])?;
    if matches!(reply, Reply::Stall(..)) {
        out.flush()?;
        std::thread::sleep(Duration::from_secs(20));
    }
    Ok(())
}
