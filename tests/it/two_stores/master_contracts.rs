//! Calls about lists of instruments.

use super::answer::plain;
use super::call::broker;
use openalgo::core::id::BrokerName;
use openalgo::core::market::{FileMark, MasterContract};
use openalgo_core::testing::contract::Repositories;
use openalgo_core::testing::sample::{at, day};
use proptest::prelude::*;

#[derive(Debug, Clone)]
pub(super) enum MasterContracts {
    List,
    Newest(BrokerName),
    Keep(BrokerName, u8),
}

pub(super) fn master_contracts() -> impl Strategy<Value = MasterContracts> {
    prop_oneof![
        1 => Just(MasterContracts::List),
        1 => broker().prop_map(MasterContracts::Newest),
        3 => (broker(), 1..30_u8).prop_map(|(broker, it)| MasterContracts::Keep(broker, it)),
    ]
}

impl MasterContracts {
    pub(super) async fn answer(&self, store: &Repositories) -> String {
        let lists = &store.master_contracts;
        match self {
            Self::List => plain(lists.list().await),
            Self::Newest(broker) => plain(lists.newest(broker).await),
            Self::Keep(broker, number) => {
                let kept = MasterContract {
                    broker: broker.clone(),
                    date: day((*number).into()).date(),
                    instruments: (*number).into(),
                    refused: 0,
                    taken_from: "instruments.csv".into(),
                    taken_at: at((*number).into()),
                    mark: FileMark {
                        key: [*number; 32],
                        code: [0; 32],
                    },
                };
                plain(lists.keep(&kept).await)
            }
        }
    }
}
