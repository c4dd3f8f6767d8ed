//! Splits what the browser writes into messages, which end in a zero byte, in bounded memory.

/// Longer messages are dropped: nothing that we ask for comes near this size, and a page can make the browser send
/// one. 128 MiB.
const LONGEST: usize = 128 << 20;

/// Messages of a kind that nobody reads are dropped from this size on. 1 MiB.
const LONG: usize = 1 << 20;

/// Bytes that were read and are not a whole message yet.
#[derive(Debug)]
pub(super) struct MessageSplitter {
    buffer: Vec<u8>,
    longest: usize,
    /// Whether the message that is coming in is being dropped.
    skips: bool,
    /// How many were dropped that somebody would have read.
    pub(super) missed: u64,
}

impl MessageSplitter {
    pub(super) const fn new() -> Self {
        Self { buffer: Vec::new(), longest: LONGEST, skips: false, missed: 0 }
    }

    /// Takes what was read and hands each whole message on.
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
        // The memory that one long message needed is given back.
        if self.buffer.len() < LONG {
            self.buffer.shrink_to(LONG);
        }
    }
}

/// Whether the message holds what went over a socket. Nobody reads that: the socket itself, and its address, were in
/// a message before.
fn is_unread(start: &[u8]) -> bool {
    const UNREAD: &[u8] = br#"{"method":"Network.webSocketFrame"#;
    start.starts_with(UNREAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(messages: &mut MessageSplitter, chunks: &[&[u8]]) -> Vec<String> {
        let mut seen = Vec::new();
        for chunk in chunks {
            messages.take(chunk, |it| seen.push(String::from_utf8_lossy(it).into_owned()));
        }
        seen
    }

    #[test]
    fn messages_are_whole_however_they_come() {
        let mut messages = MessageSplitter::new();
        let seen = split(&mut messages, &[b"on", b"e\0two\0", b"", b"\0thr", b"ee", b"\0fo"]);
        assert_eq!(seen, ["one", "two", "", "three"]);
        assert_eq!(messages.missed, 0);
    }

    #[test]
    fn a_message_that_is_too_long_is_missed_and_the_next_is_not() {
        let mut messages = MessageSplitter { longest: 8, ..MessageSplitter::new() };
        let seen = split(&mut messages, &[b"12345", b"6789", b"more", b"end\0next\0", b"last\0"]);
        assert_eq!(seen, ["next", "last"]);
        assert_eq!(messages.missed, 1);
    }

    #[test]
    fn contents_of_sockets_are_dropped_and_leave_no_memory_behind() {
        let mut messages = MessageSplitter::new();
        let start = br#"{"method":"Network.webSocketFrameReceived","params":{"payloadData":""#;
        let chunk = vec![b'x'; LONG / 2];
        let mut seen = split(&mut messages, &[start]);
        for _ in 0..100 {
            seen.extend(split(&mut messages, &[&chunk]));
            assert!(messages.buffer.capacity() <= 4 * LONG, "{}", messages.buffer.capacity());
        }
        seen.extend(split(&mut messages, &[b"\"}}\0", b"{}\0"]));
        assert_eq!(seen, ["{}"]);
        assert_eq!(messages.missed, 0);
    }
}
