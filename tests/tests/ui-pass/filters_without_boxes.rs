use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
    done: bool,
}

fn search(words: &[&str], open_only: bool, limit: Option<u64>) -> Query<Goal> {
    let mut query = Goal::query().filter(|g| open_only.then(|| g.done.eq(false)));
    let mut filters: Vec<Filter<Goal>> = Vec::new();
    for word in words {
        filters.push(Goal::FIELDS.title.like(word).into());
    }
    query = query.filter(|_| Filter::any(filters));
    match limit {
        Some(limit) => query.limit(limit),
        None => query,
    }
}

fn main() {
    assert!(search(&["a%", "b%"], true, Some(3)).to_json().is_ok());
}
