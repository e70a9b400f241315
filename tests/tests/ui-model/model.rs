use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
pub struct Goal {
    pub id: Id<Goal>,
    #[instant(indexed)]
    pub title: String,
    #[instant(unique)]
    pub slug: String,
    pub done: bool,
    pub note: Option<String>,
    pub priority: Option<i64>,
    pub meta: Option<Json<Vec<String>>>,
    #[instant(link(reverse = goal))]
    pub todos: Many<Todo>,
    #[instant(link(reverse = "goals"))]
    pub owner: One<Person>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
pub struct Todo {
    pub id: Id<Todo>,
    pub title: String,
    pub done: bool,
    #[instant(link(reverse = todos, required))]
    pub goal: One<Goal>,
}

#[derive(InstantEntity)]
#[instant(namespace = "people")]
pub struct Person {
    pub id: Id<Person>,
    pub name: String,
}
