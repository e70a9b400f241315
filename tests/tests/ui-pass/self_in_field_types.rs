use instant_client::prelude::*;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "people", serialize)]
pub struct Person {
    id: Id<Self>,
    previous: Option<Id<Self>>,
    limits: Json<[u8; Self::LIMITS]>,
    #[instant(link(reverse = reports, required))]
    manager: One<Self>,
    #[instant(link(reverse = manager))]
    reports: Many<Self>,
    #[instant(link(reverse = "mentor"))]
    mentees: Many<Self>,
}

impl Person {
    const LIMITS: usize = 2;
}

#[derive(InstantValue, Debug, Clone, PartialEq)]
struct Tree(Json<Vec<Self>>);

impl serde::Serialize for Tree {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(&*self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Tree {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(from).map(|trees| Self(Json(trees)))
    }
}

#[derive(InstantEntity)]
#[instant(namespace = "trees")]
struct Planted {
    id: Id<Self>,
    tree: Option<Tree>,
    #[instant(link(reverse = "trees"))]
    by: One<Person>,
}

fn main() {
    let new = NewPerson { limits: Json([1, 2]), manager: Id::<Person>::new() };
    let _ = Person::create(new).set(|p| p.previous, Id::new());
    let _ = Person::query().include(|p| p.manager.include(|p| p.reports)).filter(|p| p.reports.any());
    let _ = Planted::query().include(|tree| tree.by).filter(|tree| tree.tree.is_null());
}
