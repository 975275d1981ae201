//! A data folder with a list in it.

use crate::file;
use openalgo::core::id::BrokerName;
use openalgo::core::market::SizeRule;
use openalgo::{KeySource, LocalFile, OpenAlgo, OpenContract};
use serde::de::IgnoredAny;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) struct Folder {
    place: TempDir,
    broker: BrokerName,
}

impl Folder {
    pub(crate) async fn new() -> Self {
        let folder = Self {
            place: TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap(),
            broker: "zerodha".parse().unwrap(),
        };
        fs::write(folder.csv(), file::text()).unwrap();
        let app = folder.open().await;
        folder.take(&app).await;
        app.close().await;
        folder
    }

    fn csv(&self) -> PathBuf {
        self.place.path().join("instruments.csv")
    }

    pub(crate) async fn open(&self) -> OpenAlgo {
        let key = KeySource::File(self.place.path().join("master.key"));
        let app = OpenAlgo::builder().data_dir(self.place.path().join("data"));
        app.key_source(key)
            .without_market_watch()
            .open()
            .await
            .unwrap()
    }

    pub(crate) async fn take(&self, app: &OpenAlgo) {
        let from = LocalFile(self.csv());
        let contracts = app.master_contracts();
        let taken = contracts.take(&self.broker, (&from, SizeRule::AsBefore), &|_| {});
        assert_eq!(taken.await.unwrap().contract.instruments, 110_000);
    }

    pub(crate) async fn list(&self, app: &OpenAlgo) -> Arc<OpenContract> {
        app.master_contracts().open(&self.broker).await.unwrap()
    }

    /// The rows of the file as it came, and nothing made of them.
    pub(crate) fn read_rows(&self) -> usize {
        let text = fs::read(self.csv()).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_slice());
        let mut record = csv::StringRecord::new();
        let mut rows = 0;
        while reader.read_record(&mut record).unwrap() {
            rows += 1;
        }
        rows
    }

    /// The file as it is kept, and nothing made of it.
    pub(crate) fn read_json(&self) {
        let file = self.place.path().join("data/master_contracts/zerodha.json");
        let text = fs::read(file).unwrap();
        serde_json::from_slice::<IgnoredAny>(&text).unwrap();
    }
}
