//! Macros that iterate over a list or a map.

use super::{EvalError, EvalResult, Evaluation, RuleError, Slot};
use crate::{
    CelValue,
    program::{Code, Op},
    syntax::ast::Macro,
};

impl<'p, E> Evaluation<'p, E> {
    pub(crate) fn comprehension(&mut self, code: &'p Code) -> EvalResult<E> {
        let Op::Macro { which, slot, range, body } = &code.op else { return Ok(CelValue::Null) };
        let range = self.object(range)?;
        if matches!(range, CelValue::Json(_)) && !range.is_list() {
            return Err(RuleError::stored("a macro").into());
        }
        if !(range.is_list() || matches!(range, CelValue::Map(_))) {
            let kind = range.type_name();
            return Err(RuleError::new(
                "INVALID_ARGUMENT",
                format!("expected a list or a map for iteration range but got '{kind}'."),
            )
            .into());
        }
        let [Some(test), filter] = &**body else { return Ok(CelValue::Null) };
        if let CelValue::Json(_) = range {
            // The items are copied.
            self.budget.create_value(&range)?;
        }
        let (mut found, mut results, mut failed) = (0_usize, Vec::new(), None);
        for item in range.items().iter() {
            self.slots[*slot] = Slot::Ready(item.clone());
            match which {
                Macro::All | Macro::Exists => {
                    let decisive = *which == Macro::Exists;
                    match self.test(test) {
                        Ok(value) if value == decisive => return Ok(CelValue::Bool(decisive)),
                        Ok(_) => {}
                        Err(error) if error.is_absorbable() => {
                            failed.get_or_insert(error);
                        }
                        Err(error) => return Err(error),
                    }
                }
                Macro::ExistsOne => found += usize::from(self.test(test)?),
                Macro::Filter => {
                    if self.test(test)? {
                        self.budget.create(size_of::<CelValue>())?;
                        results.push(item.clone());
                    }
                }
                Macro::Map => {
                    let wanted = filter.as_ref().map_or(Ok(true), |filter| self.test(filter))?;
                    if wanted {
                        self.budget.create(size_of::<CelValue>())?;
                        results.push(self.object(test)?);
                    }
                }
            }
        }
        match (which, failed) {
            (_, Some(error)) => Err(error),
            (Macro::All | Macro::Exists, None) => Ok(CelValue::Bool(*which == Macro::All)),
            (Macro::ExistsOne, None) => Ok(CelValue::Bool(found == 1)),
            (Macro::Map | Macro::Filter, None) => Ok(CelValue::List(results.into())),
        }
    }

    fn test(&mut self, code: &'p Code) -> Result<bool, EvalError<E>> {
        match self.value(code)? {
            CelValue::Bool(value) => Ok(value),
            _ => Err(RuleError::overload("_&&_").at(code.at).into()),
        }
    }
}
