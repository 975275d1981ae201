//! Callers and the owner of a folder: who is heard, and what becomes of what was asked.

use crate::world::World;
use async_trait::async_trait;
use futures_util::FutureExt;
use openalgo::control::{
    Answers, AskError, Call, ConnectError, Credential, Endpoint, ProgressSender,
};
use openalgo::crypto::{ControlKey, SystemRandom};
use openalgo::{DataFolder, KeySource, OpenAppError, OpenFolder, Owner};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How much `flood` says at once: more than a few of these do not fit into a connection.
const WORDS: usize = 64 << 10;
/// Only a failure waits that long.
const TOO_LONG: Duration = Duration::from_mins(1);

/// Says back what it was asked, after one word of progress; `slow` waits to be told, and `flood`
/// says far more than a caller takes that does not listen.
#[derive(Debug, Default)]
struct Echo {
    asked: AtomicUsize,
    taken: Notify,
    go_on: Notify,
    flooded: Notify,
}

#[async_trait]
impl Answers for Echo {
    async fn answer(&self, request: &[u8], progress: ProgressSender) -> Option<Zeroizing<Vec<u8>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        progress.send(b"half".to_vec()).await.unwrap();
        if request == b"slow" {
            self.taken.notify_one();
            self.go_on.notified().await;
        }
        if request == b"flood" {
            for _ in 0..64 {
                progress.send(vec![b'.'; WORDS]).await.unwrap();
            }
            self.flooded.notify_one();
        }
        (request != b"refuse").then(|| Zeroizing::new(request.to_vec()))
    }
}

/// An owner that echoes, and what its callers need.
struct House {
    files: OpenFolder,
    endpoint: Endpoint,
    lock: watch::Sender<ControlKey>,
    echo: Arc<Echo>,
    owner: Owner,
    key: Credential,
}

async fn house(world: &World) -> House {
    let mut files = world.builder().reachable().open_folder().await.unwrap();
    let echo = Arc::new(Echo::default());
    let door = files.take_door().unwrap();
    let (lock, expected) = watch::channel(files.control_key());
    let endpoint = door.serve(expected, Arc::clone(&echo) as _);
    House {
        endpoint,
        lock,
        echo,
        owner: DataFolder::new(world.data()).owner().unwrap().unwrap(),
        key: Credential::Key(files.control_key()),
        files,
    }
}

impl House {
    async fn call(&self) -> Call {
        Call::connect(&self.owner, &self.key).await.unwrap()
    }

    async fn close(self) {
        self.endpoint.stop().await;
        self.files.close().await;
    }
}

#[tokio::test]
async fn a_request_is_answered_and_its_progress_heard() {
    let world = World::new();
    let house = house(&world).await;
    assert_eq!(house.owner.pid, std::process::id());
    let mut heard = Vec::new();
    let asking = house
        .call()
        .await
        .ask(b"hello", |words| heard.push(words.to_vec()));
    assert_eq!(*asking.await.unwrap(), b"hello");
    assert_eq!(heard, [b"half"]);
    let refused = house.call().await.ask(b"refuse", |_| ()).await;
    assert!(matches!(refused, Err(AskError::NotTaken)), "{refused:?}");
    let large = house.call().await.ask(&vec![0; 2 << 20], |_| ()).await;
    assert!(matches!(large, Err(AskError::TooLarge)), "{large:?}");
    house.close().await;
    assert_eq!(DataFolder::new(world.data()).owner().unwrap(), None);
}

#[tokio::test]
async fn only_the_key_of_the_folder_or_its_pass_is_heard() {
    let world = World::new();
    let mut house = house(&world).await;
    let stranger = ControlKey::make(&SystemRandom).unwrap();
    for credential in [
        Credential::Key(stranger.clone()),
        Credential::Pass(stranger),
    ] {
        let refused = Call::connect(&house.owner, &credential).await;
        assert!(
            matches!(refused, Err(ConnectError::Handshake { .. })),
            "{refused:?}"
        );
    }
    let folder = DataFolder::new(world.data());
    assert!(folder.pass().is_none());
    house.endpoint.hand_out_pass().unwrap();
    let call = Call::connect(&house.owner, &folder.pass().unwrap()).await;
    assert_eq!(
        *call.unwrap().ask(b"hello", |_| ()).await.unwrap(),
        b"hello"
    );
    let changed = ControlKey::make(&SystemRandom).unwrap();
    house.lock.send_replace(changed.clone());
    assert!(Call::connect(&house.owner, &house.key).await.is_err());
    assert!(
        Call::connect(&house.owner, &Credential::Key(changed))
            .await
            .is_ok()
    );
    assert_eq!(house.echo.asked.load(Ordering::SeqCst), 1);
    house.close().await;
    assert!(folder.pass().is_none(), "it goes with its owner");
}

/// The folder can be closed and opened again, with another key even, and meanwhile it is nobody
/// else's.
#[tokio::test]
async fn a_folder_that_is_closed_stays_with_whoever_keeps_its_ownership() {
    let world = World::new();
    let house = house(&world).await;
    let folder = DataFolder::new(world.data());
    let ownership = house.files.ownership();
    let passphrase = KeySource::Passphrase("a long passphrase".to_owned().into());
    house.files.move_key(passphrase.clone()).await.unwrap();
    let taken = world.builder().patience(Duration::ZERO).open_folder().await;
    assert!(matches!(taken, Err(OpenAppError::Lock(_))), "{taken:?}");
    let again = world.builder().key_source(passphrase).owned(ownership);
    let again = again.open_folder().await.unwrap();
    assert_eq!(again.owner(), &house.owner);
    let call = Call::connect(&house.owner, &house.key).await.unwrap();
    assert_eq!(*call.ask(b"hello", |_| ()).await.unwrap(), b"hello");
    house.endpoint.stop().await;
    assert!(folder.owner().unwrap().is_some());
    again.close().await;
    assert_eq!(folder.owner().unwrap(), None);
}

/// What was taken is finished; what was not is not begun, and whoever asked is told.
#[tokio::test]
async fn an_owner_that_ends_finishes_what_it_has_taken() {
    let world = World::new();
    let house = house(&world).await;
    let (slow, late) = (house.call().await, house.call().await);
    let (echo, key) = (Arc::clone(&house.echo), house.key.clone());
    let slow = tokio::spawn(slow.ask(b"slow", |_| ()));
    echo.taken.notified().await;
    let closing = tokio::spawn(house.close());
    // The owner lets nobody in any more once its address is gone.
    let folder = DataFolder::new(world.data());
    while folder.root().join("control.sock").exists() {
        tokio::task::yield_now().await;
    }
    let owner = folder.owner().unwrap().unwrap();
    let unreachable = Call::connect(&owner, &key).await;
    assert!(
        matches!(unreachable, Err(ConnectError::Unreachable { .. })),
        "{unreachable:?}"
    );
    // Longer than an owner that is ending waits for what was not asked yet.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let late = late.ask(b"late", |_| ()).await;
    assert!(matches!(late, Err(AskError::NotTaken)), "{late:?}");
    assert!(folder.owner().unwrap().is_some(), "it still works");
    echo.go_on.notify_one();
    assert_eq!(*slow.await.unwrap().unwrap(), b"slow");
    closing.await.unwrap();
    assert_eq!(echo.asked.load(Ordering::SeqCst), 1);
    assert_eq!(folder.owner().unwrap(), None);
}

/// Lets a caller ask for the flood, and then neither read nor go away, as when it is stopped.
async fn stop_in_the_flood<F: Future>(house: &House, mut asking: Pin<&mut F>) {
    assert!(asking.as_mut().now_or_never().is_none());
    let flooded = timeout(TOO_LONG, house.echo.flooded.notified());
    assert!(flooded.await.is_ok(), "the command waits for its caller");
}

/// Others may be waiting for what a command does.
#[tokio::test]
async fn a_command_does_not_wait_for_a_caller_that_was_stopped() {
    let world = World::new();
    let house = house(&world).await;
    let mut heard = Vec::new();
    let call = house.call().await;
    let mut asking = Box::pin(call.ask(b"flood", |words| heard.push(words.len())));
    stop_in_the_flood(&house, asking.as_mut()).await;
    let hello = house.call().await.ask(b"hello", |_| ()).await;
    assert_eq!(*hello.unwrap(), b"hello");
    let answer = timeout(TOO_LONG, asking).await.expect("it goes on");
    assert_eq!(*answer.unwrap(), b"flood");
    assert!((1..=64).contains(&heard.len()), "{heard:?}");
    // A word that it had taken the half of is told to its end.
    let whole = heard.iter().filter(|&&length| length == WORDS).count();
    assert_eq!(whole + 1, heard.len(), "{heard:?}");
    house.close().await;
}

#[tokio::test]
async fn an_owner_ends_though_a_caller_does_not_take_its_answer() {
    let world = World::new();
    let house = house(&world).await;
    let call = house.call().await;
    let mut asking = pin!(call.ask(b"flood", |_| ()));
    stop_in_the_flood(&house, asking.as_mut()).await;
    let closing = timeout(TOO_LONG, house.close());
    closing.await.expect("the owner waits for its caller");
    assert_eq!(DataFolder::new(world.data()).owner().unwrap(), None);
    let lost = asking.await;
    assert!(matches!(lost, Err(AskError::Lost(_))), "{lost:?}");
}

#[cfg(unix)]
mod on_unix {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::PathBuf;

    /// Callers that say nothing, or something else, or more than anybody wants to hear.
    #[tokio::test(flavor = "multi_thread")]
    async fn bad_callers_keep_nobody_waiting() {
        let world = World::new();
        let house = house(&world).await;
        let address = house.owner.address.clone().unwrap();
        let knock = || UnixStream::connect(&address).unwrap();
        let _silent: Vec<UnixStream> = (0..100).map(|_| knock()).collect();
        for said in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            &[0xff; 64],
            &[0xff, 0, 0, 0, 1, b'{'],
        ] {
            let mut stream = knock();
            stream.write_all(said).unwrap();
            if said.len() > 6 {
                let mut answer = Vec::new();
                // A reset is as good as an end.
                drop(stream.read_to_end(&mut answer));
                assert!(answer.is_empty(), "{answer:?}");
            }
        }
        let answer = house.call().await.ask(b"hello", |_| ()).await;
        assert_eq!(*answer.unwrap(), b"hello");
        assert_eq!(house.echo.asked.load(Ordering::SeqCst), 1);
        house.close().await;
    }

    #[tokio::test]
    async fn only_this_user_reaches_the_socket_and_it_goes_with_its_owner() {
        let world = World::new();
        let house = house(&world).await;
        let socket = PathBuf::from(house.owner.address.clone().unwrap());
        assert_eq!(socket, world.data().join("control.sock"));
        let mode = socket.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        house.close().await;
        assert!(!socket.exists());
    }

    #[tokio::test]
    async fn a_socket_that_a_killed_owner_left_is_replaced() {
        let world = World::new();
        house(&world).await.close().await;
        let socket = world.data().join("control.sock");
        drop(UnixListener::bind(&socket).unwrap());
        assert!(socket.exists());
        let house = house(&world).await;
        let answer = house.call().await.ask(b"hello", |_| ()).await;
        assert_eq!(*answer.unwrap(), b"hello");
        house.close().await;
    }
}
