//! The Telegram bot of a user.

use crate::id::UserId;
use secrecy::SecretString;

/// Where alerts are sent and which.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each flag is one column of the user's design"
)]
pub struct TelegramConfig {
    /// Whose bot.
    pub user: UserId,
    /// The chat that gets the messages.
    pub chat_id: Option<String>,
    /// The bot's token; sealed in the database.
    pub bot_token: Option<SecretString>,
    /// Whether anything is sent.
    pub is_active: bool,
    /// Whether order updates are sent.
    pub send_order_updates: bool,
    /// Whether position updates are sent.
    pub send_position_updates: bool,
    /// Whether a summary is sent each day.
    pub send_daily_summary: bool,
}
