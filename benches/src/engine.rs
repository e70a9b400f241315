//! The embedded backend on its own, without client and HTTP: reads and writes on generated data, in memory and in a file.
//!
//! 10,000 goals, 100,000 todos and 1,000 owners; the spike whose figures are the budgets had the same.

use std::{
    error::Error,
    fmt::Write,
    hint::black_box,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use instant_client::Uuid;
use instant_core::{Value, schema::Schema};
use instant_local::{App, Durability, Local};

use crate::measure::{Figure, least};

const GOALS: u128 = 10_000;
const TODOS: u128 = 100_000;
const OWNERS: u128 = 1_000;

/// What is asked, and twice what the spike took, in memory and in a file, in microseconds.
const READS: [(&str, &str, [f64; 2]); 6] = [
    ("get by id", r#"{"todos":{"$":{"where":{"id":"00000000-0000-0002-0000-000000000f00"}}}}"#, [0.52, 0.73]),
    ("indexed equality", r#"{"todos":{"$":{"where":{"title":"Todo 777"}}}}"#, [0.52, 1.2]),
    ("unindexed scan of 100,000", r#"{"todos":{"$":{"where":{"notes":"nothing"}}}}"#, [14_500.0, 22_600.0]),
    (
        "indexed range, ordered, 20 rows",
        r#"{"todos":{"$":{"where":{"priority":{"$gt":500}},"order":{"priority":"asc"},"limit":20}}}"#,
        [2.5, 9.0],
    ),
    ("path of three steps", r#"{"owners":{"$":{"where":{"goals.todos.title":"Todo 777"}}}}"#, [0.71, 2.3]),
    ("100 goals with 1,100 nested", r#"{"goals":{"$":{"limit":100},"todos":{},"owner":{}}}"#, [220.0, 924.0]),
];

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    for (column, store) in ["memory", "file"].into_iter().enumerate() {
        let local = if store == "memory" { Local::in_memory() } else { Local::open_dir(directory.path())? };
        let before = resident();
        let app = seeded(&local)?;
        if let ("memory", Some(before), Some(after)) = (store, before, resident()) {
            let bytes = after.saturating_sub(before) as u128 / (GOALS + TODOS + OWNERS);
            println!("{:52} {bytes} bytes", format!("{store}: memory of the process per entity"));
        }
        let time = least(7, 50, || {
            black_box(app.fork());
        });
        println!("{}", Figure { what: format!("{store}: fork"), time, budget: micros(1000.0) });
        for (what, query, spike) in READS {
            let query = Value::parse(query)?;
            assert!(app.run_query(&query)?.len() > 10, "{what}");
            let budget = 2.0 * spike[column];
            let calls = (20_000.0 / budget).clamp(2.0, 2000.0) as u32;
            let time = least(7, calls, || {
                let _ = black_box(app.run_query(&query));
            });
            println!("{}", Figure { what: format!("{store}: {what}"), time, budget: micros(budget) });
        }
        writes(&app, store)?;
        together(&app, store)?;
    }
    let relaxed = tempfile::tempdir()?;
    let app = seeded(&Local::open_dir_with(relaxed.path(), Durability::Relaxed)?)?;
    writes(&app, "relaxed")?;
    together(&app, "relaxed")?;
    opening(directory.path())
}

/// One row, and a hundred in one transaction.
fn writes(app: &App, store: &str) -> Result<(), Box<dyn Error>> {
    let row = || format!(r#"["update","todos","{}",{{"title":"new","priority":5}}]"#, Uuid::new_v4());
    for (what, rows, budgets) in
        [("write of 1 row", 1, [13.6, 1000.0]), ("write of 100 rows", 100, [1200.0, 4000.0])]
    {
        let mut steps = Vec::new();
        for _ in 0..200 {
            let rows = Vec::from_iter((0..rows).map(|_| row())).join(",");
            steps.push(Value::parse(&format!("[{rows}]"))?);
        }
        let mut next = steps.iter();
        let time = least(5, 40, || {
            if let Some(steps) = next.next() {
                let _ = black_box(app.run_steps(steps));
            }
        });
        println!(
            "{}",
            Figure {
                what: format!("{store}: {what}"),
                time,
                budget: micros(budgets[usize::from(store != "memory")])
            }
        );
    }
    Ok(())
}

/// Writes of one row a second, from 1, 8 and 64 threads at once.
fn together(app: &App, store: &str) -> Result<(), Box<dyn Error>> {
    let mut rates = Vec::new();
    for threads in [1, 8, 64] {
        let steps = Vec::from_iter((0..threads * 40).map(|_| {
            Value::parse(&format!(
                r#"[["update","todos","{}",{{"title":"new","priority":5}}]]"#,
                Uuid::new_v4()
            ))
        }));
        let steps = steps.into_iter().collect::<Result<Vec<_>, _>>()?;
        let begun = Instant::now();
        thread::scope(|scope| {
            for steps in steps.chunks(40) {
                scope.spawn(|| steps.iter().for_each(|steps| drop(black_box(app.run_steps(steps)))));
            }
        });
        let rate = steps.len() as f64 / begun.elapsed().as_secs_f64();
        rates.push(format!("{threads}: {rate:.0}/s"));
    }
    println!("{:52} {}", format!("{store}: writes of 1 row, by threads"), rates.join(", "));
    Ok(())
}

/// The memory of this process, in bytes, where the system says.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split_whitespace().nth(1)?.parse::<usize>().ok().map(|pages| pages * 4096)
}

/// How long it takes to open the file with all that is in it, once it was closed.
fn opening(directory: &Path) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let local = Local::open_dir(directory)?;
    let time = begun.elapsed();
    assert_eq!(local.apps().len(), 1);
    println!("{}", Figure { what: "file: open, 111,000 entities".into(), time, budget: micros(50_000.0) });
    Ok(())
}

fn seeded(local: &Local) -> Result<App, Box<dyn Error>> {
    let attr = |kind: &str, indexed: bool| {
        format!(r#"{{"valueType":"{kind}","config":{{"indexed":{indexed},"unique":false}}}}"#)
    };
    let (text, number, plain) = (attr("string", true), attr("number", true), attr("string", false));
    let schema = format!(
        r#"{{"entities":{{"goals":{{"attrs":{{"title":{text},"rank":{number}}}}},
            "todos":{{"attrs":{{"title":{text},"notes":{plain},"priority":{number}}}}},"owners":{{"attrs":{{"name":{text}}}}}}},
            "links":{{"todosGoal":{{"forward":{{"on":"todos","has":"one","label":"goal"}},
                                    "reverse":{{"on":"goals","has":"many","label":"todos"}}}},
                      "goalsOwner":{{"forward":{{"on":"goals","has":"one","label":"owner"}},
                                     "reverse":{{"on":"owners","has":"many","label":"goals"}}}}}}}}"#
    );
    let schema = Schema::parse(&Value::parse(&schema)?)?;
    let app = local.direct(local.create_app_with("bench", &schema, None)?.id).ok_or("the app is gone")?;
    let id = |kind: u128, number: u128| Uuid::from_u128(kind << 64 | number);
    let mut steps = Vec::new();
    for number in 0..OWNERS {
        steps.push(format!(r#"["update","owners","{}",{{"name":"Owner {number}"}}]"#, id(3, number)));
    }
    for number in 0..GOALS {
        let (goal, owner) = (id(1, number), id(3, number % OWNERS));
        steps.push(format!(
            r#"["update","goals","{goal}",{{"title":"Goal {number}","rank":{number},"owner":"{owner}"}}]"#
        ));
    }
    for number in 0..TODOS {
        let (todo, goal) = (id(2, number), id(1, number / (TODOS / GOALS)));
        steps.push(format!(
            r#"["update","todos","{todo}",{{"title":"Todo {number}","notes":"some longer text for the todo","priority":{},"goal":"{goal}"}}]"#,
            number % 1000
        ));
    }
    for steps in steps.chunks(2000) {
        let mut text = String::from("[");
        for step in steps {
            write!(text, "{}{step}", if text.len() > 1 { "," } else { "" })?;
        }
        text.push(']');
        app.run_steps(&Value::parse(&text)?)?;
    }
    Ok(app)
}

fn micros(micros: f64) -> Duration {
    Duration::from_secs_f64(micros / 1e6)
}
