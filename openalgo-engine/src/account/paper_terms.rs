//! The terms of the paper exchange, as the settings say them.

use crate::service::SettingService;
use openalgo_core::account::SettingKey;
use openalgo_core::market::MarketHours;
use openalgo_core::paper::{ExpiryTerms, PaperTerms, SquareOffTimes, WeeklyReset};
use openalgo_core::port::{PaperExchange, StoreError};
use openalgo_core::rule::margin::Leverage;
use std::sync::Arc;

/// What the settings come to; read anew only when one has changed.
#[derive(Debug)]
pub(super) struct TermsReader {
    settings: SettingService,
    hours: MarketHours,
    exchange: Arc<dyn PaperExchange>,
    known: Option<(u64, Arc<PaperTerms>)>,
}

impl TermsReader {
    pub(super) fn new(
        settings: SettingService,
        hours: MarketHours,
        exchange: Arc<dyn PaperExchange>,
    ) -> Self {
        Self {
            settings,
            hours,
            exchange,
            known: None,
        }
    }

    /// The terms that hold now.
    pub(super) fn read(&mut self) -> Result<Arc<PaperTerms>, StoreError> {
        // Asked for before the values: a change in between is read again the next time.
        let changes = self.settings.changes();
        if let Some((known, terms)) = &self.known
            && *known == changes
        {
            return Ok(Arc::clone(terms));
        }
        let terms = Arc::new(terms_of(
            &self.settings,
            self.hours.clone(),
            &*self.exchange,
        )?);
        self.known = Some((changes, Arc::clone(&terms)));
        Ok(terms)
    }
}

fn terms_of(
    settings: &SettingService,
    hours: MarketHours,
    exchange: &dyn PaperExchange,
) -> Result<PaperTerms, StoreError> {
    Ok(PaperTerms {
        capital: settings.parsed(SettingKey::StartingCapital)?,
        weekly_reset: WeeklyReset {
            day: settings.parsed(SettingKey::ResetDay)?,
            time: settings.parsed(SettingKey::ResetTime)?,
        },
        leverage: Leverage {
            equity_mis: settings.parsed(SettingKey::EquityMisLeverage)?,
            equity_cnc: settings.parsed(SettingKey::EquityCncLeverage)?,
            futures: settings.parsed(SettingKey::FuturesLeverage)?,
            option_buy: settings.parsed(SettingKey::OptionBuyLeverage)?,
            option_sell: settings.parsed(SettingKey::OptionSellLeverage)?,
        },
        hours,
        square_off: SquareOffTimes {
            equity: settings.parsed(SettingKey::NseBseSquareOffTime)?,
            currency: settings.parsed(SettingKey::CdsBcdSquareOffTime)?,
            mcx: settings.parsed(SettingKey::McxSquareOffTime)?,
            ncdex: settings.parsed(SettingKey::NcdexSquareOffTime)?,
        },
        expiry: ExpiryTerms {
            timing: settings.parsed(SettingKey::ExpirySettlementTiming)?,
            options: settings.parsed(SettingKey::OptionExpirySettlement)?,
        },
        oco_margin: settings.parsed(SettingKey::GttOcoMarginMode)?,
        charges: exchange.charges(settings.parsed(SettingKey::PaperCharges)?),
        slippage: settings.parsed(SettingKey::PaperSlippageTicks)?,
    })
}
