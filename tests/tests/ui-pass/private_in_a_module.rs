mod inner {
    use instant_client::prelude::*;

    #[derive(InstantEntity)]
    #[instant(namespace = "goals")]
    struct Goal {
        id: Id<Goal>,
        title: String,
    }

    pub(super) fn query() -> String {
        let mut all = Transaction::new();
        all.push(Goal::create(NewGoal { title: String::new() }));
        format!("{:?}", Goal::query())
    }
}

fn main() {
    inner::query();
}
