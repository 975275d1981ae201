//! The pieces that travel: a length of four bytes, a kind of one, and what it carries.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

/// The most that a side which has proved nothing may send.
pub(super) const GREETING: usize = 4 << 10;
/// The most that a request may be.
pub(super) const REQUEST: usize = 1 << 20;
/// The most that an answer may be.
pub(super) const ANSWER: usize = 64 << 20;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hello,
    Challenge,
    Proof,
    Welcome,
    Request,
    Progress,
    Answer,
    /// The owner is ending and has not taken the request.
    Closing,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Hello,
        Self::Challenge,
        Self::Proof,
        Self::Welcome,
        Self::Request,
        Self::Progress,
        Self::Answer,
        Self::Closing,
    ];

    fn code(self) -> u8 {
        match self {
            Self::Hello => 1,
            Self::Challenge => 2,
            Self::Proof => 3,
            Self::Welcome => 4,
            Self::Request => 5,
            Self::Progress => 6,
            Self::Answer => 7,
            Self::Closing => 8,
        }
    }
}

/// One piece. It may carry a password, so it is wiped at the end.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) payload: Zeroizing<Vec<u8>>,
}

impl Frame {
    /// What the piece carries, if it is of this kind.
    pub(super) fn expect(self, kind: Kind) -> io::Result<Zeroizing<Vec<u8>>> {
        if self.kind == kind {
            Ok(self.payload)
        } else {
            Err(malformed())
        }
    }
}

pub(super) async fn write<W: AsyncWrite + Unpin>(
    stream: &mut W,
    kind: Kind,
    payload: &[u8],
) -> io::Result<()> {
    stream.write_all(&head(kind, payload)?).await?;
    stream.write_all(payload).await?;
    stream.flush().await
}

/// One piece as it travels, for whoever writes it bit by bit. It is not wiped.
pub(super) fn encode(kind: Kind, payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut piece = head(kind, payload)?.to_vec();
    piece.extend_from_slice(payload);
    Ok(piece)
}

fn head(kind: Kind, payload: &[u8]) -> io::Result<[u8; 5]> {
    let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
    let [a, b, c, d] = length.to_le_bytes();
    Ok([a, b, c, d, kind.code()])
}

/// Reads one piece; one that is longer than `most` is refused before it is read.
pub(super) async fn read<R: AsyncRead + Unpin>(stream: &mut R, most: usize) -> io::Result<Frame> {
    let length = stream.read_u32_le().await?;
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let code = stream.read_u8().await?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.code() == code);
    let kind = kind.filter(|_kind| length <= most).ok_or_else(malformed)?;
    let mut payload = Zeroizing::new(vec![0; length]);
    stream.read_exact(&mut payload).await?;
    Ok(Frame { kind, payload })
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the other side does not follow the protocol",
    )
}
