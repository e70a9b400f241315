//! Lines of exports: they round-trip byte by byte, and errors name the line and the cause.

use instant_core::export::{Line, Lines};

const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

#[test]
fn lines_round_trip() {
    for text in [
        r#"{"format":"instant-export","version":1}"#,
        r#"{"rules":{"goals":{"allow":{"view":"true"}}}}"#,
        r#"{"entity":"goals","id":"ID","created":-5,"values":{"n":123456789012345678901234567890,"d":1.0,"x":[null,{"a":1}]}}"#,
        r#"{"entity":"goals","id":"ID","created":null,"values":{}}"#,
        r#"{"entity":"goals","id":"ID","values":{"t":"é \" \n"},"links":{"owner":"ID"}}"#,
        r#"{"link":["goals","todos","ID","ID"]}"#,
        r#"{"attr":{"id":"ID","forward-identity":["ID","goals","title"],"value-type":"blob","cardinality":"one","unique?":false,"index?":true,"required?":true,"checked-data-type":"string","inferred-types":["string","json"]}}"#,
        r#"{"attr":{"id":"ID","forward-identity":["ID","a","b"],"reverse-identity":["ID","c","d"],"value-type":"ref","cardinality":"many","unique?":true,"index?":false,"required?":false,"inferred-types":null,"on-delete":"cascade"}}"#,
    ] {
        let text = text.replace("ID", ID);
        assert_eq!(Line::parse(&text).map(|line| line.to_string()), Ok(text));
    }
}

#[test]
fn errors_name_line_and_cause() {
    for (lines, want) in [
        ("", "the input is not an export"),
        ("{\"a\":1}\n", "the input is not an export"),
        ("{\"rules\":{}}\n", "the input is not an export"),
        ("HEADER\n{", "line 2 of the export is incomplete"),
        ("HEADER\n\n{\"rules\":{}}", "line 3 of the export is incomplete"),
        ("HEADER\n{\n", "line 2 of the export is invalid: not valid JSON"),
        ("HEADER\n\n[]\n", "line 3 of the export is invalid: expected an object"),
        ("HEADER\n{}\n", "line 2 of the export is invalid: its first key is \"\""),
        ("HEADER\n{\"rules\":{},\"x\":1}\n", "unknown key \"x\""),
        ("HEADER\n{\"rules\":7}\n", "`rules` must be an object"),
        ("HEADER\n{\"attr\":{}}\n", "`attr` is not a valid attribute"),
        ("HEADER\n{\"link\":[1,2,3]}\n", "`link` must be a list"),
        ("HEADER\n{\"link\":[\"a\",\"b\",\"c\",\"d\"]}\n", "`link` must be an id"),
        (
            "HEADER\n{\"entity\":\"a\",\"id\":\"ID\",\"created\":\"x\",\"values\":{}}\n",
            "`created` must be microseconds",
        ),
        ("HEADER\n{\"entity\":\"a\",\"id\":\"ID\"}\n", "`values` must be an object"),
        ("HEADER\n{\"entity\":\"a\",\"id\":\"ID\",\"values\":{\"id\":1}}\n", "must not have an `id`"),
        ("HEADER\n{\"entity\":\"a\",\"id\":\"ID\",\"values\":{},\"links\":{\"o\":1}}\n", "`o` must be an id"),
        (
            "{\"format\":\"instant-export\",\"version\":2}\n",
            "version 2 is not supported; this program reads version 1",
        ),
    ] {
        let input = lines.replace("HEADER", &Line::Header.to_string()).replace("ID", ID);
        let error = Lines::new(input.as_bytes()).find_map(Result::err).expect(lines);
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        let message = format!("{error}{}", cause.unwrap_or_default());
        assert!(message.contains(want), "{lines:?}: {message}");
    }
}
