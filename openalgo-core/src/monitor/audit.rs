//! Who did what.

use crate::id::UserId;
use crate::market::Timestamp;
use crate::wire::wire_enum;

wire_enum! {
    /// What was done.
    pub enum AuditAction as "audited action" {
        /// All trading of a user was stopped.
        RiskHalt = "risk.halt",
        /// A user may trade again.
        RiskResume = "risk.resume",
        /// A limit of risk was changed.
        RiskLimit = "risk.limit",
        /// An order that waited for a person was let go.
        PendingApprove = "pending.approve",
        /// An order that waited for a person was refused.
        PendingReject = "pending.reject",
        /// An order that was decided on was removed from the list.
        PendingDelete = "pending.delete",
        /// A paper account was started anew.
        PaperReset = "paper.reset",
        /// An older copy of the database was taken for the newest.
        OlderAccepted = "db.accept_older",
    }
}

wire_enum! {
    /// From where something was done.
    pub enum Surface as "surface" {
        /// The command line.
        Cli = "cli",
        /// The desktop program.
        Gui = "gui",
        /// The REST interface.
        Rest = "rest",
        /// A webhook.
        Webhook = "webhook",
        /// A Telegram command.
        Telegram = "telegram",
        /// The program that embeds this one as a crate.
        Embedded = "embedded",
        /// This program by itself.
        Engine = "engine",
    }
}

/// Who does something, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The user; `None` where none is known, as for what is said before the database is open, and
    /// where the program acts by itself ([`Surface::Engine`]).
    ///
    /// On the command line it is the user on whose account somebody acts who can use the key.
    pub user: Option<UserId>,
    /// From where.
    pub surface: Surface,
}

/// Something that was done. No secret is ever in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who did it.
    pub by: Author,
    /// What it was.
    pub action: AuditAction,
    /// What it was done to, such as `user 1`.
    pub object: String,
    /// What else is worth knowing.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
}
