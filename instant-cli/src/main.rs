//! The command `instant`: its arguments, and how it ends. What each subcommand does is in its own
//! file.

mod check;
mod checkpoint;
mod dev;
mod export;
mod import;
mod progress;
mod remote;
mod signals;
mod target;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Instant for Rust: an Instant server on your own machine.
#[derive(Debug, Parser)]
#[command(name = "instant", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve an embedded Instant on this machine, for development.
    Dev(dev::Dev),
    /// Read an app's file, or a directory of them, and name whatever does not agree with itself.
    Check(check::Check),
    /// Write an app as lines of JSON: schema, rules, entities, links.
    Export(export::Export),
    /// Read an app's lines of JSON into an app.
    Import(import::Import),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Dev(dev) => dev.run(),
        Command::Check(check) => check.run(),
        Command::Export(export) => export.run(),
        Command::Import(import) => import.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// The error and what caused it, in one line.
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
