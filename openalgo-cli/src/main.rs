//! The program `openalgo`; everything it does is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    openalgo_cli::main()
}
