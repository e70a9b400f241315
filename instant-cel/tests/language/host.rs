//! A host whose values are those of the app that the expressions were recorded with.

use std::{cell::Cell, sync::Arc};

use instant_cel::{CelValue, CompileError, EvalError, Expression, Host, Program, Record, RuleError, Scope};
use instant_core::{Object, Value};

const DATA: &str = r#"{"id":"c0000000-0000-4000-8000-000000000001","label":"north bed","number":1,"public":true,
    "ownerId":"a0000000-0000-4000-8000-00000000000a","secret":"rhubarb","soil":{"ph":6.5,"kinds":["loam","clay"],
    "lab":{"name":"Erde","n":3}},"plantedOn":"2024-03-01T08:00:00Z","sign":"N-1","score":7,
    "gardener":"b0000000-0000-4000-8000-000000000001"}"#;
const AUTH: &str = r#"{"id":"a0000000-0000-4000-8000-00000000000a","email":"ana@garden.example","nickname":"Ana",
    "role":"keeper","type":"user","isGuest":false,"created_at":"2026-08-21 10:00:00.000000+00"}"#;
pub(crate) const PARAMS: &str = r#"{"n":1,"f":1.5,"s":"a","b":true,"z":null,"l":[1,"a"],"m":{"k":{"d":2}}}"#;
const LINKS: [(&str, &str); 9] = [
    ("tags.name", r#"["sunny","dry"]"#),
    ("gardener.name", r#"["Ana"]"#),
    ("harvests.crop", r#"["beans","kale"]"#),
    ("harvests.kilos", "[4,2.5]"),
    ("harvests.plot.gardener.name", r#"["Ana","Ana"]"#),
    ("gardener.plots.number", "[1,2]"),
    ("gardener.user.id", r#"["a0000000-0000-4000-8000-00000000000a"]"#),
    ("$user.gardener.name", r#"["Ana"]"#),
    ("$user.gardener.plots.label", r#"["north bed","south bed"]"#),
];

pub(crate) struct Garden {
    pub(crate) data: Object,
    pub(crate) auth: Object,
    pub(crate) params: Object,
    time: Cell<i128>,
}

pub(crate) fn object(json: &str) -> Object {
    match Value::parse(json) {
        Ok(Value::Object(object)) => object,
        other => panic!("{json} is not an object: {other:?}"),
    }
}

impl Garden {
    fn of(&self, record: Record) -> Result<&Object, EvalError<&'static str>> {
        match record {
            Record::Data => Ok(&self.data),
            Record::Auth => Ok(&self.auth),
            Record::RuleParams => Ok(&self.params),
            _ => Err(RuleError::new("INTERNAL_ERROR", "there is no such record").into()),
        }
    }
}

impl Host for Garden {
    type Error = &'static str;

    fn field(&self, record: Record, name: &str) -> Result<CelValue, EvalError<&'static str>> {
        Ok(self.of(record)?.get(name).cloned().map(CelValue::from_json).unwrap_or_default())
    }

    fn object(&self, record: Record) -> Result<CelValue, EvalError<&'static str>> {
        Ok(CelValue::from_json(self.of(record)?.clone().into()))
    }

    fn reference(&self, record: Record, path: &str) -> Result<Arc<[CelValue]>, EvalError<&'static str>> {
        if record == Record::Auth && self.auth.is_empty() {
            return Ok(Arc::default());
        }
        let Some((_, values)) =
            LINKS.iter().find(|(own, _)| *own == path && own.starts_with('$') == (record == Record::Auth))
        else {
            return Err(EvalError::Host("record-not-found"));
        };
        let Ok(Value::Array(values)) = Value::parse(values) else { return Ok(Arc::default()) };
        Ok(values.into_iter().map(CelValue::from_json).collect())
    }

    fn request(&self, field: &str) -> CelValue {
        match field {
            "time" => {
                self.time.set(self.time.get() + 1000);
                CelValue::Timestamp(self.time.get())
            }
            "modifiedFields" => CelValue::List([].into()),
            _ => CelValue::string(""),
        }
    }

    fn take_tokens(&self, _: &str, _: &CelValue, _: i64) -> Result<(), EvalError<&'static str>> {
        Ok(())
    }
}

pub(crate) fn compile(rule: &str) -> Result<Program, Vec<CompileError>> {
    let scope = Scope::new(&[Record::Data]).rate_limits(&[]);
    Expression::parse(rule).map_err(|error| vec![error])?.compile(&scope)
}

pub(crate) fn garden() -> Garden {
    Garden {
        data: object(DATA),
        auth: object(AUTH),
        params: object("{}"),
        time: Cell::new(1_787_500_000_000_000_000),
    }
}
