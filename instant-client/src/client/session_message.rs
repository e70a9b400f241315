//! The messages of a live session (`sse.md` 3 and 4), as far as a client that asks one thing needs them.

use instant_core::{
    Object, Value,
    json::{Kind, Reader, SyntaxError},
};

/// One message.
#[derive(Debug, PartialEq)]
pub(super) enum Message<'a> {
    /// `add-query-ok`: the first answer to a query.
    QueryResult(QueryResult),
    /// `error`: the message as a whole, to be read once no token is in it.
    Refused(&'a str),
    /// Anything else.
    Other,
}

/// The answer to a query.
#[derive(Debug, PartialEq, Default)]
pub(super) struct QueryResult {
    /// The JSON text that `POST /admin/query` would have answered.
    pub(super) result: String,
    /// Page info by namespace.
    pub(super) page_info: Object,
    /// Aggregates by namespace.
    pub(super) aggregate: Object,
}

/// The messages in the data of one event: one, or an array of them.
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
        "add-query-ok" => Message::QueryResult(QueryResult {
            result: result.to_owned(),
            page_info: part("page-info"),
            aggregate: part("aggregate"),
        }),
        "error" => Message::Refused(data.get(start..reader.offset()).unwrap_or_default()),
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
    fn messages_are_told_apart() {
        let object = |text: &str| Value::parse(text).unwrap().as_object().unwrap().clone();
        let error = r#"{"status":400,"op":"error"}"#;
        check(r#"{"op":"sse-init","session-id":"x"}"#, &[Message::Other]);
        check(error, &[Message::Refused(error)]);
        check(&format!("[{error}, 7, {{}}]"), &[Message::Refused(error), Message::Other, Message::Other]);
        check(r#"{"op":7}"#, &[Message::Other]);
        check(r#"{"op":"from-the-future","result":1}"#, &[Message::Other]);
        check("null", &[Message::Other]);
        check(
            r#"{"q":{"a":{}},"result":{"a": [1.0]},"op":"add-query-ok","result-meta":{"page-info":{"a":{}},"aggregate":{"a":{"count":2}}}}"#,
            &[Message::QueryResult(QueryResult {
                result: r#"{"a": [1.0]}"#.to_owned(),
                page_info: object(r#"{"a":{}}"#),
                aggregate: object(r#"{"a":{"count":2}}"#),
            })],
        );
        check(
            r#"{"op":"add-query-ok","result":{},"result-meta":null}"#,
            &[Message::QueryResult(QueryResult { result: "{}".to_owned(), ..QueryResult::default() })],
        );
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for data in ["", "{", "[{}", "{}{}", "<html>"] {
            assert!(read(data).is_err(), "{data}");
        }
    }
}
