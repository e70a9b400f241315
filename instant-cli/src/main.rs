//! The binary `instant`: serves the embedded backend for development, checks, exports and imports
//! apps. Each subcommand has a file of its own.

mod app;
mod check;
mod checkpoint;
mod dev;
mod export;
mod import;
mod progress;
mod remote;
mod signals;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Instant for Rust: serve, check, export and import Instant apps
#[derive(Debug, Parser)]
#[command(name = "instant", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve an Instant backend on this machine, for development
    Dev(dev::DevArgs),
    /// Check the integrity of an app file, or of all app files in a directory
    Check(check::CheckArgs),
    Export(export::ExportArgs),
    Import(import::ImportArgs),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Dev(args) => args.run(),
        Command::Check(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::Import(args) => args.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Returns the messages of an error and its causes, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
