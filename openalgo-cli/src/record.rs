//! What is recorded of a command that changes orders: what was asked for, and what was answered.

use crate::args::Command;
use crate::error::CliError;
use crate::session::Session;
use crate::show::Output;
use openalgo::core::monitor::NewOrderLog;
use serde_json::{Value, json};
use tokio::time::Instant;

/// A command that runs and is to be recorded.
pub(crate) struct Record {
    endpoint: &'static str,
    request: Value,
    begun: Instant,
}

impl Record {
    /// Begins to record a command, if it is one of those that are. None of them carries a secret.
    pub(crate) fn begin(command: &Command) -> Option<Self> {
        Some(Self {
            endpoint: command.endpoint()?,
            request: serde_json::to_value(command).map_or(Value::Null, arguments),
            begun: Instant::now(),
        })
    }

    /// Hands over what came of it.
    pub(crate) async fn end(self, session: &Session<'_>, outcome: &Result<Output, CliError>) {
        let Ok(app) = session.app() else {
            return;
        };
        let latency = self.begun.elapsed();
        // What is about nobody known is recorded all the same.
        let user = session.user().await.ok().map(|user| user.id);
        let response = match outcome {
            Ok(output) if output.failing.is_some() => json!({
                "status": "error",
                "data": output.data,
                "error": { "message": first_message(&output.data) },
            }),
            Ok(output) => json!({ "status": "success", "data": output.data }),
            Err(error) => json!({ "status": "error", "error": error.to_json() }),
        };
        app.logs().record(NewOrderLog {
            user,
            endpoint: self.endpoint.into(),
            method: "CLI".into(),
            request: Some(self.request.to_string()),
            response: Some(response.to_string()),
            status_code: None,
            latency: Some(latency),
            ip_address: None,
            user_agent: Some(concat!("openalgo/", env!("CARGO_PKG_VERSION")).into()),
        });
    }
}

/// Of an answer that tells of something wrong: what it says first about that.
fn first_message(data: &Value) -> &str {
    let parts = data
        .as_array()
        .map_or(std::slice::from_ref(data), Vec::as_slice);
    let places = ["/message", "/status_message", "/order/status_message"];
    let mut told = parts.iter().flat_map(|part| {
        places
            .iter()
            .filter_map(move |place| part.pointer(place)?.as_str())
    });
    told.next().unwrap_or("not all of it was done")
}

/// The arguments of a command, without the names of the command around them.
fn arguments(mut command: Value) -> Value {
    while let Value::Object(fields) = &mut command {
        let is_name = |name: &String| name.starts_with(|it: char| it.is_ascii_uppercase());
        if fields.len() != 1 || !fields.keys().all(is_name) {
            break;
        }
        match std::mem::take(fields).into_iter().next() {
            Some((_, inside)) => command = inside,
            None => break,
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stand_without_the_names_of_the_command() {
        let place = json!({ "Order": { "Place": { "symbol": "INFY" } } });
        assert_eq!(arguments(place), json!({ "symbol": "INFY" }));
        let all = json!({ "Order": "CancelAll" });
        assert_eq!(arguments(all), json!("CancelAll"));
        let none = json!({ "Order": {} });
        assert_eq!(arguments(none), json!({}));
    }
}
