//! Items, the writes that stay together, and their division into batches.

use instant_core::steps::{EntityRef, Step, UpdateMode};

use crate::BuildError;

/// One item of the caller's iterator.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// The index from 0, over all calls that resume each other.
    pub(super) number: u64,
    pub(super) steps: Vec<Step>,
    /// The steps as JSON, without the brackets of the list.
    pub(super) json: String,
}

impl Item {
    pub(super) fn new(number: u64, steps: Vec<Step>) -> Self {
        let json = Vec::from_iter(steps.iter().map(|step| step.to_json().to_string())).join(",");
        Self { number, steps, json }
    }

    /// The number of entities that the item writes to. Steps of one entity are adjacent.
    fn entities(&self) -> usize {
        let same = |pair: &[Step]| pair[0].target().is_some() && pair[0].target() == pair[1].target();
        self.steps.len() - self.steps.windows(2).filter(|pair| same(pair)).count()
    }
}

/// Returns the request body of the transaction of these items, or `None` if they have no steps.
pub(super) fn body(items: &[Item]) -> Option<String> {
    let parts = Vec::from_iter(items.iter().map(|item| item.json.as_str()).filter(|json| !json.is_empty()));
    (!parts.is_empty()).then(|| format!("{{\"steps\":[{}]}}", parts.join(",")))
}

/// Returns whether the items are safe to repeat: they name entities by id only, create none
/// strictly, and delete none that a strict update requires.
pub(super) fn are_idempotent(items: &[Item]) -> bool {
    let mut steps = items.iter().flat_map(|item| &item.steps);
    let deletes = items.iter().flat_map(|item| &item.steps).any(|step| matches!(step, Step::Delete(_)));
    let by_id = |entity: &EntityRef| matches!(entity, EntityRef::Id(_));
    steps.all(|step| {
        step.target().is_some_and(|target| by_id(&target.entity))
            && match step {
                Step::Update(_, _, mode) | Step::Merge(_, _, mode) => *mode == UpdateMode::Upsert || !deletes,
                Step::Link(_, edges) | Step::Unlink(_, edges) => {
                    edges.iter().all(|edges| edges.targets.iter().all(by_id))
                }
                Step::Delete(_) | Step::RuleParams(..) => true,
                Step::Create(..) | Step::AddAttr(_) | Step::DeleteAttr(_) => false,
            }
    })
}

/// The source of items.
pub(super) type Source<'a> = dyn FnMut() -> Option<Result<Vec<Step>, BuildError>> + Send + 'a;

/// Groups items into batches.
pub(super) struct Batcher<'a> {
    source: &'a mut Source<'a>,
    /// The maximum number of entities in a batch. A larger item becomes a batch of its own.
    entities: usize,
    /// The maximum number of JSON bytes in a batch. A larger item becomes a batch of its own.
    bytes: usize,
    /// The number of the next item.
    number: u64,
    /// An item or an error that was read but is not part of the last batch.
    lookahead: Option<Result<Item, BuildError>>,
}

impl<'a> Batcher<'a> {
    pub(super) fn new(source: &'a mut Source<'a>, first: u64, entities: usize, bytes: usize) -> Self {
        Self { source, entities, bytes, number: first, lookahead: None }
    }

    /// Returns the next batch, or `None` at the end. For an invalid item, first returns the items
    /// before it, then the error with the item's number.
    pub(super) fn next(&mut self) -> Option<Result<Vec<Item>, (u64, BuildError)>> {
        let (mut items, mut entities, mut bytes) = (Vec::new(), 0, 0);
        while let Some(item) = self.lookahead.take().or_else(|| self.read()) {
            let item = match item {
                Ok(item) => item,
                Err(error) if items.is_empty() => return Some(Err((self.number - 1, error))),
                error @ Err(_) => {
                    self.lookahead = Some(error);
                    break;
                }
            };
            entities += item.entities();
            bytes += item.json.len() + 1;
            if !items.is_empty() && (entities > self.entities || bytes > self.bytes) {
                self.lookahead = Some(Ok(item));
                break;
            }
            items.push(item);
        }
        (!items.is_empty()).then_some(Ok(items))
    }

    fn read(&mut self) -> Option<Result<Item, BuildError>> {
        let steps = (self.source)()?;
        self.number += 1;
        Some(steps.map(|steps| Item::new(self.number - 1, steps)))
    }
}

#[cfg(test)]
mod tests {
    use instant_core::{Value, steps};

    use super::*;

    const A: &str = "00000000-0000-4000-8000-00000000000a";
    const B: &str = "00000000-0000-4000-8000-00000000000b";

    fn steps(text: &str) -> Vec<Step> {
        let text = text.replace("#A", A).replace("#B", B);
        steps::parse(&Value::parse(&text).unwrap()).unwrap()
    }

    #[track_caller]
    fn check(text: &str, want: bool) {
        assert_eq!(are_idempotent(&[Item::new(0, steps(text))]), want, "{text}");
    }

    #[test]
    fn only_repeatable_steps_are_idempotent() {
        check("[]", true);
        check(r##"[["update","g","#A",{"a":1}]]"##, true);
        check(r##"[["update","g","#A",{"a":1},{"upsert":false}]]"##, true);
        check(
            r##"[["merge","g","#A",{"a":{}}],["link","g","#A",{"t":["#B"]}],["unlink","g","#A",{"t":"#B"}]]"##,
            true,
        );
        check(r##"[["delete","g","#A"]]"##, true);
        check(r##"[["ruleParams","g","#A",{"a":1}]]"##, true);
        check(r##"[["create","g","#A",{"a":1}]]"##, false);
        check(r##"[["update","g","#A",{"a":1}],["create","g","#B",{"a":1}]]"##, false);
        check(r##"[["update","g",["slug","a"],{"a":1}]]"##, false);
        check(r##"[["link","g","#A",{"t":"lookup__slug__\"a\""}]]"##, false);
        check(r##"[["delete","g","#A"],["update","g","#B",{"a":1},{"upsert":false}]]"##, false);
        check(r##"[["delete-attr","#A"]]"##, false);
    }

    /// Checks the batches of items with these numbers of entities and 40 bytes each. `None` is an
    /// invalid item.
    #[track_caller]
    fn cut(items: &[Option<usize>], entities: usize, bytes: usize, want: &str) {
        let mut rest = items.iter();
        let mut source = || {
            let entity = |number: &usize| {
                let id = instant_core::Uuid::from_u128(*number as u128);
                steps(&format!(r#"[["delete","g","{id}"],["ruleParams","g","{id}",{{}}]]"#))
            };
            rest.next().map(|size| match size {
                Some(size) => Ok((0..*size).collect::<Vec<_>>().iter().flat_map(entity).collect()),
                None => Err(BuildError::new("wrong")),
            })
        };
        let mut batcher = Batcher::new(&mut source, 7, entities, bytes);
        let mut out = Vec::new();
        while let Some(batch) = batcher.next() {
            match batch {
                Ok(items) => {
                    out.push(Vec::from_iter(items.iter().map(|item| item.number.to_string())).join("+"))
                }
                Err((number, error)) => {
                    out.push(format!("{number}: {error}"));
                    break;
                }
            }
        }
        assert_eq!(out.join(" "), want);
    }

    #[test]
    fn batches_are_limited_by_entities_and_bytes() {
        let much = usize::MAX;
        cut(&[], 2, much, "");
        cut(&[Some(1); 5], 2, much, "7+8 9+10 11");
        cut(&[Some(1); 3], 100, much, "7+8+9");
        cut(&[Some(1), Some(5), Some(1), Some(1)], 2, much, "7 8 9+10");
        cut(&[Some(0), Some(2), Some(0), Some(1)], 2, much, "7+8+9 10");
        let one = Item::new(0, steps(&format!(r#"[["delete","g","{A}"],["ruleParams","g","{A}",{{}}]]"#)))
            .json
            .len();
        cut(&[Some(1); 3], 100, 2 * one + 2, "7+8 9");
        cut(&[Some(1); 3], 100, 2 * one + 1, "7 8 9");
        cut(&[Some(1); 2], 100, 1, "7 8");
        cut(&[Some(1), None, Some(1)], 100, much, "7 8: wrong");
        cut(&[None], 100, much, "7: wrong");
    }
}
