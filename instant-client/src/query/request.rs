//! Queries as requests: one query, or a tuple of up to six in one round trip.

use instant_core::{
    Object, Value,
    json::{Kind, Reader},
    query::{self, NamedForm},
};

use super::{Plan, Query};
use crate::{BuildError, DecodeError, Queryable, decode, decode::Decode, entity::Entity};

impl<E: Entity, R: Decode> Queryable for Query<E, R> {
    type Output = Vec<R>;

    fn to_query(&self) -> Result<query::Query, BuildError> {
        let mut out = query::Query::default();
        add(&mut out, E::NAMESPACE, &self.plan, self.rule_params.as_ref())?;
        Ok(out)
    }

    fn decode(&self, body: &str) -> Result<Vec<R>, DecodeError> {
        let mut rows = None;
        sections(body, &mut |namespace, reader| match namespace == E::NAMESPACE {
            true => take(&mut rows, reader, &self.plan, E::NAMESPACE),
            false => skip(reader),
        })?;
        require_rows(rows, E::NAMESPACE)
    }
}

macro_rules! tuples {
    ($( ($($entity:ident $row:ident $query:ident)*) )*) => {$(
        impl<$($entity: Entity, $row: Decode),*> Queryable for ($(Query<$entity, $row>,)*) {
            type Output = ($(Vec<$row>,)*);

            fn to_query(&self) -> Result<query::Query, BuildError> {
                let ($($query,)*) = self;
                let mut out = query::Query::default();
                $(add(&mut out, $entity::NAMESPACE, &$query.plan, $query.rule_params.as_ref())?;)*
                Ok(out)
            }

            fn decode(&self, body: &str) -> Result<Self::Output, DecodeError> {
                let ($($query,)*) = self;
                $(let mut $row = None;)*
                sections(body, &mut |namespace, reader| {
                    $(if namespace == $entity::NAMESPACE {
                        return take(&mut $row, reader, &$query.plan, $entity::NAMESPACE);
                    })*
                    skip(reader)
                })?;
                Ok(($(require_rows($row, $entity::NAMESPACE)?,)*))
            }
        }
    )*};
}

#[expect(non_snake_case, reason = "type parameters name the variables of their rows")]
mod tuples {
    use super::*;

    tuples! {
        (A R a)
        (A R a  B S b)
        (A R a  B S b  C T c)
        (A R a  B S b  C T c  D U d)
        (A R a  B S b  C T c  D U d  E V e)
        (A R a  B S b  C T c  D U d  E V e  F W f)
    }
}

fn add(
    out: &mut query::Query,
    namespace: &str,
    plan: &Plan,
    rule_params: Option<&Object>,
) -> Result<(), BuildError> {
    if out.forms.iter().any(|named| named.name == namespace) {
        return Err(BuildError::new(format!(
            "two queries on `{namespace}` cannot be sent in one request; combine their filters with `or`, or send two requests",
        )));
    }
    out.forms.push(NamedForm { name: namespace.to_owned(), form: plan.form()? });
    let Some(rule_params) = rule_params else { return Ok(()) };
    let mut params = match out.rule_params.take() {
        Some(Value::Object(params)) => params,
        _ => Object::new(),
    };
    for (name, value) in rule_params.iter() {
        if params.get(name).is_some_and(|known| known != value) {
            return Err(BuildError::new(format!(
                "two queries in one request give rule param `{name}` two values; send two requests",
            )));
        }
        params.insert(name, value.clone());
    }
    if !params.is_empty() {
        out.rule_params = Some(params.into());
    }
    Ok(())
}

/// Calls `each` with every namespace of a response and a reader at its rows.
fn sections(
    body: &str,
    each: &mut dyn FnMut(&str, &mut Reader<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut reader = Reader::new(body);
    if reader.peek()? != Kind::Object {
        return Err(DecodeError::expected("an object of namespaces", &reader));
    }
    reader.begin_object()?;
    while let Some(namespace) = reader.next_key()? {
        each(&namespace, &mut reader)?;
    }
    Ok(reader.end()?)
}

fn take<R: Decode>(
    rows: &mut Option<Vec<R>>,
    reader: &mut Reader<'_>,
    plan: &Plan,
    namespace: &str,
) -> Result<(), DecodeError> {
    *rows = Some(decode::rows(reader, plan, namespace)?);
    Ok(())
}

fn skip(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    reader.skip()?;
    Ok(())
}

fn require_rows<R>(rows: Option<Vec<R>>, namespace: &str) -> Result<Vec<R>, DecodeError> {
    rows.ok_or_else(|| DecodeError::new(format!("the response lacks the namespace `{namespace}`")))
}
