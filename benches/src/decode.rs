//! Decoding an answer of a thousand rows with a nested link, against structs derived with serde.

use std::{hint::black_box, time::Duration};

use instant_client::{Queryable, prelude::*};

use crate::{
    data::{Goal, PlainAnswer, answer},
    measure::{Ratio, least},
};

pub(crate) fn run() -> Result<(), Box<dyn std::error::Error>> {
    let query = Goal::query().include(|g| g.todos);
    for (what, goals, todos) in
        [("decode 1,000 rows with 1 nested each", 1000, 1), ("decode 100 rows with 10 nested each", 100, 10)]
    {
        let body = answer(goals, todos);
        // In turns, so that both meet the same machine.
        let (mut ours, mut peer) = (Duration::MAX, Duration::MAX);
        for _ in 0..7 {
            ours = ours.min(least(3, 20, || drop(black_box(query.decode(black_box(&body))))));
            peer = peer
                .min(least(3, 20, || drop(black_box(serde_json::from_str::<PlainAnswer>(black_box(&body))))));
        }
        println!("{}", Ratio { what, ours, peer, against: "serde_json with derived structs", budget: 1.15 });
    }
    Ok(())
}
