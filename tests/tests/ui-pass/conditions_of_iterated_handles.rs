use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
    slug: String,
    #[instant(link(reverse = children))]
    parent: One<Goal>,
    #[instant(link(reverse = parent))]
    children: Many<Goal>,
}

fn main() {
    // A reference to a handle has the methods of the handle, not those of operators.
    let query = Goal::query().filter(|g| Filter::any([g.title, g.slug].iter().map(|attr| attr.eq("x"))));
    assert_eq!(
        query.to_json().unwrap().to_string(),
        r#"{"goals":{"$":{"where":{"or":[{"title":"x"},{"slug":"x"}]}}}}"#
    );
    let parent = &Goal::FIELDS.parent;
    let _ = Goal::query().filter(|_| parent.any().and(parent.has(|p| p.children.is_empty())));
}
