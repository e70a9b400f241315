//! Macros that walk through a list or a map.

use super::{Eval, Outcome, Slot};
use crate::rules::cel::{
    ast::Macro,
    error::EvalError,
    program::{Code, Op},
    value::Val,
};

impl<'p> Eval<'p> {
    pub(super) fn macros(&mut self, code: &'p Code) -> Outcome {
        let Op::Macro { which, slot, range, body } = &code.op else { return Ok(Val::Null) };
        let range = self.whole(range)?;
        if matches!(range, Val::Json(_)) && !range.is_list() {
            return Err(EvalError::stored("a macro"));
        }
        if !(range.is_list() || matches!(range, Val::Map(_))) {
            let kind = range.type_name();
            return Err(EvalError::new(
                "INVALID_ARGUMENT",
                format!("expected a list or a map for iteration range but got '{kind}'."),
            ));
        }
        let [Some(test), filter] = &**body else { return Ok(Val::Null) };
        let (mut found, mut made, mut failed) = (0_usize, Vec::new(), None);
        for item in range.items().iter() {
            self.slots[*slot] = Slot::Ready(item.clone());
            match which {
                Macro::All | Macro::Exists => {
                    let decisive = *which == Macro::Exists;
                    match self.test(test) {
                        Ok(value) if value == decisive => return Ok(Val::Bool(decisive)),
                        Ok(_) => {}
                        Err(error) if error.can_be_absorbed() => {
                            failed.get_or_insert(error);
                        }
                        Err(error) => return Err(error),
                    }
                }
                Macro::ExistsOne => found += usize::from(self.test(test)?),
                Macro::Filter => {
                    if self.test(test)? {
                        made.push(item.clone());
                    }
                }
                Macro::Map => {
                    let wanted = filter.as_ref().map_or(Ok(true), |filter| self.test(filter))?;
                    if wanted {
                        made.push(self.whole(test)?);
                    }
                }
            }
        }
        match (which, failed) {
            (_, Some(error)) => Err(error),
            (Macro::All | Macro::Exists, None) => Ok(Val::Bool(*which == Macro::All)),
            (Macro::ExistsOne, None) => Ok(Val::Bool(found == 1)),
            (Macro::Map | Macro::Filter, None) => Ok(Val::List(made.into())),
        }
    }

    fn test(&mut self, code: &'p Code) -> Result<bool, EvalError> {
        match self.value(code)? {
            Val::Bool(value) => Ok(value),
            _ => Err(EvalError::overload("_&&_").at(code.at)),
        }
    }
}
