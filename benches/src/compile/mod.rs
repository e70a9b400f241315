//! What the derive costs the compiler: `cargo check` of a hundred entities against the same structs with serde's two
//! derives, in turns; queries; entities with many links; and how much code an entity becomes.

mod generate;

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use crate::measure::Ratio;

const RUNS: usize = 3;

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the project has no folder")?;
    let folder = tempfile::tempdir()?;
    generate::workspace(folder.path(), &project.join("instant-client"))?;
    // The versions of the project, so that nothing has to be fetched.
    fs::copy(project.join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
    let bench = Bench { folder: folder.path().to_owned(), target: folder.path().join("target") };
    bench.cargo(&["check", "--workspace"])?;

    let (mut ours, mut serde) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        ours = ours.min(bench.check("entities")?);
        serde = serde.min(bench.check("structs")?);
    }
    let what = "check of 100 entities, 10 attributes, 3 links";
    println!("{}", Ratio { what, ours, peer: serde, against: "serde's two derives", budget: 1.0 });

    let queries = bench.least("queries")?;
    let verdict = if queries <= Duration::from_millis(500) { "" } else { "  OVER BUDGET" };
    println!("{:52} {queries:.2?} | budget 0.50 s{verdict}", "check of 100 functions with a nested query");
    for links in generate::HUBS {
        println!(
            "{:52} {:.2?}",
            format!("check of 20 entities with {links} links"),
            bench.least(&format!("hub{links}"))?
        );
    }
    match bench.expanded_lines() {
        Some(lines) => {
            let verdict = if lines <= 260 { "" } else { "  OVER BUDGET" };
            println!("{:52} {lines} lines | budget 260{verdict}", "code of one entity, expanded");
        }
        None => println!("code of one entity, expanded: needs nightly Rust, which is not here"),
    }
    Ok(())
}

struct Bench {
    folder: PathBuf,
    target: PathBuf,
}

impl Bench {
    /// How long `cargo check` of a changed crate takes.
    fn check(&self, name: &str) -> Result<Duration, Box<dyn Error>> {
        let source = self.folder.join(name).join("src/lib.rs");
        fs::write(&source, fs::read_to_string(&source)? + "\n")?;
        let begun = Instant::now();
        self.cargo(&["check", "--package", name])?;
        Ok(begun.elapsed())
    }

    fn least(&self, name: &str) -> Result<Duration, Box<dyn Error>> {
        let mut least = Duration::MAX;
        for _ in 0..RUNS {
            least = least.min(self.check(name)?);
        }
        Ok(least)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
        let output = self.command("cargo", arguments)?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)).into())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> std::io::Result<Output> {
        Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS")
            .output()
    }

    /// How many lines the derive makes of one entity, as nightly Rust counts them.
    fn expanded_lines(&self) -> Option<usize> {
        let target = self.target.join("nightly");
        let output = Command::new("rustup")
            .args(["run", "nightly", "cargo", "rustc", "--package", "entities", "--profile", "check"])
            .args(["--", "-Zmacro-stats"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target)
            .output()
            .ok()?;
        let report = String::from_utf8(output.stderr).ok()?;
        let line = report.lines().find(|line| line.contains("InstantEntity"))?;
        let columns = Vec::from_iter(
            line.split_whitespace().filter_map(|word| word.replace('_', "").parse::<f64>().ok()),
        );
        // Uses, lines, lines per use, ..
        columns.get(2).map(|lines| lines.round() as usize)
    }
}
