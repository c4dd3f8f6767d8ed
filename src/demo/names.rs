//! A DNS server with the CNAMEs of a site's hosts; every other name exists without one.

use std::{collections::BTreeMap, io, net};

use hickory_resolver::proto::{
    op::{Message, OpCode},
    rr::{Name, RData, Record, RecordType, rdata::CNAME},
};
use tokio::net::UdpSocket;

/// Longest question that a client may send over UDP (RFC 1035, section 4.2.1).
const LONGEST: usize = 512;

/// A socket on a free port of the loopback interface.
pub(super) fn bind() -> io::Result<net::UdpSocket> {
    let socket = net::UdpSocket::bind((net::Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Answers until it is dropped.
pub(super) async fn answer(socket: UdpSocket, aliases: &BTreeMap<String, String>) {
    let mut buffer = [0; LONGEST * 4];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
        // What is no question gets no answer.
        if let Some(answer) =
            Message::from_vec(&buffer[..length]).ok().and_then(|question| reply(&question, aliases))
        {
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

fn reply(question: &Message, aliases: &BTreeMap<String, String>) -> Option<Vec<u8>> {
    let query = question.queries.first()?;
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.metadata.recursion_desired = true;
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    let name = query.name().to_string().trim_end_matches('.').to_ascii_lowercase();
    if let (RecordType::CNAME | RecordType::A | RecordType::AAAA, Some(alias)) =
        (query.query_type(), aliases.get(&name))
    {
        let alias = Name::from_ascii(format!("{alias}.")).ok()?;
        answer.add_answer(Record::from_rdata(query.name().clone(), 60, RData::CNAME(CNAME(alias))));
    }
    answer.to_vec().ok()
}
