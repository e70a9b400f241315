//! The report: `docs/benchmarks.md`, with the budgets first and then all figures of the run.

use std::{error::Error, fmt::Write, fs, path::Path, process::Command, thread};

use crate::{
    GROUPS,
    measure::{Measurement, Results},
};

/// The budgets, each with the labels of its measurements and with what is known of peers that are
/// not part of the run.
const BUDGETS: [(&str, &[&str], &str); 13] = [
    (
        "`cargo check` of 100 entities takes no longer than serde's two derives",
        &["check of 100 entities, 10 attributes, 3 links"],
        "",
    ),
    ("An entity expands to at most 260 lines", &["code of one entity, expanded"], ""),
    ("The network client alone has at most 120 crates", &["crates of instant-client without `local`"], ""),
    (
        "The client costs at most 1.10 × `reqwest` with `serde_json`",
        &["query of 10 rows, processor time"],
        "",
    ),
    (
        "Decoding costs at most 1.15 × structs derived with serde",
        &["decode 1,000 rows with 1 nested each", "decode 100 rows with 10 nested each"],
        "",
    ),
    (
        "A new app and a fork take at most 1 ms",
        &["embedded: new empty app", "memory: fork", "file: fork"],
        "",
    ),
    ("A row is found within 50 µs", &["embedded: get by id", "embedded: indexed lookup"], ""),
    (
        "HTTP: 35,000 rows by id a second",
        &["memory: get by id, 64 connections", "durable: get by id, 64 connections"],
        "PocketBase 0.36: 7,600/s; Instant's server: 735/s",
    ),
    (
        "HTTP: 15,000 ordered ranges of 20 rows a second",
        &["memory: ordered range of 20, 64 connections", "durable: ordered range of 20, 64 connections"],
        "PocketBase 0.36: 3,400/s; Instant's server: 170/s",
    ),
    (
        "HTTP: 12,000 writes a second in memory, 10,000 relaxed, 4,000 durable",
        &[
            "memory: write of 1 row, 64 connections",
            "relaxed: write of 1 row, 64 connections",
            "durable: write of 1 row, 64 connections",
        ],
        "PocketBase 0.36, relaxed: 3,900/s; Instant's server: 170/s",
    ),
    ("A durable write takes at most 3 × the disk's own sync", &["durable: one write at a time"], ""),
    (
        "A rule adds at most 2 µs to a row that is read, with `data.ref` 5 µs",
        &[
            "rules: 100 rows read, simple rule, more per row",
            "rules: 100 rows read, data.ref rule, more per row",
        ],
        "",
    ),
    (
        "A live query is delivered within 10 ms of the commit, 100 subscribers, p99",
        &[],
        "Live queries are not served yet.",
    ),
];

/// Writes `docs/benchmarks.md` of this project.
pub(crate) fn write(results: &Results) -> Result<(), Box<dyn Error>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the project has no directory")?;
    let path = project.join("docs/benchmarks.md");
    fs::write(&path, text(results))
        .map_err(|error| format!("failed to write {}: {error}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn text(results: &Results) -> String {
    let mut out = String::from(
        "# Benchmarks\n\nThis file is written by `cargo run --release -p instant-benches -- report`. Each figure stands beside that of a \
         peer in the same run, or beside its budget alone. Times are the least of several runs, because other work of the machine only \
         adds to them. Rates are averages.\n\n",
    );
    for (name, value) in machine() {
        let _ = writeln!(out, "- {name}: {value}");
    }
    out.push_str("\n## Budgets\n\n| Budget | Measured | Ours | Peer, same run | Bound | Holds |\n|---|---|---|---|---|---|\n");
    for (budget, labels, elsewhere) in BUDGETS {
        if labels.is_empty() {
            let _ = writeln!(out, "| {budget} | – | – | – | – | {elsewhere} |");
        }
        for label in labels {
            let _ = match results.all().find(|measurement| measurement.what == *label) {
                Some(measurement) => writeln!(out, "| {budget} | {} |", cells(measurement)),
                None => writeln!(out, "| {budget} | {label} | not measured in this run | – | – | – |"),
            };
        }
    }
    out.push_str(
        "\nFigures of other servers, taken on another machine of two cores with `wrk` on the same cores:\n\n",
    );
    for (budget, _, elsewhere) in
        BUDGETS.iter().filter(|(_, labels, elsewhere)| !labels.is_empty() && !elsewhere.is_empty())
    {
        let _ = writeln!(out, "- {budget}. {elsewhere}.");
    }
    for group in GROUPS {
        let _ = write!(
            out,
            "\n## {}\n\n{}\n\n| Measured | Ours | Peer, same run | Bound | Holds |\n|---|---|---|---|---|\n",
            group.title, group.method
        );
        for measurement in results.group(group.name) {
            let _ = writeln!(out, "| {} |", cells(measurement));
        }
    }
    out
}

/// Returns the cells of a measurement: label, ours, peer, bound and verdict.
fn cells(measurement: &Measurement) -> String {
    let peer = match (&measurement.peer, measurement.ratio()) {
        (Some(peer), Some(ratio)) => format!("{}: {} ({ratio:.2} ×)", peer.name, peer.value),
        _ => "no peer".to_owned(),
    };
    let bound = measurement.budget.map_or("–".to_owned(), |budget| budget.to_string());
    let holds = match measurement.holds() {
        None => "–",
        Some(true) => "yes",
        Some(false) => "**no**",
    };
    format!("{} | {} | {peer} | {bound} | {holds}", measurement.what, measurement.ours)
}

/// Returns the facts about this run: date, commit, compiler, machine.
fn machine() -> Vec<(&'static str, String)> {
    let cpu = field("/proc/cpuinfo", "model name");
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let memory =
        field("/proc/meminfo", "MemTotal").and_then(|memory| memory.split(' ').next()?.parse::<f64>().ok());
    let memory = memory.map_or("unknown".to_owned(), |kib| format!("{:.1} GiB", kib / f64::from(1 << 20)));
    let changed = output("git", &["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
    let commit = output("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let system =
        fs::read_to_string("/proc/sys/kernel/osrelease").map(|system| format!("Linux {}", system.trim()));
    vec![
        ("Date", jiff::Zoned::now().date().to_string()),
        ("Commit", if changed { format!("{commit}, with changes") } else { commit }),
        ("Compiler", output("rustc", &["--version"]).unwrap_or_else(|| "unknown".to_owned())),
        ("Processor", format!("{}, {cores} cores", cpu.unwrap_or_else(|| "unknown".to_owned()))),
        ("Memory", memory),
        ("System", system.unwrap_or_else(|_| std::env::consts::OS.to_owned())),
    ]
}

/// Returns the first field with this name in a file of `/proc`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Returns what a program prints, if it succeeds.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Budget, Quantity};

    #[test]
    fn each_budget_has_a_row_and_a_missing_peer_is_named() {
        let mut results = Results::default();
        results.begin("engine");
        let most = Budget::AtMost(Quantity::Lines(260));
        results.add(Measurement::new("code of one entity, expanded", Quantity::Lines(259)).budget(most));
        results.add(
            Measurement::new("durable: one write at a time", Quantity::Lines(7))
                .peer("sync", Quantity::Lines(2))
                .budget(Budget::TimesPeer(3.0)),
        );
        let text = text(&results);
        for (budget, ..) in BUDGETS {
            assert!(text.contains(&format!("| {budget} |")), "{budget}");
        }
        for row in [
            "| code of one entity, expanded | 259 lines | no peer | ≤ 260 lines | yes |",
            "| durable: one write at a time | 7 lines | sync: 2 lines (3.50 ×) | ≤ 3.00 × peer | **no** |",
            "| embedded: get by id | not measured in this run |",
            "Live queries are not served yet.",
        ] {
            assert!(text.contains(row), "{row}\n{text}");
        }
    }
}
