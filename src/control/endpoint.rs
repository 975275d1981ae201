//! The owner's side: the address at which it is reached, and the task that answers there.

use super::handshake::Accepted;
use super::pass::{PassError, PassFile};
use super::{address, frame, handshake};
use crate::folder::DataFolder;
use crate::lock::FolderLock;
use async_trait::async_trait;
use frame::{Kind, REQUEST};
use futures_util::FutureExt;
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use openalgo_crypto::ControlKey;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use zeroize::Zeroizing;

/// How many callers are attended to at the same time; more are turned away and come again.
const MOST_CALLERS: usize = 128;
/// How long a caller may take to prove itself, then to say what it wants, and then to take its
/// answer: an owner that ends waits for it.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long an owner that is ending waits for what callers have begun to say.
const GRACE: Duration = Duration::from_millis(300);
/// How long to wait when the system takes no more connections.
const PAUSE: Duration = Duration::from_millis(50);
/// How many words of progress may wait for a caller that does not read them.
const WAITING_PROGRESS: usize = 16;

/// Where a command says how far it is. What does not fit is left out: it is no part of the answer.
pub type ProgressSender = mpsc::Sender<Vec<u8>>;

/// Answers the requests of those who have proved themselves.
#[async_trait]
pub trait Answers: fmt::Debug + Send + Sync {
    /// Answers one request; `None` when it was not taken and nothing was done.
    async fn answer(&self, request: &[u8], progress: ProgressSender) -> Option<Zeroizing<Vec<u8>>>;
}

/// The address of a folder's owner, where callers can knock; they are not answered yet.
#[derive(Debug)]
pub struct Door {
    folder: DataFolder,
    listener: Listener,
    address: String,
    /// The folder is not given up before its address is.
    lock: Arc<FolderLock>,
}

impl Door {
    /// Listens at an address of the folder. Called from a thread of the runtime.
    pub(crate) fn open(folder: &DataFolder, lock: Arc<FolderLock>) -> io::Result<Self> {
        let (listener, address) = address::listen(folder)?;
        Ok(Self {
            folder: folder.clone(),
            listener,
            address,
            lock,
        })
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Begins to answer those who hold `key`, as it is at the time: the key of the folder may be
    /// changed meanwhile.
    pub fn serve(self, key: watch::Receiver<ControlKey>, answers: Arc<dyn Answers>) -> Endpoint {
        let desk = Arc::new(Desk {
            key,
            pass: Mutex::new(None),
            answers,
            closing: watch::Sender::new(false),
        });
        let (stop, stopped) = watch::channel(false);
        let folder = self.folder.clone();
        let task = tokio::spawn(listen(self, Arc::clone(&desk), stopped));
        Endpoint {
            folder,
            desk,
            pass: None,
            stop,
            task,
        }
    }
}

/// The task that answers callers. Stop it before the folder is closed.
#[derive(Debug)]
pub struct Endpoint {
    folder: DataFolder,
    desk: Arc<Desk>,
    pass: Option<PassFile>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Endpoint {
    /// Lets other processes of this user speak without the key until this endpoint is stopped.
    pub fn hand_out_pass(&mut self) -> Result<(), PassError> {
        let (file, key) = PassFile::make(&self.folder)?;
        *self.desk.pass() = Some(key);
        self.pass = Some(file);
        Ok(())
    }

    /// Lets nobody in any more, waits for what was taken to be answered, and gives the address up.
    pub async fn stop(self) {
        drop(self.pass);
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(error = %error, "the endpoint ended badly");
        }
    }
}

/// What those who attend to callers share.
#[derive(Debug)]
struct Desk {
    key: watch::Receiver<ControlKey>,
    pass: Mutex<Option<ControlKey>>,
    answers: Arc<dyn Answers>,
    /// Whether what was not asked yet is not taken any more.
    closing: watch::Sender<bool>,
}

async fn listen(door: Door, desk: Arc<Desk>, mut stopped: watch::Receiver<bool>) {
    let mut callers = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            Some(_left) = callers.join_next(), if !callers.is_empty() => {}
            accepted = door.listener.accept() => match accepted {
                Ok(stream) if callers.len() < MOST_CALLERS => {
                    callers.spawn(Arc::clone(&desk).attend(stream));
                }
                Ok(_one_too_many) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "a caller was not let in");
                    sleep(PAUSE).await;
                }
            },
            _ = stopped.changed() => break,
        }
    }
    // Who has knocked already came in time.
    while let Some(Ok(stream)) = door.listener.accept().now_or_never() {
        callers.spawn(Arc::clone(&desk).attend(stream));
    }
    let Door { listener, lock, .. } = door;
    drop(listener);
    let all_left = async { while callers.join_next().await.is_some() {} };
    if timeout(GRACE, all_left).await.is_err() {
        desk.closing.send_replace(true);
        while callers.join_next().await.is_some() {}
    }
    drop(lock);
}

/// Waits until it is so; the sender lives in the desk, which whoever waits holds.
async fn set(flag: &mut watch::Receiver<bool>) {
    drop(flag.wait_for(|is_set| *is_set).await);
}

/// Tells a caller what is left to be told: the rest of a word, the words that wait, the answer.
async fn tell(
    stream: &mut Stream,
    (untaken, mut told): (&[u8], mpsc::Receiver<Vec<u8>>),
    answer: Option<Zeroizing<Vec<u8>>>,
) -> io::Result<()> {
    stream.write_all(untaken).await?;
    while let Ok(words) = told.try_recv() {
        frame::write(stream, Kind::Progress, &words).await?;
    }
    match answer {
        Some(answer) => frame::write(stream, Kind::Answer, &answer).await,
        None => frame::write(stream, Kind::Closing, &[]).await,
    }
}

impl Desk {
    fn pass(&self) -> MutexGuard<'_, Option<ControlKey>> {
        self.pass.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accepted(&self) -> Accepted {
        Accepted {
            key: self.key.borrow().clone(),
            pass: self.pass().clone(),
        }
    }

    /// Lets a caller in, hears what it wants, and answers. What is done for it never waits for it:
    /// a caller that was stopped misses words of progress, and one that does not take its answer
    /// in time goes without.
    async fn attend(self: Arc<Self>, mut stream: Stream) {
        let Some(request) = self.hear(&mut stream).await else {
            return;
        };
        let (progress, mut told) = mpsc::channel(WAITING_PROGRESS);
        let mut answer = self.answers.answer(&request, progress);
        // What the caller has not taken yet of the last word that it was told.
        let mut untaken = Vec::new();
        let answer = loop {
            tokio::select! {
                biased;
                // It is done whether or not the caller still listens, and others may be waiting
                // until it is.
                answer = &mut answer => break answer,
                taken = stream.write(&untaken), if !untaken.is_empty() => {
                    // Who is gone takes everything, and is told nothing more.
                    let taken = taken.ok().filter(|&taken| taken > 0).unwrap_or_else(|| {
                        told.close();
                        usize::MAX
                    });
                    drop(untaken.drain(..taken.min(untaken.len())));
                }
                Some(words) = told.recv() => if untaken.is_empty() {
                    untaken = frame::encode(Kind::Progress, &words).unwrap_or_default();
                },
            }
        };
        told.close();
        let telling = tell(&mut stream, (&untaken, told), answer);
        match timeout(DEADLINE, telling).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "a caller did not wait for its answer");
            }
            Err(_late) => tracing::warn!("a caller did not take its answer in time"),
        }
    }

    /// The request of a caller that has proved itself in time.
    async fn hear(&self, stream: &mut Stream) -> Option<Zeroizing<Vec<u8>>> {
        let mut closing = self.closing.subscribe();
        let accepted = self.accepted();
        tokio::select! {
            admitted = timeout(DEADLINE, handshake::admit(stream, &accepted)) => match admitted {
                Ok(Ok(_program)) => {}
                Ok(Err(error)) => {
                    tracing::warn!(error = %error, "a caller was turned away");
                    return None;
                }
                Err(_late) => return None,
            },
            () = set(&mut closing) => return None,
        }
        tokio::select! {
            biased;
            frame = timeout(DEADLINE, frame::read(stream, REQUEST)) => {
                frame.ok()?.ok()?.expect(Kind::Request).ok()
            }
            () = set(&mut closing) => {
                // Whoever does not hear it has not been answered either.
                drop(timeout(GRACE, frame::write(stream, Kind::Closing, &[])).await);
                None
            }
        }
    }
}
