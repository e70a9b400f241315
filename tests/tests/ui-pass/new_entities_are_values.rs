use instant_client::{InstantValue, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
    rank: i64,
    #[instant(link(reverse = "goals", required))]
    owner: One<Goal>,
}

#[derive(InstantValue, Debug, Clone, PartialEq)]
enum Status {
    Open,
    Done,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    r#type: Status,
    before: Status,
    due_at: Timestamp,
}

#[derive(InstantValue)]
enum Silent {
    One,
    Two,
}

#[derive(InstantEntity)]
#[instant(namespace = "quiet")]
struct Quiet {
    id: Id<Quiet>,
    status: Silent,
}

fn needs<T: std::fmt::Debug + Clone + PartialEq>(new: T) -> String {
    assert_eq!(new.clone(), new);
    format!("{new:?}")
}

fn main() {
    let owner = Id::new();
    assert_eq!(
        needs(NewGoal { title: "fit".into(), rank: 1, owner }),
        format!("NewGoal {{ title: \"fit\", rank: 1, owner: {owner:?} }}")
    );
    assert_eq!(
        needs(NewTodo { r#type: Status::Open, before: Status::Done, due_at: Timestamp::UNIX_EPOCH }),
        "NewTodo { type: Open, before: Done, due_at: 1970-01-01T00:00:00Z }"
    );
    let _ = Quiet::create(NewQuiet { status: Silent::Two });
    let _ = Silent::One;
}
