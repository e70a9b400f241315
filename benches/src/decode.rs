//! Decoding of responses with a nested link, compared with structs derived with serde.

use std::{hint::black_box, time::Duration};

use instant_client::{Queryable, prelude::*};

use crate::{
    data::{Goal, PlainAnswer, answer},
    measure::{Budget, Measurement, Quantity::Time, Results, least},
};

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn std::error::Error>> {
    let query = Goal::query().include(|g| g.todos);
    for (what, goals, todos) in
        [("decode 1,000 rows with 1 nested each", 1000, 1), ("decode 100 rows with 10 nested each", 100, 10)]
    {
        let body = answer(goals, todos);
        // In turns, so that other work of the machine affects both.
        let (mut ours, mut peer) = (Duration::MAX, Duration::MAX);
        for _ in 0..7 {
            ours = ours.min(least(3, 20, || drop(black_box(query.decode(black_box(&body))))));
            peer = peer
                .min(least(3, 20, || drop(black_box(serde_json::from_str::<PlainAnswer>(black_box(&body))))));
        }
        results.add(
            Measurement::new(what, Time(ours))
                .peer("serde_json with derived structs", Time(peer))
                .budget(Budget::TimesPeer(1.15)),
        );
    }
    Ok(())
}
