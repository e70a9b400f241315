//! Reads through the client on an embedded Instant, from the query builder to the decoded row.

use std::{error::Error, hint::black_box, time::Duration};

use instant_client::{Client, prelude::*};
use tokio::runtime::Runtime;

use crate::{
    data::{Goal, NewGoal, NewOwner, NewTodo, Owner, Todo},
    measure::{Budget, Measurement, Quantity::Time, Results, least},
};

const GOALS: usize = 1000;

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let db = Client::in_memory_with(schema![Goal, Todo, Owner]).build()?;
    let id = runtime.block_on(seed(&db))?;
    let mut measure = |what: &str, budget: u64, call: &dyn Fn(&Runtime) -> usize| {
        assert_eq!(call(&runtime), 1, "{what}");
        let time = least(7, 500, || {
            black_box(call(&runtime));
        });
        let most = Budget::AtMost(Time(Duration::from_micros(budget)));
        results.add(Measurement::new(what, Time(time)).budget(most));
    };
    measure("embedded: get by id", 50, &|runtime| runtime.block_on(db.get(id)).iter().flatten().count());
    measure("embedded: indexed lookup", 50, &|runtime| {
        let query = Goal::query().filter(|g| g.slug.eq("goal-77"));
        runtime.block_on(db.query(query)).map_or(0, |rows| rows.len())
    });
    let time = least(5, 200, || drop(Client::in_memory()));
    let most = Budget::AtMost(Time(Duration::from_millis(1)));
    results.add(Measurement::new("embedded: new empty app", Time(time)).budget(most));
    Ok(())
}

/// Creates a thousand goals with a todo each and their owner, Ada. Returns the last goal.
pub(crate) async fn seed(db: &Client) -> Result<Id<Goal>, Box<dyn Error>> {
    let mut steps = Transaction::new();
    let owner = Owner::create(NewOwner { name: "Ada".into() });
    let owner_id = owner.id();
    steps.push(owner);
    let mut last = None;
    for number in 0..GOALS {
        let title = format!("Goal number {number}");
        let goal =
            Goal::create(NewGoal { title, slug: format!("goal-{number}"), done: false, rank: number as i64 });
        let id = goal.id();
        steps.push(goal.link(|g| g.owner, owner_id));
        let todo = NewTodo { title: format!("Todo {number}"), done: false, priority: 1 };
        steps.push(Todo::create(todo).link(|t| t.goal, id));
        last = Some(id);
    }
    db.transact(steps).await?;
    last.ok_or_else(|| "no goals".into())
}
