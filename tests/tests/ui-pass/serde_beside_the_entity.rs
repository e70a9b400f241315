use instant_client::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(InstantEntity, Debug, Clone, PartialEq, Serialize, Deserialize)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    due: Timestamp,
    tags: Json<Vec<String>>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
    #[instant(link(reverse = "goals"))]
    owner: One<Todo>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    #[instant(link(reverse = todos))]
    goal: One<Goal>,
}

fn main() {
    let id = "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10";
    let rest = format!(r#""id":"{id}","due":"2027-01-31T12:00:00Z","tags":["a"]"#);
    let goal: Goal = serde_json::from_str(&format!("{{{rest}}}")).unwrap();
    for links in [r#""todos":null,"owner":null"#, r#""todos":[{"id":"x"}],"owner":{"id":"x"}"#, r#""todos":7"#] {
        assert_eq!(serde_json::from_str::<Goal>(&format!("{{{rest},{links}}}")).unwrap(), goal);
    }
    assert_eq!(serde_json::to_string(&goal).unwrap(), format!(r#"{{{rest},"todos":null,"owner":null}}"#));
}
