//! Compiles typed filters to an InstaQL `where` that means the same.
//!
//! InstaQL has traps here (`docs/protocol/instaql.md`, "5.5 Dotted paths" and "5.6 `or` / `and`").
//! Plain sibling keys refer to the same linked entity wherever their paths reach the same namespace
//! at the same depth, while members of `and` and `or` never do, and an object can have each key
//! only once. Therefore each condition through a link becomes a member of one outer `and`, and only
//! conditions about one and the same entity become sibling keys.

use std::collections::HashMap;

use instant_core::query::{Condition, Path, Predicate, Where};

use super::{Expr, Hop, Node};
use crate::BuildError;

/// Compiles filters that must all hold.
pub(crate) fn compile(filters: &[Expr]) -> Result<Where, BuildError> {
    let mut all = Vec::new();
    for filter in filters {
        flatten(filter, &mut all)?;
    }
    let once = |label: &str| {
        all.iter().filter(|part| matches!(part, Part::Own(own, _) if *own == label)).count() == 1
    };
    let leading = Vec::from_iter(all.iter().map(|part| matches!(part, Part::Own(label, _) if once(label))));
    let (mut out, mut shared, mut members) = (Where::default(), SharedKeys::default(), Vec::new());
    for (part, leading) in all.into_iter().zip(leading) {
        match part {
            Part::Own(label, test) if leading => out.0.push(Condition::new(label, test)),
            Part::Shared(node) => shared.keys(&node, &mut Vec::new(), "", false, &mut out)?,
            part => members.push(part.member()?),
        }
    }
    if members.len() == 1 {
        if shared.0.is_empty() {
            out.0.append(&mut members.remove(0).0);
            return Ok(out);
        }
        // The server treats an `and` of one member as if the member stood outside, so add a second
        // one, which always holds.
        members.push(Where(vec![Condition::new("id", Predicate::IsNull(false))]));
    }
    if !members.is_empty() {
        out.0.push(Condition::All(members));
    }
    Ok(out)
}

/// A member of a conjunction.
enum Part {
    /// A predicate on the entity itself.
    Own(&'static str, Predicate),
    /// One predicate through links.
    Linked(Path, Predicate),
    /// Several predicates on the same linked entity.
    Shared(Node),
    Any(Vec<Part>),
    All(Vec<Part>),
    Raw(Where),
}

fn flatten(expr: &Expr, out: &mut Vec<Part>) -> Result<(), BuildError> {
    match expr {
        Expr::Invalid(error) => return Err(error.clone()),
        Expr::Raw(filter) if filter.is_empty() => {}
        Expr::Raw(filter) => out.push(Part::Raw(filter.clone())),
        Expr::Node(node) => split(node, &mut Vec::new(), out)?,
        Expr::All(members) => {
            for member in members {
                flatten(member, out)?;
            }
        }
        Expr::Any(members) => {
            let mut alternatives = Vec::with_capacity(members.len());
            for member in members {
                let mut parts = Vec::new();
                flatten(member, &mut parts)?;
                match parts.len() {
                    // An alternative that always holds makes the whole `or` hold.
                    0 => return Ok(()),
                    1 => match parts.remove(0) {
                        Part::Any(mut parts) => alternatives.append(&mut parts),
                        part => alternatives.push(part),
                    },
                    _ => alternatives.push(Part::All(parts)),
                }
            }
            match alternatives.len() {
                // Instant has no empty `or`; an empty list of ids matches no entity.
                0 => out.push(Part::Own("id", Predicate::In(Vec::new()))),
                1 => match alternatives.remove(0) {
                    Part::All(mut parts) => out.append(&mut parts),
                    part => out.push(part),
                },
                _ => out.push(Part::Any(alternatives)),
            }
        }
    }
    Ok(())
}

/// Splits conditions that need not refer to one and the same entity: those through to-one links
/// only.
fn split(node: &Node, hops: &mut Vec<Hop>, out: &mut Vec<Part>) -> Result<(), BuildError> {
    match node {
        Node::Predicate(label, test) => {
            let test = test.clone()?;
            out.push(match hops.is_empty() {
                true => Part::Own(label, test),
                false => Part::Linked(path(hops, label), test),
            });
        }
        Node::Linked(hop, nodes) if nodes.len() == 1 || !(hop.many || hops.iter().any(|hop| hop.many)) => {
            hops.push(*hop);
            for node in nodes {
                split(node, hops, out)?;
            }
            hops.pop();
        }
        Node::Linked(..) => {
            let whole = hops.iter().rev().fold(node.clone(), |node, hop| Node::Linked(*hop, vec![node]));
            out.push(Part::Shared(whole));
        }
    }
    Ok(())
}

impl Part {
    /// Converts the part to a member of `and` or `or`.
    fn member(self) -> Result<Where, BuildError> {
        Ok(Where(vec![match self {
            Self::Own(label, test) => Condition::new(label, test),
            Self::Linked(path, test) => Condition::new(path, test),
            Self::All(parts) => Condition::All(members(parts)?),
            Self::Any(parts) => {
                let mut members = members(parts)?;
                members.iter_mut().for_each(guard_null);
                Condition::Any(members)
            }
            Self::Raw(filter) => return Ok(filter),
            Self::Shared(node) => return Err(inside_or(&node)),
        }]))
    }
}

fn members(parts: Vec<Part>) -> Result<Vec<Where>, BuildError> {
    parts.into_iter().map(Part::member).collect()
}

/// Wraps a lone `$isNull: true` in an `and`, because it loses its meaning as a direct member of
/// `or`.
fn guard_null(member: &mut Where) {
    if let [Condition::Path { predicates, .. }] = &member.0[..]
        && predicates[..] == [Predicate::IsNull(true)]
    {
        *member = Where(vec![Condition::All(vec![std::mem::take(member)])]);
    }
}

/// The linked entity that plain keys refer to, by namespace and depth.
#[derive(Default)]
struct SharedKeys(HashMap<(&'static str, usize), String>);

impl SharedKeys {
    /// Writes plain keys for predicates on the same linked entity.
    fn keys(
        &mut self,
        node: &Node,
        hops: &mut Vec<Hop>,
        owner: &str,
        beside: bool,
        out: &mut Where,
    ) -> Result<(), BuildError> {
        match node {
            Node::Predicate(label, test) => {
                let (path, test) = (path(hops, label), test.clone()?);
                if beside && matches!(test, Predicate::Not(_) | Predicate::IsNull(true)) {
                    return Err(BuildError::new(format!(
                        "`ne` and `is_null` on `{path}` cannot be combined with other conditions on the same linked \
                         entity: Instant would test them on any linked entity; use a separate `has(..)`, or query the \
                         linked entities themselves",
                    )));
                }
                if mentions(out, &path.to_string()) {
                    return Err(BuildError::new(format!(
                        "two conditions on `{path}` cannot apply to one and the same linked entity; query the linked \
                         entities themselves, which supports ranges",
                    )));
                }
                out.0.push(Condition::new(path, test));
                Ok(())
            }
            Node::Linked(hop, nodes) => {
                hops.push(*hop);
                let number = if hop.many { self.0.len() } else { 0 };
                let entity = format!("{owner}.{}#{number}", hop.label);
                let claimed = self.0.entry((hop.namespace, hops.len())).or_insert_with(|| entity.clone());
                if *claimed != entity {
                    return Err(BuildError::new(format!(
                        "two groups of conditions reach `{}` through {} links, and Instant would apply both to one and \
                         the same entity; use a tuple in `has(..)` for at most one of them and one `has(..)` per \
                         condition for the other, or query `{0}` itself",
                        hop.namespace,
                        hops.len(),
                    )));
                }
                for node in nodes {
                    self.keys(node, hops, &entity, beside || nodes.len() > 1, out)?;
                }
                hops.pop();
                Ok(())
            }
        }
    }
}

#[cold]
fn inside_or(node: &Node) -> BuildError {
    let label = match node {
        Node::Linked(hop, _) => hop.label,
        Node::Predicate(label, _) => label,
    };
    BuildError::new(format!(
        "several conditions on one and the same entity of `{label}` cannot be used inside an `or`: Instant would test \
         each on any linked entity; run one query per alternative, or filter on one condition and check the others in the rows",
    ))
}

fn path(hops: &[Hop], label: &str) -> Path {
    hops.iter().rev().fold(Path::from(label), |path, hop| path.with_prefix(hop.label))
}

fn mentions(filter: &Where, key: &str) -> bool {
    filter
        .0
        .iter()
        .any(|condition| matches!(condition, Condition::Path { path, .. } if path.to_string() == key))
}
