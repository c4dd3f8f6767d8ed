//! A WebSocket that sends back what it gets: as much of RFC 6455 as a fixture needs.

use std::{io, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Longest message taken; a longer one ends the connection.
const MAX_PAYLOAD: u64 = 1 << 20;

const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// What the server answers to the key of the client's handshake (RFC 6455 section 4.2.2).
pub(super) fn accept_key(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11")))
}

/// Sends back every message until the client closes; `after 3000` comes back after 3000 milliseconds.
pub(super) async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    loop {
        let (opening, payload) = read_frame(&mut stream).await?;
        let opcode = opening & 0x0F;
        let answer = match opcode {
            PONG => continue,
            PING => (opening & 0xF0) | PONG,
            _ => opening,
        };
        if let Some(delay) = delay_of(&payload) {
            tokio::time::sleep(delay).await;
        }
        write_frame(&mut stream, answer, &payload).await?;
        if opcode == CLOSE {
            return stream.shutdown().await;
        }
    }
}

fn delay_of(payload: &[u8]) -> Option<Duration> {
    let number = payload.strip_prefix(b"after ")?;
    std::str::from_utf8(number).ok()?.parse().ok().map(Duration::from_millis)
}

/// First byte of a frame (FIN and opcode) and its payload with the mask taken off (section 5.2).
async fn read_frame<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<(u8, Vec<u8>)> {
    let opening = stream.read_u8().await?;
    let second = stream.read_u8().await?;
    let length = match second & 0x7F {
        126 => u64::from(stream.read_u16().await?),
        127 => stream.read_u64().await?,
        short => u64::from(short),
    };
    let masked = second & 0x80 != 0;
    if !masked || length > MAX_PAYLOAD {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).await?;
    let mut payload = Vec::new();
    stream.take(length).read_to_end(&mut payload).await?;
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    Ok((opening, payload))
}

async fn write_frame<S: AsyncWrite + Unpin>(
    stream: &mut S,
    opening: u8,
    payload: &[u8],
) -> io::Result<()> {
    let mut frame = vec![opening];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => frame.push(length),
        (_, Ok(length)) => {
            frame.push(126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    stream.write_all(&frame).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455 section 1.3.
    #[test]
    fn the_handshake_is_that_of_the_standard() {
        assert_eq!(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn only_a_message_that_names_a_delay_is_delayed() {
        assert_eq!(delay_of(b"after 3000"), Some(Duration::from_secs(3)));
        assert_eq!((delay_of(b"after tea"), delay_of(b"3000")), (None, None));
    }

    #[tokio::test]
    async fn messages_come_back_unmasked() {
        let (client, server) = tokio::io::duplex(1 << 16);
        let serving = tokio::spawn(echo(server));
        let (mut reader, mut writer) = tokio::io::split(client);
        for length in [5_usize, 300] {
            let text = "x".repeat(length);
            let mut frame = vec![0x81];
            if let Ok(short) = u8::try_from(length) {
                frame.push(0x80 | short);
            } else {
                frame.extend([0xFE, 1, 44]);
            }
            frame.extend([1, 2, 3, 4]);
            frame.extend(text.bytes().zip([1, 2, 3, 4].iter().cycle()).map(|(b, m)| b ^ m));
            writer.write_all(&frame).await.unwrap();

            let head = if length < 126 { vec![0x81, 5] } else { vec![0x81, 126, 1, 44] };
            let mut back = vec![0; head.len() + length];
            reader.read_exact(&mut back).await.unwrap();
            assert_eq!(back, [head, text.into_bytes()].concat());
        }
        writer.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.unwrap();
        let mut back = [0; 2];
        reader.read_exact(&mut back).await.unwrap();
        assert_eq!(back, [0x88, 0]);
        serving.await.unwrap().unwrap();
    }
}
