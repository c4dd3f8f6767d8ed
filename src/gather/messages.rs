//! Parts what the browser writes into its messages, each of which ends in a zero byte, in bounded memory.

/// A message that is longer is not kept: nothing that we ask for comes near it, and a page can make the browser
/// send one. 128 MiB.
const LONGEST: usize = 128 << 20;

/// Longer ones of a kind that nobody reads are not kept either. 1 MiB.
const LONG: usize = 1 << 20;

/// What was read and is not a whole message yet.
#[derive(Debug)]
pub(super) struct Messages {
    buffer: Vec<u8>,
    longest: usize,
    /// Whether the message that is coming in is being left out.
    skips: bool,
    /// How many were left out that somebody would have read.
    pub(super) missed: u64,
}

impl Messages {
    pub(super) const fn new() -> Self {
        Self { buffer: Vec::new(), longest: LONGEST, skips: false, missed: 0 }
    }

    /// Takes up what was read and hands each whole message on.
    pub(super) fn take(&mut self, mut read: &[u8], mut hand_on: impl FnMut(&[u8])) {
        while let Some(end) = read.iter().position(|&byte| byte == 0) {
            if std::mem::take(&mut self.skips) {
                // It ends here.
            } else if self.buffer.is_empty() {
                hand_on(&read[..end]);
            } else {
                self.buffer.extend_from_slice(&read[..end]);
                hand_on(&self.buffer);
            }
            self.buffer.clear();
            read = &read[end + 1..];
        }
        if self.skips {
            return;
        }
        self.buffer.extend_from_slice(read);
        let unread = self.buffer.len() > LONG && is_unread(&self.buffer);
        if unread || self.buffer.len() > self.longest {
            self.skips = true;
            self.missed += u64::from(!unread);
            self.buffer.clear();
        }
        // What one long message needed is not kept for the rest of the scan.
        if self.buffer.len() < LONG {
            self.buffer.shrink_to(LONG);
        }
    }
}

/// Whether it tells what went over a socket, which we are told without wanting to know it: that there was a socket,
/// and to whom, is told before.
fn is_unread(start: &[u8]) -> bool {
    const UNREAD: &[u8] = br#"{"method":"Network.webSocketFrame"#;
    start.starts_with(UNREAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(messages: &mut Messages, chunks: &[&[u8]]) -> Vec<String> {
        let mut seen = Vec::new();
        for chunk in chunks {
            messages.take(chunk, |it| seen.push(String::from_utf8_lossy(it).into_owned()));
        }
        seen
    }

    #[test]
    fn messages_are_whole_however_they_come() {
        let mut messages = Messages::new();
        let seen = parted(&mut messages, &[b"on", b"e\0two\0", b"", b"\0thr", b"ee", b"\0fo"]);
        assert_eq!(seen, ["one", "two", "", "three"]);
        assert_eq!(messages.missed, 0);
    }

    #[test]
    fn one_that_is_too_long_is_missed_and_the_next_is_not() {
        let mut messages = Messages { longest: 8, ..Messages::new() };
        let seen = parted(&mut messages, &[b"12345", b"6789", b"more", b"end\0next\0", b"last\0"]);
        assert_eq!(seen, ["next", "last"]);
        assert_eq!(messages.missed, 1);
    }

    #[test]
    fn what_goes_over_sockets_is_let_go_and_leaves_no_memory_behind() {
        let mut messages = Messages::new();
        let start = br#"{"method":"Network.webSocketFrameReceived","params":{"payloadData":""#;
        let chunk = vec![b'x'; LONG / 2];
        let mut seen = parted(&mut messages, &[start]);
        for _ in 0..100 {
            seen.extend(parted(&mut messages, &[&chunk]));
            assert!(messages.buffer.capacity() <= 4 * LONG, "{}", messages.buffer.capacity());
        }
        seen.extend(parted(&mut messages, &[b"\"}}\0", b"{}\0"]));
        assert_eq!(seen, ["{}"]);
        assert_eq!(messages.missed, 0);
    }
}
