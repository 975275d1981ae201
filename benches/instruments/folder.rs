//! A data folder with a list in it.

use crate::file;
use openalgo::core::id::BrokerName;
use openalgo::core::market::SizeRule;
use openalgo::{KeySource, LocalFile, OpenAlgo, OpenContract};
use serde::de::IgnoredAny;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) struct Folder {
    root: PathBuf,
    broker: BrokerName,
}

impl Folder {
    pub(crate) fn at(root: PathBuf) -> Self {
        Self {
            root,
            broker: "zerodha".parse().unwrap(),
        }
    }

    /// Takes the list that all of this is about.
    pub(crate) async fn fill(&self) {
        fs::write(self.csv(), file::text()).unwrap();
        let app = self.open().await;
        self.take(&app).await;
        app.close().await;
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    fn csv(&self) -> PathBuf {
        self.root.join("instruments.csv")
    }

    pub(crate) async fn open(&self) -> OpenAlgo {
        let key = KeySource::File(self.root.join("master.key"));
        let app = OpenAlgo::builder().data_dir(self.root.join("data"));
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
        let file = self.root.join("data/master_contracts/zerodha.json");
        let text = fs::read(file).unwrap();
        serde_json::from_slice::<IgnoredAny>(&text).unwrap();
    }
}
