//! The cost of the derive for the compiler: `cargo check` of a hundred entities compared with the
//! same structs with serde's two derives; queries; entities with many links; the lines of an
//! expanded entity; and the crates of the network client.

mod generate;

use std::{
    collections::BTreeSet,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use crate::measure::{
    Budget, Measurement,
    Quantity::{Crates, Lines, Time},
    Results,
};

const RUNS: usize = 3;

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the project has no directory")?;
    let folder = tempfile::tempdir()?;
    generate::workspace(folder.path(), &project.join("instant-client"))?;
    // The project's versions, so that nothing has to be downloaded.
    fs::copy(project.join("Cargo.lock"), folder.path().join("Cargo.lock"))?;
    let bench = Bench { folder: folder.path().to_owned(), target: folder.path().join("target") };
    bench.cargo(&["check", "--workspace"])?;

    let (mut ours, mut serde) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        ours = ours.min(bench.check("entities")?);
        serde = serde.min(bench.check("structs")?);
    }
    let what = "check of 100 entities, 10 attributes, 3 links";
    results.add(
        Measurement::new(what, Time(ours))
            .peer("serde's two derives", Time(serde))
            .budget(Budget::TimesPeer(1.0)),
    );
    let most = Budget::AtMost(Time(Duration::from_millis(500)));
    let queries = bench.least("queries")?;
    results.add(Measurement::new("check of 100 functions with a nested query", Time(queries)).budget(most));
    for links in generate::HUBS {
        let time = bench.least(&format!("hub{links}"))?;
        results.add(Measurement::new(format!("check of 20 entities with {links} links"), Time(time)));
    }
    match bench.expanded_lines() {
        Some(lines) => results.add(
            Measurement::new("code of one entity, expanded", Lines(lines)).budget(Budget::AtMost(Lines(260))),
        ),
        None => println!("code of one entity, expanded: not measured, nightly Rust is not installed"),
    }
    results.add(
        Measurement::new("crates of instant-client without `local`", Crates(crates(project)?))
            .budget(Budget::AtMost(Crates(120))),
    );
    Ok(())
}

/// Returns the number of crates in the tree of the network client.
fn crates(project: &Path) -> Result<usize, Box<dyn Error>> {
    let arguments = ["tree", "--package", "instant-client", "--no-default-features", "--features", "tls"];
    let output = Command::new("cargo")
        .args(arguments)
        .args(["--edges", "normal", "--prefix", "none"])
        .current_dir(project)
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let tree = String::from_utf8(output.stdout)?;
    let names = tree.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut words = line.split(' ');
        (words.next(), words.next())
    });
    Ok(BTreeSet::from_iter(names).len())
}

struct Bench {
    folder: PathBuf,
    target: PathBuf,
}

impl Bench {
    /// Returns the time that `cargo check` of a changed crate takes.
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

    /// Returns the lines that the derive generates for one entity, as nightly Rust counts them.
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
