//! Searches this process's memory for secrets.
//!
//! A needle is stored and compared masked, so that the search itself does not put the secret into
//! memory.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;

use zeroize::Zeroize;

const MASK: u8 = 0xa5;

/// Something secret, masked.
#[derive(Clone)]
pub struct Needle(Vec<u8>);

impl Needle {
    /// From text that is already masked, in hexadecimal.
    pub fn from_masked_hex(hex: &str) -> Self {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
        Needle((0..hex.len()).step_by(2).map(byte).collect())
    }

    pub fn masked_hex(secret: &[u8]) -> String {
        let masked = secret.iter().map(|byte| format!("{:02x}", byte ^ MASK));
        masked.collect()
    }

    /// Shows the secret to a function, and wipes it.
    pub fn reveal<T>(&self, show: impl FnOnce(&str) -> T) -> T {
        let clear: Vec<u8> = self.0.iter().map(|byte| byte ^ MASK).collect();
        let mut clear = String::from_utf8(clear).expect("secrets here are text");
        let result = show(&clear);
        clear.zeroize();
        result
    }

    /// The same secret, each byte combined with this: as HMAC does with its key.
    pub fn padded_with(&self, pad: u8) -> Self {
        Needle(self.0.iter().map(|byte| byte ^ pad).collect())
    }

    /// The end of the secret: free() overwrites the beginning of a block with its own data.
    pub fn end(&self) -> Self {
        const NOTES: usize = 16;
        Needle(self.0[NOTES..].to_vec())
    }

    fn is_at_start_of(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.0.len()
            && bytes
                .iter()
                .zip(&self.0)
                .all(|(byte, masked)| byte ^ MASK == *masked)
    }
}

/// The buffers of a search, allocated before there are secrets: a search that allocates could
/// overwrite them.
pub struct Search {
    piece: Vec<u8>,
    map: Vec<u8>,
    counts: Vec<usize>,
}

const PIECE: usize = 1 << 20;
/// A part of it, which is mostly zeros: these are found out fast.
const PAGE: usize = 4096;
const NOTHING: [u8; PAGE] = [0; PAGE];
const LONGEST_NEEDLE: usize = 256;
const MOST_NEEDLES: usize = 32;

impl Search {
    pub fn new() -> Self {
        Search {
            piece: vec![0; PIECE + LONGEST_NEEDLE],
            map: Vec::with_capacity(PIECE),
            counts: Vec::with_capacity(MOST_NEEDLES),
        }
    }

    /// Counts each needle in the memory that this process can write to.
    pub fn count(&mut self, needles: &[Needle]) -> &[usize] {
        self.counts.clear();
        self.counts.resize(needles.len(), 0);
        self.map.clear();
        let mut map = File::open("/proc/self/maps").expect("our own memory's map");
        map.read_to_end(&mut self.map).expect("is read");
        let memory = File::open("/proc/self/mem").expect("our own memory");

        let own = self.piece.as_ptr_range();
        let own = own.start as u64..own.end as u64;
        for line in self.map.split(|byte| *byte == b'\n') {
            let line = std::str::from_utf8(line).expect("is text");
            let Some((start, end)) = writable_region(line) else {
                continue;
            };
            let mut at = start;
            while at < end {
                let left = usize::try_from(end - at).expect("64 bits");
                let wanted = left.min(self.piece.len());
                let Ok(amount) = memory.read_at(&mut self.piece[..wanted], at) else {
                    break; // what only the kernel may read
                };
                // The rest is read again with the next piece: a needle may span both.
                let looked_at = amount.min(PIECE);
                for start in (0..looked_at).step_by(PAGE) {
                    let end = looked_at.min(start + PAGE);
                    if self.piece[start..end] == NOTHING[..end - start] {
                        continue;
                    }
                    for offset in start..end {
                        let is_own = own.contains(&(at + offset as u64));
                        for (needle, count) in needles.iter().zip(&mut self.counts) {
                            if !is_own && needle.is_at_start_of(&self.piece[offset..amount]) {
                                *count += 1;
                            }
                        }
                    }
                }
                at += looked_at.max(1) as u64;
            }
        }
        self.piece.zeroize();
        self.piece.resize(PIECE + LONGEST_NEEDLE, 0);
        &self.counts
    }
}

fn writable_region(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |hex| u64::from_str_radix(hex, 16).ok();
    rest.starts_with("rw")
        .then_some((number(start)?, number(end)?))
}
