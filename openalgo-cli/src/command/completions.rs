//! `openalgo completions`.

use crate::args::Cli;
use crate::error::{CliError, Exit};
use crate::show::Output;
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

/// The examples of this command.
const EXAMPLES: &str = "\
Examples:
  openalgo completions bash \\
      > ~/.local/share/bash-completion/completions/openalgo
  openalgo completions zsh > ~/.zfunc/_openalgo";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell to complete in
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<Output, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "openalgo", &mut script);
    let script = String::from_utf8(script).map_err(|error| {
        CliError::new(
            Exit::Unexpected,
            "internal",
            &format!("the script is no text: {error}"),
        )
    })?;
    Ok(Output::new(json!({ "script": script }), script))
}
