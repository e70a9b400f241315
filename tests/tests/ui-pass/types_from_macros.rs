#![deny(warnings)]

use instant_client::prelude::*;

macro_rules! entity {
    ($vis:vis $name:ident $namespace:literal { $($field:ident: $ty:ty),* } $link:ident: $link_ty:ty) => {
        inner! { $vis $name $namespace { $($field: $ty),* } $link: $link_ty }
    };
}

macro_rules! inner {
    ($vis:vis $name:ident $namespace:literal { $($field:ident: $ty:ty),* } $link:ident: $link_ty:ty) => {
        #[derive(InstantEntity, Debug, Clone, PartialEq)]
        #[instant(namespace = $namespace)]
        $vis struct $name {
            id: Id<$name>,
            $($field: $ty,)*
            #[instant(link(reverse = "others"))]
            $link: $link_ty,
        }
    };
}

entity! { pub Goal "goals" { title: String, note: Option<String>, due: std::option::Option<Timestamp> } next: One<Goal> }
entity! { Todo "todos" { count: i64, parent: Option<Id<Todo>> } goals: Many<Goal> }

fn main() {
    // Optional attributes are not part of `New..`, however the type got there.
    let _ = Goal::create(NewGoal { title: "a".into() }).set(|g| g.note, "b");
    let _ = Todo::create(NewTodo { count: 1 });
    let _ = Todo::query().include(|t| t.goals.include(|g| g.next));
}
