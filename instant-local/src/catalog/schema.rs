//! Converts a schema into attributes (`docs/protocol/transactions.md`, "A.2 From an SDK schema").

use std::collections::{HashMap, hash_map::Entry};

use instant_core::schema::{Attr, Cardinality, Identity, LinkDef, Schema};

/// Returns the attributes of `schema`, for each namespace with `id` first. Namespaces reserved for
/// the platform are skipped.
pub(crate) fn attrs_of(schema: &Schema) -> Vec<Attr> {
    let mut attrs = Vec::new();
    for entity in schema.entities.iter().filter(|entity| !entity.attrs.is_empty()) {
        let name = entity.namespace.as_str();
        let is_extensible = ["$users", "$files", "$streams"].contains(&name);
        if name.starts_with('$') && !is_extensible {
            continue;
        }
        if !is_extensible {
            attrs.push(id_attr(name));
        }
        for def in entity.attrs.iter().filter(|def| def.label != "id") {
            let mut attr = Attr::blob(name, &def.label);
            attr.checked_type = def.checked_type;
            attr.required = def.required;
            attr.index = def.indexed;
            attr.unique = def.unique;
            attrs.push(attr);
        }
    }
    let mut links: Vec<Attr> = Vec::with_capacity(schema.links.len());
    let mut known = HashMap::with_capacity(schema.links.len());
    for link in &schema.links {
        let names = [&link.forward, &link.reverse].map(|end| (end.on.as_str(), end.label.as_str()));
        // The last of several links with the same names wins, as on the server.
        match known.entry(names) {
            Entry::Occupied(at) => links[*at.get()] = link_attr(link),
            Entry::Vacant(free) => {
                free.insert(links.len());
                links.push(link_attr(link));
            }
        }
    }
    attrs.extend(links);
    attrs
}

/// Returns the attribute `id` of a namespace. A namespace without it has no rows.
pub(crate) fn id_attr(namespace: &str) -> Attr {
    let mut attr = Attr::blob(namespace, "id");
    attr.unique = true;
    attr
}

fn link_attr(link: &LinkDef) -> Attr {
    let (forward, reverse) = (&link.forward, &link.reverse);
    let mut attr =
        Attr::link(Identity::new(&forward.on, &forward.label), Identity::new(&reverse.on, &reverse.label));
    attr.cardinality = if forward.has == Cardinality::One { Cardinality::One } else { Cardinality::Many };
    attr.unique = reverse.has == Cardinality::One;
    attr.required = forward.required;
    attr.on_delete = forward.on_delete_cascade;
    attr.on_delete_reverse = reverse.on_delete_cascade;
    attr
}
