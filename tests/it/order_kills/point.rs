//! The points of the order path at which a process is killed.

use std::sync::Mutex;

/// An instant between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The intent is decided, and nothing is on the disk.
    BeforeIntent,
    /// The intent is on the disk, and nothing on the wire.
    IntentStored,
    BeforeSubmit,
    HalfSubmitted,
    /// The broker has the order.
    Submitted,
    /// The answer is here.
    Acknowledged,
    BeforeOutcome,
    OutcomeStored,
    /// The caller has the answer.
    Answered,
    BeforeCancel,
    HalfCancelled,
    /// The broker has cancelled the order.
    Cancelled,
    BeforeBook,
    HalfBook,
    BookAsked,
    BookRead,
    /// What the book says about an order is about to be written down.
    BeforeFinding,
    FindingStored,
    /// The price is met, and nothing says so on the disk.
    BeforeClaim,
    /// Whose price it is, is on the disk, and its order is not.
    Claimed,
    /// Its order is placed, and only the journal of orders knows.
    BeforeSettled,
    Settled,
    BeforeQueued,
    /// An order waits for a person, and whoever asked for it does not know.
    Queued,
    BeforeDecision,
    /// A person has let an order go, and nothing is placed.
    Decided,
}

impl Point {
    /// Those that an order and its cancellation come to.
    pub(super) const OF_AN_ORDER: [Self; 12] = [
        Self::BeforeIntent,
        Self::IntentStored,
        Self::BeforeSubmit,
        Self::HalfSubmitted,
        Self::Submitted,
        Self::Acknowledged,
        Self::BeforeOutcome,
        Self::OutcomeStored,
        Self::Answered,
        Self::BeforeCancel,
        Self::HalfCancelled,
        Self::Cancelled,
    ];

    /// Those that a start comes to which finds an order without an answer.
    pub(super) const OF_A_START: [Self; 6] = [
        Self::BeforeBook,
        Self::HalfBook,
        Self::BookAsked,
        Self::BookRead,
        Self::BeforeFinding,
        Self::FindingStored,
    ];

    /// Those that one comes to which waits for a price, when that is met.
    pub(super) const OF_A_GTT: [Self; 11] = [
        Self::BeforeClaim,
        Self::Claimed,
        Self::BeforeIntent,
        Self::IntentStored,
        Self::HalfSubmitted,
        Self::Submitted,
        Self::Acknowledged,
        Self::BeforeOutcome,
        Self::OutcomeStored,
        Self::BeforeSettled,
        Self::Settled,
    ];

    /// Those that an order comes to which waits for a person, and is let go.
    pub(super) const OF_AN_APPROVAL: [Self; 12] = [
        Self::BeforeQueued,
        Self::Queued,
        Self::BeforeDecision,
        Self::Decided,
        Self::BeforeIntent,
        Self::IntentStored,
        Self::HalfSubmitted,
        Self::Submitted,
        Self::Acknowledged,
        Self::BeforeOutcome,
        Self::OutcomeStored,
        Self::Answered,
    ];

    /// Those that each part of a split order comes to.
    pub(super) const OF_A_PART: [Self; 8] = [
        Self::BeforeIntent,
        Self::IntentStored,
        Self::BeforeSubmit,
        Self::HalfSubmitted,
        Self::Submitted,
        Self::Acknowledged,
        Self::BeforeOutcome,
        Self::OutcomeStored,
    ];

    pub(super) fn named(name: &str) -> Self {
        let mut points = Self::OF_AN_ORDER
            .into_iter()
            .chain(Self::OF_A_START)
            .chain(Self::OF_A_GTT)
            .chain(Self::OF_AN_APPROVAL);
        points.find(|point| format!("{point:?}") == name).unwrap()
    }
}

/// The point, and how often it is passed before.
static NEXT: Mutex<Option<(Point, usize)>> = Mutex::new(None);

/// Lets this process die at a point, which it passes so often before.
pub(super) fn arm(point: Point, passes: usize) {
    *NEXT.lock().unwrap() = Some((point, passes));
}

pub(super) fn is_next(point: Point) -> bool {
    *NEXT.lock().unwrap() == Some((point, 0))
}

/// Whether this is where the process dies.
fn is_here(point: Point) -> bool {
    match &mut *NEXT.lock().unwrap() {
        Some((next, 0)) => *next == point,
        Some((next, passes)) if *next == point => {
            *passes -= 1;
            false
        }
        Some(_) | None => false,
    }
}

/// The process has come to a point, and dies if it is the one.
pub(super) fn reached(point: Point) {
    if is_here(point) {
        let this = rustix::process::getpid();
        rustix::process::kill_process(this, rustix::process::Signal::KILL).unwrap();
        // Until the signal has come.
        loop {
            std::thread::park();
        }
    }
}
