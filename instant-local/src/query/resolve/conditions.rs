//! `where`: from paths and operators to a [`Filter`] (`docs/protocol/instaql.md`, "5. where").

use std::{borrow::Cow, sync::Arc};

use instant_core::{
    Issue, PathSegment, ValidationError, Value,
    query::{Condition, Path, Predicate, Where},
};

use super::{
    ResolveError, Resolver, Trail,
    ids::{id, id_range, uuid},
};
use crate::{
    catalog::{Attribute, Namespace},
    failure::Failure,
    query::{
        filter::{Filter, Hop, Test, shared},
        operands::{Operands, shown},
    },
};

/// What ends a path that asks for the beginning of an id.
const STARTS_WITH: &str = "$entityIdStartsWith";

impl From<Failure> for ResolveError {
    fn from(failure: Failure) -> Self {
        Self::Rejected(Box::new(failure))
    }
}

/// What one condition comes to.
enum Found {
    /// A chain of links to something that holds: it may share its entities with others.
    Chain(Vec<Hop>, Test),
    /// Anything else: its entities are its own.
    Own(Filter),
}

impl From<Found> for Filter {
    fn from(found: Found) -> Self {
        match found {
            Found::Chain(hops, test) => Self::through(&hops, Self::Test(test)),
            Found::Own(filter) => filter,
        }
    }
}

/// The namespace that conditions speak of, and the place of the form.
struct At<'a> {
    namespace: &'a Namespace,
    name: &'a str,
    trail: &'a Trail<'a>,
}

impl Resolver<'_> {
    /// The conditions of a form.
    pub(super) fn filter(
        &self,
        namespace: &Namespace,
        name: &str,
        conditions: &Where,
        trail: &Trail<'_>,
    ) -> Result<Filter, ResolveError> {
        let at = At { namespace, name, trail };
        let (mut chains, mut filters) = (Vec::new(), Vec::new());
        for condition in &conditions.0 {
            match self.condition(condition, &at)? {
                Found::Chain(hops, test) => chains.push((hops, test)),
                Found::Own(filter) => filters.push(filter),
            }
        }
        if !chains.is_empty() {
            filters.insert(0, shared(namespace.no, chains));
        }
        Ok(Filter::all(filters))
    }

    fn condition(&self, condition: &Condition, at: &At<'_>) -> Result<Found, ResolveError> {
        match condition {
            Condition::Path { path, predicates } => self.path(path, predicates, at),
            Condition::All(members) => {
                self.members(members.iter().map(Cow::Borrowed).collect(), at, Filter::All)
            }
            Condition::Any(members) => self.members(self.regrouped(members, at), at, Filter::Any),
        }
    }

    /// The members of `and` or `or`. A single condition is as good as one that stands alone.
    fn members(
        &self,
        members: Vec<Cow<'_, Where>>,
        at: &At<'_>,
        combine: fn(Vec<Filter>) -> Filter,
    ) -> Result<Found, ResolveError> {
        if let [member] = members.as_slice()
            && let [condition] = member.0.as_slice()
        {
            return self.condition(condition, at);
        }
        let mut filters = Vec::with_capacity(members.len());
        for member in members {
            let mut own = Vec::with_capacity(member.0.len());
            for condition in &member.0 {
                own.push(Filter::from(self.condition(condition, at)?));
            }
            filters.push(Filter::all(own));
        }
        Ok(Found::Own(combine(filters)))
    }

    /// Members of `or` that ask one path for a plain value, as one that asks it for several. There, `$isNull: true` of
    /// an indexed attribute is a null among the values.
    fn regrouped<'w>(&self, members: &'w [Where], at: &At<'_>) -> Vec<Cow<'w, Where>> {
        let mut out: Vec<Cow<'w, Where>> = Vec::with_capacity(members.len());
        let mut groups: Vec<(&Path, usize, Vec<Value>)> = Vec::new();
        for member in members {
            let value = match member.0.as_slice() {
                [Condition::Path { path, predicates }] if path.split_last().0 != STARTS_WITH => {
                    match predicates.as_slice() {
                        [Predicate::Equals(value)] => Some((path, value.clone())),
                        [Predicate::IsNull(true)] if self.ends_indexed(path, at) => Some((path, Value::Null)),
                        _ => None,
                    }
                }
                _ => None,
            };
            let Some((path, value)) = value else {
                out.push(Cow::Borrowed(member));
                continue;
            };
            match groups.iter_mut().find(|group| group.0 == path) {
                Some((_, _, values)) => values.push(value),
                None => {
                    groups.push((path, out.len(), vec![value]));
                    out.push(Cow::Borrowed(member));
                }
            }
        }
        for (path, place, values) in groups {
            if values.len() > 1 || values[0].is_null() {
                let condition =
                    Condition::Path { path: path.clone(), predicates: vec![Predicate::In(values)] };
                out[place] = Cow::Owned(Where(vec![condition]));
            }
        }
        out
    }

    fn ends_indexed(&self, path: &Path, at: &At<'_>) -> bool {
        let (last, links) = path.split_last();
        let mut namespace = at.namespace;
        for link in links {
            let Some(label) = namespace.label(link) else { return false };
            match self.follow(label, "", "") {
                Ok((_, Some(target), _)) => namespace = target,
                _ => return false,
            }
        }
        namespace
            .label(last)
            .is_some_and(|label| !label.attribute.attr.is_link() && label.attribute.attr.index)
    }

    fn path(&self, path: &Path, tests: &[Predicate], at: &At<'_>) -> Result<Found, ResolveError> {
        let (last, links) = path.split_last();
        if links.len() > self.limits.path {
            let message = format!("a path in `where` may go through {} links at most", self.limits.path);
            let issue = Issue::expected("valid-path?").at(at.trail.option(&["where"])).with_message(message);
            return Err(Failure::invalid_request(&ValidationError::new("query", issue)).into());
        }
        let (mut namespace, mut name) = (at.namespace, at.name);
        let mut hops = Vec::with_capacity(links.len());
        for link in links {
            let label = namespace.label(link).ok_or(ResolveError::UnknownName)?;
            let (hop, target, target_name) = self.follow(label, name, link)?;
            hops.push(hop);
            (namespace, name) = (target.ok_or(ResolveError::UnknownName)?, target_name);
        }
        if last == STARTS_WITH {
            return starts_with(namespace, hops, tests, last, at);
        }
        let label = namespace.label(last).ok_or(ResolveError::UnknownName)?;
        match Hop::new(label) {
            Some(hop) => link(hops, hop, tests, last, at),
            None => self.attribute(hops, &label.attribute, tests, last, at),
        }
    }

    fn attribute(
        &self,
        hops: Vec<Hop>,
        attribute: &Arc<Attribute>,
        tests: &[Predicate],
        last: &str,
        at: &At<'_>,
    ) -> Result<Found, ResolveError> {
        let place = || at.trail.option(&["where", last]);
        let operands = Operands { attribute, place: &place, now: &self.now };
        let value = |(check, seek)| Test::Value { attribute: Arc::clone(attribute), check, seek };
        let is_id = last == "id";
        let test = match applied(tests) {
            None => {
                if let Some(kind) = attribute.attr.checked_type {
                    let empty = Value::Object(instant_core::Object::new());
                    operands.mismatch(kind.as_str(), &empty, None)?;
                }
                Test::Never
            }
            Some(Predicate::EntityId(operand)) => {
                if let Some(kind) = attribute.attr.checked_type {
                    let mut object = instant_core::Object::new();
                    object.insert("$entityId", operand.clone());
                    operands.mismatch(kind.as_str(), &object.into(), None)?;
                }
                Test::Never
            }
            Some(Predicate::Equals(operand)) if is_id => {
                let id = id(operand);
                if id.is_none() || attribute.attr.checked_type.is_some() {
                    operands.equal(operand)?;
                }
                Test::Ids(Vec::from_iter(id))
            }
            Some(Predicate::Equals(operand)) => value(operands.equal(operand)?),
            Some(Predicate::In(values)) => {
                let resolved = operands.one_of(values)?;
                if is_id { ids(values) } else { value(resolved) }
            }
            Some(Predicate::IsNull(false)) => Test::Present(attribute.no),
            Some(Predicate::IsNull(true)) => {
                return Ok(Found::Own(gaps(&hops, Filter::Test(Test::Missing(attribute.no)))));
            }
            Some(Predicate::Not(operand)) => {
                let check = operands.differs(operand)?;
                let test = if is_id { Test::OtherId(id(operand)) } else { value((check, None)) };
                let missing =
                    (!attribute.attr.index && !is_id).then_some(Filter::Test(Test::Missing(attribute.no)));
                return Ok(Found::Own(differing(&hops, Filter::Test(test), missing)));
            }
            Some(
                predicate @ (Predicate::Gt(operand)
                | Predicate::Gte(operand)
                | Predicate::Lt(operand)
                | Predicate::Lte(operand)
                | Predicate::Like(operand)
                | Predicate::ILike(operand)),
            ) => value(operands.compare(predicate, operand)?),
        };
        if has_stray_not(tests) && !attribute.attr.index {
            return Ok(Found::Own(differing(
                &hops,
                Filter::Test(test),
                Some(Filter::Test(Test::Missing(attribute.no))),
            )));
        }
        Ok(Found::Chain(hops, test))
    }
}

fn link(
    hops: Vec<Hop>,
    hop: Hop,
    tests: &[Predicate],
    last: &str,
    at: &At<'_>,
) -> Result<Found, ResolveError> {
    let uuid = |operand: &Value, got: &str| match uuid(operand) {
        Some(id) => Ok(id),
        None => not_a_uuid(last, format!("Expected {last} to be a uuid, got {got}"), at),
    };
    let test = match applied(tests) {
        Some(Predicate::Equals(operand)) => Test::Linked(hop, vec![uuid(operand, &shown(operand))?]),
        Some(Predicate::In(values)) => {
            let mut ids = Vec::with_capacity(values.len());
            for value in values {
                match self::uuid(value) {
                    Some(id) => ids.push(id),
                    None => {
                        let list = shown(&Value::Array(values.clone()));
                        let message =
                            format!("Expected {last} to match on a uuid, found {} in {list}", shown(value));
                        return not_a_uuid(last, message, at);
                    }
                }
            }
            ids.sort_unstable();
            ids.dedup();
            Test::Linked(hop, ids)
        }
        Some(Predicate::Not(operand)) => {
            let id = uuid(operand, &format!("{{\"$not\":{}}}", shown(operand)))?;
            let else_ = Filter::Test(Test::LinkedElse(hop, id));
            return Ok(Found::Own(differing(&hops, else_, Some(Filter::Test(Test::NoLink(hop))))));
        }
        Some(Predicate::IsNull(true)) => return Ok(Found::Own(gaps(&hops, Filter::Test(Test::NoLink(hop))))),
        Some(Predicate::IsNull(false)) => Test::HasLink(hop),
        None => return not_a_uuid(last, format!("Expected {last} to be a uuid, got {{}}"), at),
        Some(Predicate::EntityId(operand)) => {
            let message = format!("Expected {last} to be a uuid, got {{\"$entityId\":{}}}", shown(operand));
            return not_a_uuid(last, message, at);
        }
        Some(predicate) => {
            let (operator, operand) = (predicate.operator().unwrap_or_default(), predicate.operand());
            let (kind, operand) = (operand.type_name(), shown(&operand));
            let message =
                format!("Expected {last} to be a uuid, got {{\"{operator}\":[\"{kind}\",{operand}]}}");
            return not_a_uuid(last, message, at);
        }
    };
    Ok(Found::Chain(hops, test))
}

/// Rejects an operand of a link that is not an id.
fn not_a_uuid<T>(last: &str, message: String, at: &At<'_>) -> Result<T, ResolveError> {
    let issue = Issue::expected("uuid?").at(at.trail.option(&["where", last])).with_message(message);
    Err(Failure::invalid_request(&ValidationError::new("query", issue)).into())
}

fn starts_with(
    namespace: &Namespace,
    hops: Vec<Hop>,
    tests: &[Predicate],
    last: &str,
    at: &At<'_>,
) -> Result<Found, ResolveError> {
    let test = match applied(tests) {
        Some(Predicate::Equals(Value::String(prefix))) => match id_range(prefix) {
            Some((low, high)) => Test::Prefix(namespace.no, low, high),
            None => Test::Never,
        },
        Some(Predicate::Not(_) | Predicate::IsNull(_) | Predicate::EntityId(_)) | None => Test::Never,
        Some(_) => {
            let message = "`$entityIdStartsWith` takes the beginning of an id, as a string".to_owned();
            let place: Vec<PathSegment> = at.trail.option(&["where", last]);
            let issue = Issue::expected("string?").at(place).with_message(message);
            return Err(Failure::invalid_request(&ValidationError::new("query", issue)).into());
        }
    };
    Ok(Found::Chain(hops, test))
}

/// Which of several operators in one object counts: `$isNull: true` unless `$not` is there, else the first.
fn applied(tests: &[Predicate]) -> Option<&Predicate> {
    let null = tests.iter().find(|test| matches!(test, Predicate::IsNull(true)));
    let not = tests.iter().any(|test| matches!(test, Predicate::Not(_)));
    null.filter(|_| !not).or_else(|| tests.first())
}

/// Whether a `$not` that does not count adds the rows without a value all the same.
fn has_stray_not(tests: &[Predicate]) -> bool {
    tests.iter().skip(1).any(|test| matches!(test, Predicate::Not(_)))
}

/// Something on the way is null or missing, or `missing` is at its end.
fn gaps(hops: &[Hop], missing: Filter) -> Filter {
    let mut ways = Vec::with_capacity(hops.len() + 1);
    for (at, hop) in hops.iter().enumerate() {
        ways.push(Filter::through(&hops[..at], Filter::Test(Test::NoLink(*hop))));
    }
    ways.push(Filter::through(hops, missing));
    if ways.len() == 1 { ways.swap_remove(0) } else { Filter::Any(ways) }
}

/// The end differs, or something on the way is missing; `missing` at the end counts as well, if it is given.
fn differing(hops: &[Hop], differs: Filter, missing: Option<Filter>) -> Filter {
    let mut ways = vec![Filter::through(hops, differs)];
    for (at, hop) in hops.iter().enumerate() {
        ways.push(Filter::through(&hops[..at], Filter::Test(Test::NoLink(*hop))));
    }
    ways.extend(missing.map(|missing| Filter::through(hops, missing)));
    if ways.len() == 1 { ways.swap_remove(0) } else { Filter::Any(ways) }
}

fn ids(values: &[Value]) -> Test {
    let mut ids = Vec::from_iter(values.iter().filter_map(id));
    ids.sort_unstable();
    ids.dedup();
    Test::Ids(ids)
}
