#[path = "../ui-model/model.rs"]
mod model;
use instant_client::{Rules, prelude::*};
use model::*;

fn main() {
    let _ = Rules::builder().entity::<Goal>(|goal| goal.field(|_| Todo::FIELDS.title, "true"));
    let _ = Rules::builder().entity::<Goal>(|goal| goal.link(|g| g.title, "true"));
    let _ = Rules::builder().entity::<Goal>(|goal| goal.field(|g| g.titel, "true"));
}
