//! The embedded backend without client and HTTP: reads and writes on generated data, in memory and
//! in a file.
//!
//! The data is that of the prototype from whose figures the budgets derive: 10,000 goals, 100,000
//! todos and 1,000 owners.

use std::{
    error::Error,
    fmt::Write as _,
    hint::black_box,
    io::Write as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use instant_client::Uuid;
use instant_core::{Value, schema::Schema};
use instant_local::{AppEngine, Durability, Local, OpenOptions};

use crate::measure::{
    Budget, Measurement,
    Quantity::{Bytes, Rate, Time},
    Results, least,
};

const GOALS: u128 = 10_000;
const TODOS: u128 = 100_000;
const OWNERS: u128 = 1_000;

/// The queries, each with the prototype's time in memory and in a file, in microseconds. The budget
/// is twice that.
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

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    for (column, store) in ["memory", "file"].into_iter().enumerate() {
        let local = if store == "memory" { Local::in_memory() } else { Local::open_dir(directory.path())? };
        let before = resident();
        let app = seeded(&local)?;
        if let ("memory", Some(before), Some(after)) = (store, before, resident()) {
            let bytes = after.saturating_sub(before) as u128 / (GOALS + TODOS + OWNERS);
            let what = format!("{store}: memory of the process per entity");
            results.add(Measurement::new(what, Bytes(bytes as u64)));
        }
        let time = least(7, 50, || {
            black_box(app.fork());
        });
        results.add(Measurement::new(format!("{store}: fork"), Time(time)).budget(at_most(1000.0)));
        for (what, query, spike) in READS {
            let query = Value::parse(query)?;
            assert!(app.query(&query)?.len() > 10, "{what}");
            let budget = 2.0 * spike[column];
            let calls = (20_000.0 / budget).clamp(2.0, 2000.0) as u32;
            let time = least(7, calls, || {
                let _ = black_box(app.query(&query));
            });
            results.add(Measurement::new(format!("{store}: {what}"), Time(time)).budget(at_most(budget)));
        }
        writes(results, &app, store)?;
        together(results, &app, store)?;
        if store == "file" {
            durable(results, &app)?;
        }
    }
    let relaxed = tempfile::tempdir()?;
    let app = seeded(&OpenOptions::from(Durability::Relaxed).open_dir(relaxed.path())?)?;
    writes(results, &app, "relaxed")?;
    together(results, &app, "relaxed")?;
    opening(results, directory.path())
}

/// Measures transactions of one row and of a hundred rows.
fn writes(results: &mut Results, app: &AppEngine, store: &str) -> Result<(), Box<dyn Error>> {
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
                let _ = black_box(app.transact(steps));
            }
        });
        let most = at_most(budgets[usize::from(store != "memory")]);
        results.add(Measurement::new(format!("{store}: {what}"), Time(time)).budget(most));
    }
    Ok(())
}

/// Measures one durable write at a time compared with the disk's own sync.
fn durable(results: &mut Results, app: &AppEngine) -> Result<(), Box<dyn Error>> {
    let mut file = tempfile::tempfile()?;
    let (mut ours, mut disk) = (Duration::MAX, Duration::MAX);
    // In turns, so that other work of the machine affects both.
    for _ in 0..7 {
        let row = || format!(r#"[["update","todos","{}",{{"title":"new","priority":5}}]]"#, Uuid::new_v4());
        let steps = (0..20).map(|_| Value::parse(&row())).collect::<Result<Vec<_>, _>>()?;
        let mut next = steps.iter();
        ours = ours.min(least(1, 20, || {
            if let Some(steps) = next.next() {
                let _ = black_box(app.transact(steps));
            }
        }));
        let begun = Instant::now();
        for _ in 0..20 {
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
        }
        disk = disk.min(begun.elapsed() / 20);
    }
    results.add(
        Measurement::new("durable: one write at a time", Time(ours))
            .peer("append of 4 KiB and fdatasync", Time(disk))
            .budget(Budget::TimesPeer(3.0)),
    );
    Ok(())
}

/// Measures writes of one row from 1, 8 and 64 threads at once.
fn together(results: &mut Results, app: &AppEngine, store: &str) -> Result<(), Box<dyn Error>> {
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
                scope.spawn(|| steps.iter().for_each(|steps| drop(black_box(app.transact(steps)))));
            }
        });
        let rate = steps.len() as f64 / begun.elapsed().as_secs_f64();
        let what =
            format!("{store}: writes of 1 row, {threads} thread{}", if threads == 1 { "" } else { "s" });
        results.add(Measurement::new(what, Rate(rate)));
    }
    Ok(())
}

/// Returns the memory of this process in bytes, where the system reports it.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split_whitespace().nth(1)?.parse::<usize>().ok().map(|pages| pages * 4096)
}

/// Measures the opening of the file with all its entities.
fn opening(results: &mut Results, directory: &Path) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let local = Local::open_dir(directory)?;
    let time = begun.elapsed();
    assert_eq!(local.apps().len(), 1);
    results.add(Measurement::new("file: open, 111,000 entities", Time(time)).budget(at_most(50_000.0)));
    Ok(())
}

fn seeded(local: &Local) -> Result<AppEngine, Box<dyn Error>> {
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
    let app = local.engine(local.create_app_with("bench", &schema, None)?.id).ok_or("the app is gone")?;
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
        app.transact(&Value::parse(&text)?)?;
    }
    Ok(app)
}

fn at_most(micros: f64) -> Budget {
    Budget::AtMost(Time(Duration::from_secs_f64(micros / 1e6)))
}
