//! Compile-time assertion that the names of a namespace are unique, for links that name their other
//! end by a string.
//!
//! A server rejects such a schema too, but names neither struct.

use super::{EntitySchema, LinkSchema, const_assert::equal};

/// Asserts that no link names its other end like an attribute or like another link.
#[track_caller]
pub(super) const fn assert_names_are_unique(entities: &[EntitySchema]) {
    let mut a = 0;
    while a < entities.len() {
        let mut link = 0;
        while link < entities[a].links.len() {
            let mut b = 0;
            while b < entities.len() {
                check(&entities[a].links[link], &entities[b]);
                b += 1;
            }
            link += 1;
        }
        a += 1;
    }
}

#[track_caller]
const fn check(link: &LinkSchema, other: &EntitySchema) {
    let taken = link.reverse.label;
    let mut at = 0;
    while at < other.attrs.len() {
        if equal(link.target, other.namespace) && equal(taken, other.attrs[at].label) {
            let text = name(Text::new().add("`"), link)
                .add("` names its other end `")
                .add(taken)
                .add("`, which is an attribute of `");
            panic!("{}", text.add(link.target).add("`: choose another `reverse`").as_str());
        }
        at += 1;
    }
    at = 0;
    while at < other.links.len() {
        let known = &other.links[at];
        let same_target = equal(link.target, known.target) && equal(taken, known.reverse.label);
        let same_link = equal(link.namespace, known.namespace) && equal(link.end.label, known.end.label);
        if same_target && !same_link {
            let text = both(link, known).add("` both name their other end `").add(taken).add("` on `");
            panic!("{}", text.add(link.target).add("`: give one of them another `reverse`").as_str());
        }
        let same_name = equal(link.target, known.namespace) && equal(taken, known.end.label);
        let same_link = equal(link.namespace, known.target) && equal(link.end.label, known.reverse.label);
        if same_name && !same_link {
            let text = both(link, known).add("` are different links, but the first names its other end `");
            panic!("{}", text.add(taken).add("` too: choose another `reverse`").as_str());
        }
        at += 1;
    }
}

const fn both(a: &LinkSchema, b: &LinkSchema) -> Text {
    name(name(Text::new().add("`"), a).add("` and `"), b)
}

const fn name(text: Text, link: &LinkSchema) -> Text {
    text.add(link.namespace).add(".").add(link.end.label)
}

/// Text that a constant composes.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; 400],
    len: usize,
}

impl Text {
    const fn new() -> Self {
        Self { bytes: [0; 400], len: 0 }
    }

    /// Appends `text`, or leaves it out if there is no space.
    const fn add(mut self, text: &str) -> Self {
        if self.len + text.len() > self.bytes.len() {
            return self;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.len] = text.as_bytes()[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "two links have the same name",
        }
    }
}
