//! Generates a test for each Rust code block of the README and the guides.
//!
//! A block is the body of an `async fn`, or a whole program with its own `main`. A block marked
//! `continued` is appended to the block before it, so that a guide shows each line once.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error, fs};

/// One code block with the blocks that continue it.
struct Program {
    line: usize,
    code: String,
    run: bool,
}

fn main() -> Result<(), Box<dyn error::Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("..");
    let docs = root.join("docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut guides = vec![root.join("README.md")];
    for entry in fs::read_dir(&docs)? {
        guides.extend(Some(entry?.path()).filter(|path| path.extension().is_some_and(|end| end == "md")));
    }
    guides.sort();
    let mut tests = String::new();
    for guide in guides {
        println!("cargo::rerun-if-changed={}", guide.display());
        let programs = programs(&fs::read_to_string(&guide)?);
        if !programs.is_empty() {
            tests.push_str(&module(&guide, &programs)?);
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("guides.rs"), tests)?;
    Ok(())
}

fn programs(guide: &str) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    let mut lines = guide.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(marks) = line.strip_prefix("```rust") else { continue };
        let code = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let code = code.fold(String::new(), |code, line| code + line + "\n");
        match programs.last_mut().filter(|_| marks.contains("continued")) {
            Some(program) => program.code.push_str(&code),
            None => programs.push(Program { line: at + 1, code, run: !marks.contains("no_run") }),
        }
    }
    programs
}

fn module(guide: &Path, programs: &[Program]) -> Result<String, Box<dyn error::Error>> {
    let name = guide.file_stem().and_then(|name| name.to_str()).ok_or("file name of a guide is not UTF-8")?;
    let mut module = format!("mod {} {{\n", name.to_lowercase().replace('-', "_"));
    for Program { line, code, run } in programs {
        let test = if *run { "#[tokio::test(flavor = \"multi_thread\")]" } else { "" };
        if code.contains("fn main()") {
            let test = if *run { "#[test]" } else { "" };
            write!(module, "mod line_{line} {{ {code} {test} fn program() {{ main().unwrap() }} }}\n\n")?;
        } else {
            let result = "Result<(), Box<dyn std::error::Error>>";
            write!(module, "{test} async fn line_{line}() -> {result} {{\n{code}Ok(()) }}\n\n")?;
        }
    }
    Ok(module + "}\n")
}
