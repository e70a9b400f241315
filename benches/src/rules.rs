//! What permission rules cost: reads and writes of a user through the client on an embedded Instant, beside the same without rules.

use std::{error::Error, hint::black_box, time::Duration};

use instant_client::{As, Client, Rules, Scoped, User, prelude::*};
use tokio::runtime::Runtime;

use crate::{
    data::{Goal, Owner, Todo},
    embedded::seed,
    measure::{Figure, least, micros},
};

const EMAIL: &str = "ada@example.com";

/// Rules that let everything through.
const RULES: [(&str, &str); 2] = [
    ("simple rule", "auth.id != null && data.rank >= 0"),
    ("data.ref rule", "'Ada' in data.ref('owner.name')"),
];

/// What each of them may cost for a row that is read, and for one that is written.
type Budgets = [Option<Duration>; 2];
const READ: Budgets = [Some(Duration::from_micros(2)), Some(Duration::from_micros(5))];
const WRITTEN: Budgets = [None, None];

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let app = Client::in_memory_with(schema![Goal, Todo, Owner]).seed(User::signed_up(EMAIL)).build()?;
    runtime.block_on(seed(&app))?;
    let goals = runtime.block_on(app.query(Goal::query()))?;
    let ids = Vec::from_iter(goals.iter().map(|goal| goal.id));
    for rows in [10, 100, 1000] {
        compare(&runtime, &app, &format!("{rows} rows read"), READ, rows, &|user| {
            let query = Goal::query().limit(rows.into());
            runtime.block_on(user.query(query)).map_or(0, |goals| goals.len())
        })?;
    }
    for (what, rows) in [("1 row written", 1), ("100 rows written", 100)] {
        compare(&runtime, &app, what, WRITTEN, rows, &|user| {
            let ids = ids.iter().take(rows as usize);
            let writes = Vec::from_iter(ids.map(|id| Goal::update(*id).set(|g| g.done, true)));
            runtime.block_on(user.transact(writes)).map_or(0, |_| rows as usize)
        })?;
    }
    Ok(())
}

/// How long work on so many rows takes without rules, and what each rule adds for a row.
fn compare(
    runtime: &Runtime,
    app: &Client,
    what: &str,
    budgets: Budgets,
    rows: u32,
    work: &dyn Fn(&Scoped) -> usize,
) -> Result<(), Box<dyn Error>> {
    let time = |app: &Client| {
        let user = app.as_user(As::email(EMAIL));
        assert_eq!(work(&user), rows as usize, "{what}");
        least(9, 2000 / rows.clamp(20, 200), || {
            black_box(work(&user));
        })
    };
    let without = time(&app.fork());
    println!("{:52} {:>10}", format!("rules: {what}, no rules"), micros(without));
    for ((rule, text), budget) in RULES.into_iter().zip(budgets) {
        let ruled = app.fork();
        let rules = Rules::builder().entity::<Goal>(|goal| goal.view(text).update(text)).build();
        runtime.block_on(ruled.rules().push(rules))?;
        let added = time(&ruled).saturating_sub(without) / rows;
        let what = format!("rules: {what}, {rule}, more per row");
        match budget {
            Some(budget) => println!("{}", Figure { what, time: added, budget }),
            None => println!("{what:52} {:>10}", micros(added)),
        }
    }
    Ok(())
}
