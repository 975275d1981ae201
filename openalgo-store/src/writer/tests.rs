//! One group at a time, on a connection without a thread.

use super::*;
use crate::bridge::tests::context;
use diesel::connection::Connection;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;

type Waiting = oneshot::Receiver<Result<(), StoreError>>;
type Work = Box<dyn FnOnce(&mut SqliteConnection) -> Result<(), Fault> + Send>;

/// A group of jobs, and who waits for them.
#[derive(Default)]
struct Group {
    jobs: Vec<Box<dyn Job>>,
    waiting: Vec<Waiting>,
}

impl Group {
    fn add(&mut self, work: Work) {
        let (reply, waiting) = oneshot::channel();
        self.waiting.push(waiting);
        self.jobs.push(Box::new(Task {
            operation: "test",
            manner: Manner::Shared,
            work: Some(move |c: &mut SqliteConnection, _: &Context| work(c)),
            outcome: Err(StoreError::Closed),
            reply,
        }));
    }

    fn insert(&mut self, number: i64) {
        self.add(Box::new(move |c| {
            let insert = format!("INSERT INTO child VALUES ({number}, 1)");
            Ok(c.batch_execute(&insert)?)
        }));
    }

    /// Commits as the writer does; gives the answers in the order of the jobs.
    fn commit(mut self, c: &mut SqliteConnection) -> Vec<Result<(), StoreError>> {
        let committed = commit(c, &context(), &mut self.jobs);
        for job in self.jobs {
            job.reply(committed.as_ref().copied());
        }
        let answer = |mut waiting: Waiting| waiting.try_recv().unwrap();
        self.waiting.into_iter().map(answer).collect()
    }
}

fn connection() -> SqliteConnection {
    let mut c = SqliteConnection::establish(":memory:").unwrap();
    c.batch_execute(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY); INSERT INTO parent VALUES (1); \
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent(id) \
         DEFERRABLE INITIALLY DEFERRED)",
    )
    .unwrap();
    c
}

fn numbers(c: &mut SqliteConnection) -> Vec<i64> {
    sql::<BigInt>("SELECT id FROM child ORDER BY id")
        .load(c)
        .unwrap()
}

#[test]
fn a_failing_job_undoes_itself_only() {
    let mut c = connection();
    let mut group = Group::default();
    group.insert(1);
    group.add(Box::new(|c| {
        c.batch_execute("INSERT INTO child VALUES (2, 1)")?;
        Err(Fault::not_found("thing", 7))
    }));
    group.insert(3);
    let answers = group.commit(&mut c);
    assert!(answers[0].is_ok() && answers[2].is_ok());
    let refused = answers[1].as_ref().unwrap_err().to_string();
    assert_eq!(refused, "thing '7' does not exist");
    assert_eq!(numbers(&mut c), [1, 3]);
}

#[test]
fn a_panicking_job_undoes_itself_only() {
    let mut c = connection();
    let mut group = Group::default();
    group.insert(1);
    group.add(Box::new(|c| {
        c.batch_execute("INSERT INTO child VALUES (2, 1)")?;
        panic!("a mistake in a job");
    }));
    group.insert(3);
    let answers = group.commit(&mut c);
    let refused = answers[1].as_ref().unwrap_err().to_string();
    assert_eq!(refused, "the database failed to test");
    assert_eq!(numbers(&mut c), [1, 3]);
    assert!(answers[0].is_ok() && answers[2].is_ok());
}

#[test]
fn a_failed_commit_fails_every_job() {
    let mut c = connection();
    let mut group = Group::default();
    group.insert(1);
    // Checked only at COMMIT, which it makes fail.
    group.add(Box::new(|c| {
        Ok(c.batch_execute("INSERT INTO child VALUES (2, 99)")?)
    }));
    group.add(Box::new(|_| Err(Fault::not_found("thing", 7))));
    for answer in group.commit(&mut c) {
        assert!(
            matches!(answer, Err(StoreError::Failed { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(numbers(&mut c), Vec::<i64>::new());
    let mut next = Group::default();
    next.insert(5);
    assert!(next.commit(&mut c)[0].is_ok());
    assert_eq!(numbers(&mut c), [5]);
}

#[test]
fn a_job_that_ends_the_transaction_fails_the_group() {
    let mut c = connection();
    let mut group = Group::default();
    group.insert(1);
    // What SQLite does by itself on a full disk.
    group.add(Box::new(|c| {
        c.batch_execute("ROLLBACK")?;
        Err(Fault::other("disk full"))
    }));
    group.insert(3);
    for answer in group.commit(&mut c) {
        assert!(
            matches!(answer, Err(StoreError::Failed { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(numbers(&mut c), Vec::<i64>::new());
}
