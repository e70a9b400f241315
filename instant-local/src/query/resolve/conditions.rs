//! Resolves `where` to a [`Filter`] (`docs/protocol/instaql.md`, "5. where").

use std::{borrow::Cow, sync::Arc};

use instant_core::{
    Issue, PathSegment, Uuid, ValidationError, Value,
    query::{Condition, Path, Predicate, Where},
};

use super::{
    FormPath, ResolveError, Resolver,
    ids::{id, id_range, ids, uuid},
};
use crate::{
    budget::Budget,
    catalog::{Attribute, Namespace},
    failure::Failure,
    query::{
        filter::{Filter, Hop, Test, shared},
        operands::{Operands, format_value},
    },
};

/// The last segment of a path that matches the prefix of an id.
const STARTS_WITH: &str = "$entityIdStartsWith";

impl From<Failure> for ResolveError {
    fn from(failure: Failure) -> Self {
        Self::Rejected(Box::new(failure))
    }
}

/// A resolved condition.
enum ResolvedCondition {
    /// A chain of links to a test. It may share its entities with other conditions.
    Chain(Vec<Hop>, Test),
    /// Any other condition, whose entities are its own.
    Own(Filter),
}

impl From<ResolvedCondition> for Filter {
    fn from(found: ResolvedCondition) -> Self {
        match found {
            ResolvedCondition::Chain(hops, test) => Self::through(&hops, Self::Test(test)),
            ResolvedCondition::Own(filter) => filter,
        }
    }
}

/// The namespace of conditions, and the path of their form.
struct At<'a> {
    namespace: &'a Namespace,
    name: &'a str,
    form_path: &'a FormPath<'a>,
}

impl Resolver<'_> {
    /// Resolves the conditions of a form.
    pub(super) fn filter(
        &self,
        namespace: &Namespace,
        name: &str,
        conditions: &Where,
        form_path: &FormPath<'_>,
    ) -> Result<Filter, ResolveError> {
        let at = At { namespace, name, form_path };
        let (mut chains, mut filters) = (Vec::new(), Vec::new());
        for condition in &conditions.0 {
            match self.condition(condition, &at)? {
                ResolvedCondition::Chain(hops, test) => chains.push((hops, test)),
                ResolvedCondition::Own(filter) => filters.push(filter),
            }
        }
        if !chains.is_empty() {
            filters.insert(0, shared(namespace.no, chains));
        }
        Ok(Filter::all(filters))
    }

    fn condition(&self, condition: &Condition, at: &At<'_>) -> Result<ResolvedCondition, ResolveError> {
        self.budget.tick()?;
        match condition {
            Condition::Path { path, predicates } => self.path(path, predicates, at),
            Condition::All(members) => {
                self.members(members.iter().map(Cow::Borrowed).collect(), at, Filter::All)
            }
            Condition::Any(members) => self.members(self.regrouped(members, at), at, Filter::Any),
        }
    }

    /// Resolves the members of `and` or `or`. A single member is equivalent to the condition alone.
    fn members(
        &self,
        members: Vec<Cow<'_, Where>>,
        at: &At<'_>,
        combine: fn(Vec<Filter>) -> Filter,
    ) -> Result<ResolvedCondition, ResolveError> {
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
        Ok(ResolvedCondition::Own(combine(filters)))
    }

    /// Groups members of `or` that compare one path with plain values into one condition with
    /// several values. There, `$isNull: true` of an indexed attribute counts as the value null.
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
            match self.hop(label, "", "") {
                Ok((_, Some(target), _)) => namespace = target,
                _ => return false,
            }
        }
        namespace
            .label(last)
            .is_some_and(|label| !label.attribute.attr.is_link() && label.attribute.attr.index)
    }

    fn path(&self, path: &Path, tests: &[Predicate], at: &At<'_>) -> Result<ResolvedCondition, ResolveError> {
        let (last, links) = path.split_last();
        let most = self.budget.limits().path;
        if links.len() > most {
            let message = format!("a path in `where` may go through {most} links at most");
            let issue =
                Issue::expected("valid-path?").at(at.form_path.option(&["where"])).with_message(message);
            return Err(Failure::invalid_request(&ValidationError::new("query", issue)).into());
        }
        let (mut namespace, mut name) = (at.namespace, at.name);
        let mut hops = Vec::with_capacity(links.len());
        for link in links {
            let label = namespace.label(link).ok_or(ResolveError::UnknownName)?;
            let (hop, target, target_name) = self.hop(label, name, link)?;
            hops.push(hop);
            (namespace, name) = (target.ok_or(ResolveError::UnknownName)?, target_name);
        }
        if last == STARTS_WITH {
            return starts_with(namespace, hops, tests, last, at);
        }
        let label = namespace.label(last).ok_or(ResolveError::UnknownName)?;
        match Hop::new(label) {
            Some(hop) => link(self.budget, hops, hop, tests, last, at),
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
    ) -> Result<ResolvedCondition, ResolveError> {
        let place = || at.form_path.option(&["where", last]);
        let operands = Operands { attribute, place: &place, now: &self.now, budget: self.budget };
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
                if is_id { ids(self.budget, values)? } else { value(resolved) }
            }
            Some(Predicate::IsNull(false)) => Test::Present(attribute.no),
            Some(Predicate::IsNull(true)) => {
                return Ok(ResolvedCondition::Own(gaps(&hops, Filter::Test(Test::Missing(attribute.no)))));
            }
            Some(Predicate::Not(operand)) => {
                let check = operands.differs(operand)?;
                let test = if is_id { Test::OtherId(id(operand)) } else { value((check, None)) };
                let missing =
                    (!attribute.attr.index && !is_id).then_some(Filter::Test(Test::Missing(attribute.no)));
                return Ok(ResolvedCondition::Own(differing(&hops, Filter::Test(test), missing)));
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
            return Ok(ResolvedCondition::Own(differing(
                &hops,
                Filter::Test(test),
                Some(Filter::Test(Test::Missing(attribute.no))),
            )));
        }
        Ok(ResolvedCondition::Chain(hops, test))
    }
}

fn link(
    budget: &Budget,
    hops: Vec<Hop>,
    hop: Hop,
    tests: &[Predicate],
    last: &str,
    at: &At<'_>,
) -> Result<ResolvedCondition, ResolveError> {
    let uuid = |operand: &Value, got: &str| match uuid(operand) {
        Some(id) => Ok(id),
        None => not_a_uuid(last, format!("Expected {last} to be a uuid, got {got}"), at),
    };
    let test = match applied(tests) {
        Some(Predicate::Equals(operand)) => Test::Linked(hop, vec![uuid(operand, &format_value(operand))?]),
        Some(Predicate::In(values)) => {
            let mut ids = Vec::with_capacity(values.len());
            for value in values {
                budget.tick()?;
                match self::uuid(value) {
                    Some(id) => ids.push(id),
                    None => {
                        let list = format_value(&Value::Array(values.clone()));
                        let message = format!(
                            "Expected {last} to match on a uuid, found {} in {list}",
                            format_value(value)
                        );
                        return not_a_uuid(last, message, at);
                    }
                }
            }
            budget.sort_by(&mut ids, &mut Uuid::cmp)?;
            ids.dedup();
            Test::Linked(hop, ids)
        }
        Some(Predicate::Not(operand)) => {
            let id = uuid(operand, &format!("{{\"$not\":{}}}", format_value(operand)))?;
            let else_ = Filter::Test(Test::LinkedElse(hop, id));
            return Ok(ResolvedCondition::Own(differing(
                &hops,
                else_,
                Some(Filter::Test(Test::NoLink(hop))),
            )));
        }
        Some(Predicate::IsNull(true)) => {
            return Ok(ResolvedCondition::Own(gaps(&hops, Filter::Test(Test::NoLink(hop)))));
        }
        Some(Predicate::IsNull(false)) => Test::HasLink(hop),
        None => return not_a_uuid(last, format!("Expected {last} to be a uuid, got {{}}"), at),
        Some(Predicate::EntityId(operand)) => {
            let message =
                format!("Expected {last} to be a uuid, got {{\"$entityId\":{}}}", format_value(operand));
            return not_a_uuid(last, message, at);
        }
        Some(predicate) => {
            let (operator, operand) = (predicate.operator().unwrap_or_default(), predicate.operand());
            let (kind, operand) = (operand.type_name(), format_value(&operand));
            let message =
                format!("Expected {last} to be a uuid, got {{\"{operator}\":[\"{kind}\",{operand}]}}");
            return not_a_uuid(last, message, at);
        }
    };
    Ok(ResolvedCondition::Chain(hops, test))
}

/// Rejects an operand of a link that is not an id.
fn not_a_uuid<T>(last: &str, message: String, at: &At<'_>) -> Result<T, ResolveError> {
    let issue = Issue::expected("uuid?").at(at.form_path.option(&["where", last])).with_message(message);
    Err(Failure::invalid_request(&ValidationError::new("query", issue)).into())
}

fn starts_with(
    namespace: &Namespace,
    hops: Vec<Hop>,
    tests: &[Predicate],
    last: &str,
    at: &At<'_>,
) -> Result<ResolvedCondition, ResolveError> {
    let test = match applied(tests) {
        Some(Predicate::Equals(Value::String(prefix))) => match id_range(prefix) {
            Some((low, high)) => Test::Prefix(namespace.no, low, high),
            None => Test::Never,
        },
        Some(Predicate::Not(_) | Predicate::IsNull(_) | Predicate::EntityId(_)) | None => Test::Never,
        Some(_) => {
            let message = "`$entityIdStartsWith` takes the beginning of an id, as a string".to_owned();
            let place: Vec<PathSegment> = at.form_path.option(&["where", last]);
            let issue = Issue::expected("string?").at(place).with_message(message);
            return Err(Failure::invalid_request(&ValidationError::new("query", issue)).into());
        }
    };
    Ok(ResolvedCondition::Chain(hops, test))
}

/// Returns the operator that applies among several in one object: `$isNull: true` unless there is a
/// `$not`, or else the first.
fn applied(tests: &[Predicate]) -> Option<&Predicate> {
    let null = tests.iter().find(|test| matches!(test, Predicate::IsNull(true)));
    let not = tests.iter().any(|test| matches!(test, Predicate::Not(_)));
    null.filter(|_| !not).or_else(|| tests.first())
}

/// Returns whether a `$not` that does not apply still adds the rows without a value.
fn has_stray_not(tests: &[Predicate]) -> bool {
    tests.iter().skip(1).any(|test| matches!(test, Predicate::Not(_)))
}

/// Creates a filter that matches if a link on the path is missing, or `missing` matches at its end.
fn gaps(hops: &[Hop], missing: Filter) -> Filter {
    let mut ways = Vec::with_capacity(hops.len() + 1);
    for (at, hop) in hops.iter().enumerate() {
        ways.push(Filter::through(&hops[..at], Filter::Test(Test::NoLink(*hop))));
    }
    ways.push(Filter::through(hops, missing));
    if ways.len() == 1 { ways.swap_remove(0) } else { Filter::Any(ways) }
}

/// Creates a filter that matches if the end differs or a link on the path is missing. `missing`, if
/// set, also matches at the end.
fn differing(hops: &[Hop], differs: Filter, missing: Option<Filter>) -> Filter {
    let mut ways = vec![Filter::through(hops, differs)];
    for (at, hop) in hops.iter().enumerate() {
        ways.push(Filter::through(&hops[..at], Filter::Test(Test::NoLink(*hop))));
    }
    ways.extend(missing.map(|missing| Filter::through(hops, missing)));
    if ways.len() == 1 { ways.swap_remove(0) } else { Filter::Any(ways) }
}
