use instant_client::prelude::*;

type Several<T> = Many<T>;
use instant_client::One as Single;
type Text = String;
type Maybe<T> = Option<T>;

#[derive(InstantEntity)]
#[instant(namespace = "people")]
struct Person {
    id: Id<Person>,
    name: Text,
    nick: Maybe<Text>,
    #[instant(link(reverse = reports, forward))]
    manager: Single<Person>,
    #[instant(link(reverse = manager))]
    reports: Several<Person>,
}

fn main() {
    let _ = Person::query().include(|p| p.manager.include(|p| p.reports));
    let _ = Person::create(NewPerson { name: Text::new(), nick: None });
    assert!(!Person::SCHEMA.attrs[1].required);
}
