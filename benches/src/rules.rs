//! The cost of permission rules: a user's reads and writes through the client on an embedded
//! Instant, compared with the same without rules.

use std::{error::Error, hint::black_box, time::Duration};

use instant_client::{As, Client, Rules, Scoped, User, prelude::*};
use tokio::runtime::Runtime;

use crate::{
    data::{Goal, Owner, Todo},
    embedded::seed,
    measure::{Budget, Measurement, Quantity::Time, Results, least},
};

const EMAIL: &str = "ada@example.com";

/// Rules that allow everything.
const RULES: [(&str, &str); 2] = [
    ("simple rule", "auth.id != null && data.rank >= 0"),
    ("data.ref rule", "'Ada' in data.ref('owner.name')"),
];

/// The most that each rule may add per row.
type Budgets = [Option<Duration>; 2];
const READ: Budgets = [Some(Duration::from_micros(2)), Some(Duration::from_micros(5))];
const WRITTEN: Budgets = [None, None];

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let app = Client::in_memory_with(schema![Goal, Todo, Owner]).seed(User::signed_up(EMAIL)).build()?;
    runtime.block_on(seed(&app))?;
    let goals = runtime.block_on(app.query(Goal::query()))?;
    let ids = Vec::from_iter(goals.iter().map(|goal| goal.id));
    for rows in [10, 100, 1000] {
        compare(results, &runtime, &app, &format!("{rows} rows read"), READ, rows, &|user| {
            let query = Goal::query().limit(rows.into());
            runtime.block_on(user.query(query)).map_or(0, |goals| goals.len())
        })?;
    }
    for (what, rows) in [("1 row written", 1), ("100 rows written", 100)] {
        compare(results, &runtime, &app, what, WRITTEN, rows, &|user| {
            let ids = ids.iter().take(rows as usize);
            let writes = Vec::from_iter(ids.map(|id| Goal::update(*id).set(|g| g.done, true)));
            runtime.block_on(user.transact(writes)).map_or(0, |_| rows as usize)
        })?;
    }
    Ok(())
}

/// Measures work on `rows` rows without rules, and what each rule adds per row.
fn compare(
    results: &mut Results,
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
    results.add(Measurement::new(format!("rules: {what}, no rules"), Time(without)));
    for ((rule, text), budget) in RULES.into_iter().zip(budgets) {
        let ruled = app.fork();
        let rules = Rules::builder().entity::<Goal>(|goal| goal.view(text).update(text)).build();
        runtime.block_on(ruled.rules().push(rules))?;
        let added = time(&ruled).saturating_sub(without) / rows;
        let what = format!("rules: {what}, {rule}, more per row");
        let measurement = Measurement::new(what, Time(added));
        results.add(match budget {
            Some(most) => measurement.budget(Budget::AtMost(Time(most))),
            None => measurement,
        });
    }
    Ok(())
}
