#[path = "../ui-model/model.rs"]
mod model;
use instant_client::Rules;
use model::Goal;

fn main() {
    let _ = Rules::builder().entity::<Goal>(|goal| goal.field(|g| g.owner, "auth.id != null").field(|g| g.todos, "false"));
}
