//! Downloading: one file from one address into a `.part` file, resumed where it broke off.
//!
//! Nothing here decides whether bytes are right; sizes and digests are checked by [`super::pull`] once a file is
//! whole. What is decided here is how long to wait, when to try again, and what to tell the user when it is over.

mod error;
mod part;

pub use error::FetchError;
pub use part::remove;

use super::mirror::Places;
use error::{read_reason, reason, refuse_size, refuse_status};
use part::{CopyError, copy, length, open_part, tag_path, write_tag};
use std::path::Path;
use std::time::Duration;
use ureq::http::{Response, header};
use ureq::{Agent, Body};

/// Bytes that an attempt must bring to count as progress, so that a server that trickles is given up in the end.
const PROGRESS: u64 = 64 * 1024;
/// A name must be found and a connection made within this time.
const CONNECT: Duration = Duration::from_secs(10);

/// How many times as long as a server may say nothing a text may take: it is short, and there is nothing to go on from.
const TEXT_PATIENCE: u32 = 4;

/// How to download.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// How long a server may say nothing.
    pub timeout: Duration,
    /// How often in a row to try again without progress.
    pub retries: u32,
    /// Pause before the first further try; it doubles.
    pub pause: Duration,
    /// What stands in for the usual hosts.
    pub places: Places,
}

impl Default for FetchOptions {
    fn default() -> Self {
        let (timeout, pause) = (Duration::from_secs(30), Duration::from_millis(500));
        Self { timeout, retries: 3, pause, places: Places::default() }
    }
}

/// One file to download.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// The address, before mirrors.
    pub url: &'a str,
    /// Where the bytes go; what is there already is gone on from.
    pub part: &'a Path,
    /// The size that must come, if known.
    pub size: Option<u64>,
    /// The most that may come.
    pub limit: u64,
    /// Whether a digest will be checked. Without one, bytes are only joined to those of an earlier attempt when the
    /// server vouches (`If-Range`) that the file is still the same.
    pub checked: bool,
}

/// A client for downloads.
pub struct Fetcher {
    agent: Agent,
    options: FetchOptions,
}

/// How one attempt ended, if it did not bring the whole file.
enum Setback {
    /// Not worth another try.
    Final(FetchError),
    /// Worth another try.
    Passing(String),
}

impl Fetcher {
    /// A client.
    pub fn new(options: FetchOptions) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(options.timeout))
            .timeout_per_read(Some(options.timeout))
            .accept_encoding("identity")
            .user_agent(concat!("retouche/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, options }
    }

    /// The text at an address, at most `limit` bytes of it.
    ///
    /// # Errors
    /// [`FetchError`].
    pub fn text(&self, url: &str, limit: u64) -> Result<String, FetchError> {
        let url = self.options.places.stand_in(url);
        let unreachable =
            |e: ureq::Error| FetchError::Unreachable { url: url.clone(), reason: reason(&e, &self.options) };
        let patience = self.options.timeout * TEXT_PATIENCE;
        let mut response = self.get(&url, &[], Some(patience)).map_err(unreachable)?;
        refuse_status(&url, response.status().as_u16())?;
        response.body_mut().with_config().limit(limit).read_to_string().map_err(unreachable)
    }

    /// Downloads a file into `wanted.part`, trying again when the connection breaks. `progress` is told the bytes on
    /// disk and the size of the whole, if known.
    ///
    /// # Errors
    /// [`FetchError`]; what came so far stays in the part file unless it cannot be right.
    pub fn file(
        &self,
        wanted: &Wanted<'_>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), FetchError> {
        let url = self.options.places.stand_in(wanted.url);
        let (mut failures, mut reached) = (0, false);
        loop {
            let before = length(wanted.part);
            let reason = match self.attempt(&url, wanted, &mut reached, progress) {
                Ok(()) => return Ok(()),
                Err(Setback::Final(error)) => return Err(error),
                Err(Setback::Passing(reason)) => reason,
            };
            let have = length(wanted.part);
            if !reached {
                // Never an answer: the network is down or the host is wrong, and waiting will not mend that.
                return Err(FetchError::Unreachable { url, reason });
            }
            failures = if have >= before + PROGRESS { 1 } else { failures + 1 };
            if failures > self.options.retries {
                return Err(FetchError::Interrupted { url, have, reason });
            }
            std::thread::sleep(self.options.pause * 2_u32.pow(failures - 1));
        }
    }

    /// One request, and as much of the body as comes.
    fn attempt(
        &self,
        url: &str,
        wanted: &Wanted<'_>,
        reached: &mut bool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), Setback> {
        let tag_file = tag_path(wanted.part);
        let tag = std::fs::read_to_string(&tag_file).ok();
        let mut have = length(wanted.part);
        if wanted.size.is_some_and(|size| have > size) || (tag.is_none() && !wanted.checked) {
            have = 0;
        }
        if have > 0 && wanted.size == Some(have) {
            return Ok(());
        }
        let mut headers = Vec::new();
        if have > 0 {
            headers.push((header::RANGE, format!("bytes={have}-")));
            if let Some(tag) = tag {
                headers.push((header::IF_RANGE, tag));
            }
        }
        let response =
            self.get(url, &headers, None).map_err(|e| Setback::Passing(reason(&e, &self.options)))?;
        *reached = true;
        let status = response.status().as_u16();
        if status == 416 {
            // The file there is shorter than what is here: start anew.
            remove(wanted.part).map_err(Setback::Final)?;
            return Err(Setback::Passing("the server has no such part of the file".to_owned()));
        }
        if status == 429 || status >= 500 {
            return Err(Setback::Passing(format!("the server answers {status}")));
        }
        refuse_status(url, status).map_err(Setback::Final)?;
        if status != 206 {
            have = 0;
        } else if resumed_at(&response) != Some(have) {
            remove(wanted.part).map_err(Setback::Final)?;
            return Err(Setback::Passing("the server sent another part than was asked for".to_owned()));
        }
        let total = response.body().content_length().map(|n| have + n);
        refuse_size(url, wanted, total).map_err(Setback::Final)?;
        let io = |source| Setback::Final(FetchError::Io { path: wanted.part.into(), source });
        write_tag(&tag_file, &response).map_err(io)?;
        let mut file = open_part(wanted.part, have).map_err(io)?;
        let total = total.or(wanted.size);
        let mut body = response.into_body().into_with_config().limit(u64::MAX).reader();
        let copied = copy(&mut body, &mut file, have, total, wanted, self.options.timeout, progress);
        let have = copied.map_err(|e| match e {
            CopyError::Read(e) => Setback::Passing(read_reason(&e, &self.options)),
            CopyError::Slow => Setback::Passing("the server sends less than 1 KB a second".to_owned()),
            CopyError::Full(needed) => {
                Setback::Final(FetchError::NoSpace { path: wanted.part.into(), needed })
            }
            CopyError::Write(source) => io(source),
            CopyError::TooLong(offered) => {
                let wanted = wanted.size.unwrap_or(wanted.limit);
                let hint = "the server's file is another one; nothing was kept";
                Setback::Final(FetchError::Size { url: url.to_owned(), offered, wanted, hint })
            }
        });
        if let Err(Setback::Final(FetchError::Size { .. })) = have {
            drop(file);
            remove(wanted.part).map_err(Setback::Final)?;
        }
        let have = have?;
        if total.is_some_and(|total| have < total) {
            return Err(Setback::Passing("the connection was closed early".to_owned()));
        }
        Ok(())
    }

    fn get(
        &self,
        url: &str,
        headers: &[(header::HeaderName, String)],
        body: Option<Duration>,
    ) -> Result<Response<Body>, ureq::Error> {
        // An encrypted address must not be led to an open one.
        let request = self.agent.get(url).config().https_only(url.starts_with("https:"));
        let mut request = request.timeout_recv_body(body).build();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.call()
    }
}

/// The first byte of a partial answer (`Content-Range: bytes 100-199/200`).
fn resumed_at(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}
