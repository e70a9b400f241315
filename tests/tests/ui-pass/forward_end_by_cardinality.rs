use instant_client::{Rules, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
    #[instant(link(reverse = goals, forward))]
    tags: Many<Tag>,
    #[instant(link(reverse = favorites))]
    fan: Single<Person>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    #[instant(link(reverse = todos))]
    goal: One<Goal>,
    #[instant(link(reverse = parent, label = "steps"))]
    children: Many<Todo>,
    #[instant(link(reverse = children))]
    parent: One<Todo>,
}

// The `Many` may also store the link, if it says so.
#[derive(InstantEntity)]
#[instant(namespace = "tags")]
struct Tag {
    id: Id<Tag>,
    #[instant(link(reverse = tags))]
    goals: One<Goal>,
}

type Single<T> = One<T>;

#[derive(InstantEntity)]
#[instant(namespace = "people")]
struct Person {
    id: Id<Person>,
    #[instant(link(reverse = fan))]
    favorites: Several<Goal>,
}

type Several<T> = Many<T>;

fn main() {
    // Whichever struct comes first.
    for schema in [schema![Goal, Todo, Tag, Person], schema![Person, Tag, Todo, Goal]] {
        let forward = |label: &str| schema.links.iter().any(|link| link.forward.label == label);
        assert!(["goal", "parent", "tags", "fan"].into_iter().all(forward));
        assert_eq!(schema.links.len(), 4);
    }
    let _ = Rules::builder()
        .entity::<Todo>(|rules| rules.field(|todo| todo.goal, true).field(|todo| todo.parent, true))
        .entity::<Goal>(|rules| rules.field(|goal| goal.fan, true).field(|goal| goal.tags, true));
}
