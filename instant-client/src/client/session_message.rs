//! Messages of a live session that a client needs for a single query (`docs/protocol/sse.md`,
//! "3. Message envelope").

use instant_core::{
    Object, Value,
    json::{Kind, Reader, SyntaxError},
};

/// A message of a live session.
#[derive(Debug, PartialEq)]
pub(super) enum Message<'a> {
    /// `add-query-ok`: the first result of a query.
    Result(QueryResult),
    /// `error`: the whole message, to be parsed after redaction.
    Rejected(&'a str),
    /// Anything else.
    Other,
}

/// The result of a query.
#[derive(Debug, PartialEq, Default)]
pub(super) struct QueryResult {
    /// The JSON text of the response of `POST /admin/query`.
    pub(super) result: String,
    /// The page info of each namespace.
    pub(super) page_info: Object,
    /// The aggregates of each namespace.
    pub(super) aggregate: Object,
}

/// Parses the data of an event: one message, or an array of them.
pub(super) fn read(data: &str) -> Result<Vec<Message<'_>>, SyntaxError> {
    let mut reader = Reader::new(data);
    let mut out = Vec::new();
    if reader.peek()? == Kind::Array {
        reader.begin_array()?;
        while reader.next_item()? {
            out.push(message(data, &mut reader)?);
        }
    } else {
        out.push(message(data, &mut reader)?);
    }
    reader.end()?;
    Ok(out)
}

fn message<'a>(data: &'a str, reader: &mut Reader<'a>) -> Result<Message<'a>, SyntaxError> {
    if reader.peek()? != Kind::Object {
        reader.skip()?;
        return Ok(Message::Other);
    }
    let start = reader.offset();
    let (mut op, mut result, mut meta) = (String::new(), "", Value::Null);
    reader.begin_object()?;
    while let Some(key) = reader.next_key()? {
        match key.as_ref() {
            "op" if reader.peek()? == Kind::String => op = reader.string()?.into_owned(),
            "result" => result = reader.skip()?,
            "result-meta" => meta = reader.value()?,
            _ => drop(reader.skip()?),
        }
    }
    let part = |key: &str| meta.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(match op.as_str() {
        "add-query-ok" => Message::Result(QueryResult {
            result: result.to_owned(),
            page_info: part("page-info"),
            aggregate: part("aggregate"),
        }),
        "error" => Message::Rejected(data.get(start..reader.offset()).unwrap_or_default()),
        _ => Message::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: &str, want: &[Message<'_>]) {
        assert_eq!(read(data).as_deref(), Ok(want), "{data}");
    }

    #[test]
    fn messages_are_classified_by_op() {
        let object = |text: &str| Value::parse(text).unwrap().as_object().unwrap().clone();
        let error = r#"{"status":400,"op":"error"}"#;
        check(r#"{"op":"sse-init","session-id":"x"}"#, &[Message::Other]);
        check(error, &[Message::Rejected(error)]);
        check(&format!("[{error}, 7, {{}}]"), &[Message::Rejected(error), Message::Other, Message::Other]);
        check(r#"{"op":7}"#, &[Message::Other]);
        check(r#"{"op":"from-the-future","result":1}"#, &[Message::Other]);
        check("null", &[Message::Other]);
        check(
            r#"{"q":{"a":{}},"result":{"a": [1.0]},"op":"add-query-ok","result-meta":{"page-info":{"a":{}},"aggregate":{"a":{"count":2}}}}"#,
            &[Message::Result(QueryResult {
                result: r#"{"a": [1.0]}"#.to_owned(),
                page_info: object(r#"{"a":{}}"#),
                aggregate: object(r#"{"a":{"count":2}}"#),
            })],
        );
        check(
            r#"{"op":"add-query-ok","result":{},"result-meta":null}"#,
            &[Message::Result(QueryResult { result: "{}".to_owned(), ..QueryResult::default() })],
        );
    }

    #[test]
    fn invalid_json_is_an_error() {
        for data in ["", "{", "[{}", "{}{}", "<html>"] {
            assert!(read(data).is_err(), "{data}");
        }
    }
}
