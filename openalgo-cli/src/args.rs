//! The flags and commands, with their help.

use crate::command::{
    analyzer, apikey, backup, broker, completions, db, depth, doctor, history, journal, key,
    latency, lock, logs, market, option, order, paper, pending, portfolio, quickstart, quote,
    record, replay, risk, settings, status, symbols, unlock, user, watch,
};
use crate::error::CliError;
use crate::request::absolute;
use chrono::DateTime;
use clap::builder::FalseyValueParser;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use openalgo::core::id::Username;
use openalgo::core::market::Timestamp;
use openalgo::{ClockSpeed, KeySourceName, PlaceRule, World};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  openalgo quickstart
  openalgo quote RELIANCE
  openalgo order place --symbol RELIANCE --exchange NSE --action BUY \\
      --quantity 10 --product MIS
  openalgo order place --symbol INFY --exchange NSE --action SELL \\
      --quantity 5 --product MIS --price-type LIMIT --price 1520.50
  openalgo positions --json

Exit codes:
  0  done
  1  something unexpected failed
  2  the command line is wrong
  3  locked: the key is missing or wrong, or the user is not known
  4  refused by a rule: symbol, lot size, tick, funds, or nothing of that name
  5  rejected by the broker
  6  the outcome is unknown: look at it before sending it again
  7  unavailable: no data yet, damaged, or in use by another process

Data goes to stdout, messages to stderr. With --json the answer is one object:
  {\"ok\":true,\"data\":…} or {\"ok\":false,\"error\":{\"code\":…,\"message\":…,\"hint\":…}}
Of several orders, data tells what became of each, and the exit code the
gravest.";

/// A local-first trading engine for Indian brokers.
#[derive(Debug, Parser)]
#[command(name = "openalgo", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Folder in which everything lives [default: the platform's place for your data]
    #[arg(long, global = true, value_name = "DIR", env = "OPENALGO_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Where the key is kept: keychain, passphrase, file:PATH, credential or credential:NAME
    ///
    /// A new folder without this flag keeps its key in the keychain or, where there is none, in
    /// a key file in your configuration folder. An existing folder knows where its key is. A
    /// passphrase is asked for at the terminal, or read from the file that
    /// OPENALGO_PASSPHRASE_FILE names. A credential is one that systemd hands to a service; its
    /// name is openalgo-key unless another one is given.
    #[arg(
        long,
        global = true,
        value_name = "SOURCE",
        env = "OPENALGO_KEY_SOURCE"
    )]
    pub(crate) key_source: Option<KeySourceName>,

    /// Who named it.
    #[arg(skip)]
    key_source_by: Option<NamedBy>,

    /// Whose account to act on [default: the owner]
    #[arg(long, global = true, value_name = "NAME", env = "OPENALGO_USER")]
    pub(crate) user: Option<Username>,

    /// Trade on paper at the prices of a recorded market instead of simulated ones
    ///
    /// A folder holds instruments.csv, quotes.json and, for past prices, historical.json, as
    /// Kite Connect answers them; files that change are read again. A file is a recording, as
    /// `openalgo record` makes it: its prices come at its times, and the paper world begins
    /// when it did and goes on where it was left.
    #[arg(long, global = true, value_name = "PATH", env = "OPENALGO_MARKET_DATA")]
    market_data: Option<PathBuf>,

    /// Let the paper world begin at this instant, such as 2026-11-25T10:30:00+05:30
    ///
    /// It runs on from there for as long as the data folder is open; a folder that is opened
    /// again on the same day goes on where it was left. No broker can be logged in to meanwhile.
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        env = "OPENALGO_CLOCK",
        value_parser = instant
    )]
    clock: Option<Timestamp>,

    /// Let the time of the paper world go so many times as fast, or stand at 0
    ///
    /// Where it stands, each command is done at the instant that --clock says.
    #[arg(
        long,
        global = true,
        value_name = "TIMES",
        env = "OPENALGO_CLOCK_SPEED"
    )]
    clock_speed: Option<ClockSpeed>,

    /// Answer with one JSON object instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Use a data folder on a network drive, shared with a host, or in a folder that is synced
    ///
    /// Such a folder is refused otherwise: two machines can have it at once, the database can be
    /// damaged, and old copies come back. Give this only where one machine alone gets at it.
    #[arg(
        long,
        global = true,
        env = "OPENALGO_ALLOW_SHARED_FOLDER",
        value_parser = FalseyValueParser::new()
    )]
    allow_shared_folder: bool,
}

/// How something was named that a flag or the environment can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamedBy {
    Flag,
    Environment,
}

impl NamedBy {
    /// The flag or the variable that names the key source.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Flag => "--key-source",
            Self::Environment => "OPENALGO_KEY_SOURCE",
        }
    }
}

impl Cli {
    /// Reads the command line.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        let read = Self::from_arg_matches(&matches);
        let mut cli = read.map_err(|error| error.format(&mut command))?;
        cli.global.key_source_by = match matches.value_source("key_source") {
            Some(ValueSource::EnvVariable) => Some(NamedBy::Environment),
            Some(_) => Some(NamedBy::Flag),
            None => None,
        };
        Ok(cli)
    }
}

impl Global {
    /// The key source that was named, and by what.
    pub(crate) fn named_key_source(&self) -> Option<(KeySourceName, NamedBy)> {
        self.key_source.clone().zip(self.key_source_by)
    }

    /// The world that was asked for.
    pub(crate) fn world(&self) -> Result<World, CliError> {
        let market_data = self.market_data.as_deref().map(absolute).transpose()?;
        Ok(World {
            market_data,
            clock: self.clock,
            speed: self.clock_speed,
        })
    }

    /// Where the data folder may lie.
    pub(crate) fn place(&self) -> PlaceRule {
        if self.allow_shared_folder {
            PlaceRule::Anywhere
        } else {
            PlaceRule::OwnDisk
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let parsed = DateTime::parse_from_rfc3339(text);
    let instant = parsed.map(|instant| Timestamp::new(instant.to_utc()));
    instant.map_err(|_reason| {
        "give date, time and time zone, such as 2026-11-25T10:30:00+05:30".to_owned()
    })
}

#[derive(Debug, Subcommand, Serialize, Deserialize)]
pub(crate) enum Command {
    /// Set everything up, place two paper orders and show what came of them
    Quickstart(quickstart::Args),
    /// Make the data folder with its owner and API key
    Init(quickstart::Args),
    /// Show where everything lives and how much there is of it
    Status(status::Args),
    /// Hold the data folder open, so that commands need no passphrase, until it is locked
    Unlock(unlock::Args),
    /// Lock a data folder that `openalgo unlock` holds open
    Lock(lock::Args),
    /// Manage users
    #[command(subcommand)]
    User(user::Command),
    /// Manage the API key that programs use
    #[command(subcommand)]
    Apikey(apikey::Command),
    /// Choose between the paper exchange and real brokers
    #[command(subcommand)]
    Analyzer(analyzer::Command),
    /// Choose the broker that orders go to
    #[command(subcommand)]
    Broker(broker::Command),
    /// Read and change settings
    #[command(subcommand)]
    Settings(settings::Command),
    /// Find instruments
    #[command(subcommand)]
    Symbols(symbols::Command),
    /// Show holidays and hours of the exchanges
    #[command(subcommand)]
    Market(market::Command),
    /// Show the market of an instrument
    Quote(quote::Args),
    /// Show the order book of an instrument
    Depth(depth::Args),
    /// Show prices as they change, until you stop it
    Watch(watch::Args),
    /// Show what prices did in the past, and keep it
    History(history::Args),
    /// Show the options on something: prices, volatility, open interest
    Chain(option::chain::Args),
    /// Show the volatility and the Greeks of an option
    Greeks(option::greeks::Args),
    /// Draw what a set of options and futures earns, and estimate its margin
    Payoff(option::payoff::Args),
    /// Record prices as they come into a file
    Record(record::Args),
    /// Play a recording of prices
    #[serde(skip)]
    Replay(replay::Args),
    /// Set limits, stop all trading, and allow it again
    #[command(subcommand)]
    Risk(risk::Command),
    /// Place, list, show and cancel orders
    #[command(subcommand)]
    Order(order::Command),
    /// Decide on orders of an API key that wait for approval
    #[command(subcommand)]
    Pending(pending::Command),
    /// Show and reset the paper account, and change its capital
    #[command(subcommand)]
    Paper(paper::Command),
    /// List executions
    Trades(portfolio::TradesArgs),
    /// List positions: the open ones, and those closed today
    Positions(portfolio::NoArgs),
    /// List delivered shares
    Holdings(portfolio::NoArgs),
    /// Show the money of the account
    Funds(portfolio::NoArgs),
    /// Show what was asked for and answered
    Logs(logs::Args),
    /// Show how long orders took, and where that time went
    Latency(latency::Args),
    /// Write everything into one encrypted file, prove it, and restore it
    #[command(subcommand)]
    Backup(backup::Command),
    /// Examine the database
    #[command(subcommand)]
    Db(db::Command),
    /// Prove the journal of orders, and write it out
    #[command(subcommand)]
    Journal(journal::Command),
    /// Look for what could keep OpenAlgo from working here, and say how to mend it
    Doctor(doctor::Args),
    /// Manage the key of the data folder
    #[command(subcommand)]
    Key(key::Command),
    /// Print a completion script for your shell
    #[serde(skip)]
    Completions(completions::Args),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widest line of a terminal that nobody has made wider.
    const TERMINAL: usize = 80;

    fn too_wide(command: &clap::Command, found: &mut Vec<String>) {
        let text = command.get_after_help().map(ToString::to_string);
        let lines = text.as_deref().unwrap_or_default().lines();
        found.extend(
            lines
                .filter(|line| line.chars().count() > TERMINAL)
                .map(str::to_owned),
        );
        for inner in command.get_subcommands() {
            too_wide(inner, found);
        }
    }

    /// A terminal breaks a line of an example where it is no command any more.
    #[test]
    fn examples_fit_into_a_terminal() {
        let mut found = Vec::new();
        too_wide(&Cli::command(), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
