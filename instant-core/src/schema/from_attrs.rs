//! Converts the attributes that a server stores to the schema that declares them.

use super::{Attr, AttrDef, Cardinality, EntityDef, Identity, LinkDef, LinkEnd, Schema};

impl Schema {
    /// Creates the schema that declares `attrs`.
    ///
    /// Entities are sorted by namespace, attributes by label and links by name. `id` attributes are
    /// omitted; they only declare their namespace.
    ///
    /// ```
    /// use instant_core::schema::{Attr, Identity, Schema};
    ///
    /// let mut owner = Attr::link(Identity::new("goals", "owner"), Identity::new("people", "goals"));
    /// owner.required = true;
    /// let schema = Schema::from_attrs([Attr::blob("goals", "title"), Attr::blob("people", "id"), owner]);
    /// assert_eq!(schema.entities.len(), 2);
    /// assert_eq!(schema.entities[0].attrs[0].label, "title");
    /// assert_eq!(schema.links[0].name, "goalsOwner");
    /// assert!(schema.links[0].forward.required);
    /// ```
    pub fn from_attrs(attrs: impl IntoIterator<Item = Attr>) -> Self {
        let mut schema = Self::default();
        for attr in attrs {
            match (&attr.reverse, attr.is_link()) {
                (Some(reverse), true) => {
                    // A namespace can exist without attributes, only through a link.
                    for end in
                        [&attr.forward, reverse].into_iter().filter(|end| !end.namespace.starts_with('$'))
                    {
                        schema.entity(&end.namespace);
                    }
                    schema.links.push(link(&attr, reverse));
                }
                _ => schema.add_attr(&attr),
            }
        }
        schema.entities.sort_by(|a, b| a.namespace.cmp(&b.namespace));
        for entity in &mut schema.entities {
            entity.attrs.sort_by(|a, b| a.label.cmp(&b.label));
        }
        schema.links.sort_by(|a, b| a.name.cmp(&b.name));
        schema
    }

    fn add_attr(&mut self, attr: &Attr) {
        let name = &attr.forward;
        let entity = self.entity(&name.namespace);
        if name.label != "id" {
            entity.attrs.push(AttrDef {
                label: name.label.clone(),
                checked_type: attr.checked_type,
                required: attr.required,
                indexed: attr.index,
                unique: attr.unique,
            });
        }
    }

    fn entity(&mut self, namespace: &str) -> &mut EntityDef {
        let at = self.entities.iter().position(|entity| entity.namespace == namespace);
        let at = at.unwrap_or_else(|| {
            self.entities.push(EntityDef { namespace: namespace.to_owned(), attrs: Vec::new() });
            self.entities.len() - 1
        });
        &mut self.entities[at]
    }
}

impl LinkDef {
    /// Returns the name that the official tools give to a link.
    ///
    /// ```
    /// use instant_core::schema::LinkDef;
    ///
    /// assert_eq!(LinkDef::default_name("loans", "tool"), "loansTool");
    /// ```
    pub fn default_name(namespace: &str, label: &str) -> String {
        let mut label = label.chars();
        let first = label.next().into_iter().flat_map(char::to_uppercase);
        namespace.chars().chain(first).chain(label).collect()
    }
}

fn link(attr: &Attr, reverse: &Identity) -> LinkDef {
    let end = |name: &Identity, one: bool, required: bool, on_delete_cascade: bool| LinkEnd {
        on: name.namespace.clone(),
        label: name.label.clone(),
        has: if one { Cardinality::One } else { Cardinality::Many },
        required,
        on_delete_cascade,
    };
    let to_one = attr.cardinality == Cardinality::One;
    LinkDef {
        name: LinkDef::default_name(&attr.forward.namespace, &attr.forward.label),
        forward: end(&attr.forward, to_one, attr.required, attr.on_delete),
        reverse: end(reverse, attr.unique, false, attr.on_delete_reverse),
    }
}
