use instant_client::{Entity, Id, InstantEntity, Many, One};

#[derive(InstantEntity)]
#[instant(namespace = "options")]
struct Option {
    id: Id<Option>,
    #[instant(link(reverse = options))]
    ts: Many<T>,
}

#[derive(InstantEntity)]
#[instant(namespace = "ts")]
struct T {
    id: Id<T>,
    #[instant(link(reverse = ts, required))]
    options: One<Option>,
    #[instant(link(reverse = "x"))]
    s: One<S>,
}

#[derive(InstantEntity)]
#[instant(namespace = "ss")]
struct S {
    id: Id<S>,
}

#[derive(InstantEntity)]
#[instant(namespace = "results")]
struct Result {
    id: Id<Result>,
    #[instant(link(reverse = "results"))]
    result: One<Result>,
}

fn main() {
    let _ = Option::query().include(|o| o.ts.include(|t| t.s));
    let _ = T::create(NewT { options: Id::new() });
    let _ = Result::query().include(|r| r.result);
}
