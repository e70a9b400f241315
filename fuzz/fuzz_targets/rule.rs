//! A permission rule of any text: parsed, checked and evaluated.

#![no_main]

use std::{convert::Infallible, sync::Arc};

use instant_cel::{Budget, CelValue, EvalError, Expression, Host, Record, Scope};
use instant_core::Value;
use libfuzzer_sys::fuzz_target;

/// Every record is the same small object.
struct Garden;

const ROW: &str = r#"{"id": "a", "number": 1, "score": 1.5, "tags": ["x", 1], "soil": {"kind": "clay"}, "day": "2024-03-01"}"#;

impl Host for Garden {
    type Error = Infallible;

    fn field(&self, record: Record, key: &str) -> Result<CelValue, EvalError<Infallible>> {
        match self.object(record)? {
            CelValue::Json(row) => Ok(row.get(key).cloned().map(CelValue::from_json).unwrap_or_default()),
            _ => Ok(CelValue::Null),
        }
    }

    fn object(&self, _: Record) -> Result<CelValue, EvalError<Infallible>> {
        Ok(Value::parse(ROW).map(CelValue::from_json).unwrap_or_default())
    }

    fn reference(&self, _: Record, path: &str) -> Result<Arc<[CelValue]>, EvalError<Infallible>> {
        Ok(path.split('.').map(CelValue::string).collect())
    }

    fn request(&self, key: &str) -> CelValue {
        match key {
            "time" => CelValue::Timestamp(1_700_000_000_000_000_000),
            "modifiedFields" => CelValue::List([CelValue::string("number")].into()),
            _ => CelValue::string("127.0.0.1"),
        }
    }

    fn take_tokens(&self, _: &str, _: &CelValue, _: i64) -> Result<(), EvalError<Infallible>> {
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(rule) = Expression::parse(&String::from_utf8_lossy(bytes)) else { return };
    let _ = rule.mentions();
    let scope = Scope::new(&[Record::Data, Record::NewData, Record::LinkedData, Record::Actions]);
    if let Ok(program) = rule.compile(&scope) {
        let _ = program.evaluate(&Garden, &Budget::new(100_000)).map(|value| value.to_json());
    }
});
