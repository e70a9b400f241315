//! The numbers that stand for namespaces and attributes in the keys and documents of an app.

/// The number of an attribute. A number is never reused, not even after the attribute is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AttrNo(pub(crate) u32);

/// The number of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceNo(pub(crate) u32);
