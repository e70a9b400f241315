//! Rules as values: the output of the builder, invalid JSON, and the mistakes that a server
//! reports.

use std::time::Duration;

use expect_test::{Expect, expect};
use instant_client::{ErrorKind, File, RateLimit, Rules, RulesError, User, prelude::*};

use super::{Note, Tag, over_http, policy};

/// Rules with every valid key.
fn all() -> Rules {
    Rules::builder()
        .defaults(|rest| rest.bind("signedIn", "auth.id != null").view("signedIn").otherwise(false))
        .entity::<Note>(|note| {
            note.bind("mine", "auth.id == data.owner")
                .bind("key", "ruleParams.key")
                .view("data.public || mine")
                .create("mine && rateLimit.posting.limit(auth.id)")
                .update("mine")
                .delete(false)
                .otherwise("mine")
                .field(|n| n.draft, "mine")
                .field(|n| n.owner, "mine")
                .link(|n| n.tags, "linkedData.name == key")
                .link_otherwise("mine")
                .unlink(|n| n.tags, "mine")
                .unlink_otherwise(false)
        })
        .namespace("others", |other| {
            other.view(true).field("secret", false).link("note", "true").unlink("note", String::from("true"))
        })
        .entity::<User>(|user| user.view("auth.id == data.id").create(true).delete(false))
        .entity::<File>(|file| file.view("data.path.startsWith('public/')"))
        .new_attributes("false")
        .rate_limit(
            "posting",
            [RateLimit::new(10), RateLimit::new(3).refill(3, Duration::from_secs(24 * 3600)).in_intervals()],
        )
        .build()
}

const ALL: &str = r#"{
    "$default": {"bind": {"signedIn": "auth.id != null"}, "allow": {"view": "signedIn", "$default": "false"}},
    "notes": {
        "bind": {"mine": "auth.id == data.owner", "key": "ruleParams.key"},
        "allow": {
            "view": "data.public || mine", "create": "mine && rateLimit.posting.limit(auth.id)", "update": "mine", "delete": "false",
            "$default": "mine",
            "link": {"tags": "linkedData.name == key", "$default": "mine"}, "unlink": {"tags": "mine", "$default": "false"}
        },
        "fields": {"draft": "mine", "owner": "mine"}
    },
    "others": {
        "allow": {"view": "true", "link": {"note": "true"}, "unlink": {"note": "true"}}, "fields": {"secret": "false"}
    },
    "$users": {"allow": {"view": "auth.id == data.id", "create": "true", "delete": "false"}},
    "$files": {"allow": {"view": "data.path.startsWith('public/')"}},
    "attrs": {"allow": {"create": "false"}},
    "$rateLimits": {"posting": {"limits": [
        {"capacity": 10},
        {"capacity": 3, "refill": {"amount": 3, "period": "86400 seconds", "type": "interval"}}
    ]}}
}"#;

#[tokio::test]
async fn builder_and_json_are_equal_and_accepted() {
    let read: Rules = ALL.parse().unwrap();
    assert_eq!(all(), read);
    assert_eq!(all().to_string().parse::<Rules>().unwrap(), read);
    let db = Client::in_memory_with(schema![Note, Tag]).rules(all()).build().unwrap();
    assert_eq!(db.rules().pull().await.unwrap(), Some(read));
    assert_eq!(db.rules().push(ALL).await.unwrap(), None, "they are the same");
    over_http(async |db| {
        assert_eq!(db.rules().pull().await.unwrap(), Some(policy()));
        assert_eq!(db.rules().push(&all()).await.unwrap(), Some(1));
        assert_eq!(db.rules().pull().await.unwrap(), Some(all()));
    })
    .await;
}

#[test]
fn builder_calls_accumulate() {
    let rules = Rules::builder()
        .entity::<Note>(|note| note.view(true).bind("a", "1"))
        .entity::<Note>(|note| note.view(false).update(true).bind("b", "2"))
        .build();
    let want = r#"{"notes":{"allow":{"view":"false","update":"true"},"bind":{"a":"1","b":"2"}}}"#;
    assert_eq!(rules.to_string(), want);
}

#[test]
fn rules_of_perms_ts_are_accepted() {
    // `bind` may be a list, and rules may be JSON booleans or null.
    let rules = r#"{"notes": {"bind": ["mine", "auth.id == data.owner"], "allow": {"view": true, "update": null}}, "attrs": null}"#;
    let db = Client::in_memory_with(schema![Note, Tag]).rules(rules).build();
    assert!(db.is_ok(), "{db:?}");
}

#[test]
fn invalid_rules_are_rejected_with_their_path() {
    fn check(json: &str, want: &str) {
        assert_eq!(json.parse::<Rules>().unwrap_err().to_string(), want, "{json}");
    }
    check("[]", "the rules are not a JSON object: expected an object, found array");
    check("{", "the rules are not a JSON object: expected `,` or `}` at byte 1");
    check(r#"{"a": 1}"#, "a must be an object, found number");
    check(
        r#"{"a": {"alow": {}}}"#,
        "a has a key `alow`, which is unknown; known keys are allow, bind, fields",
    );
    check(
        r#"{"perms": {"goals": {"allow": {}}}}"#,
        "perms has a key `goals`, which is unknown; known keys are fields, allow, bind; pass the value of `perms` as the rules",
    );
    check(
        r#"{"a": {"allow": {"updated": "true"}}}"#,
        "a.allow has a key `updated`, which is unknown; known keys are update, create, delete, view, unlink, link, $default",
    );
    check(
        r#"{"$user": {}}"#,
        "the rules has a key `$user`, which is unknown; known keys are $users, $files, $streams, $default, $rateLimits",
    );
    check(r#"{"a": {"allow": "true"}}"#, "a.allow must be an object, found string");
    check(r#"{"a": {"allow": {"view": 1}}}"#, "a.allow.view must be a rule, which is a string, found number");
    check(r#"{"a": {"allow": {"link": "true"}}}"#, "a.allow.link must be an object, found string");
    check(
        r#"{"a": {"allow": {"link": {"b": {}}}}}"#,
        "a.allow.link.b must be a rule, which is a string, found object",
    );
    check(r#"{"a": {"fields": {"b": []}}}"#, "a.fields.b must be a rule, which is a string, found array");
    let fields = "has no effect: set field rules in the namespace of the attribute";
    let links = "has no effect: set link rules in the namespace at either end of the link";
    let attrs = "has no effect: `attrs` supports only a rule for `create`";
    for (json, want) in [
        (r#"{"$default": {"fields": {"secret": "false"}}}"#, format!("$default.fields {fields}")),
        (r#"{"attrs": {"fields": {"secret": "false"}}}"#, format!("attrs.fields {fields}")),
        (r#"{"attrs": {"allow": {"view": "false"}}}"#, format!("attrs.allow.view {attrs}")),
        (r#"{"attrs": {"allow": {"link": {"a": "false"}}}}"#, format!("attrs.allow.link {attrs}")),
        (r#"{"$default": {"allow": {"link": {"a": "false"}}}}"#, format!("$default.allow.link {links}")),
        (r#"{"$default": {"allow": {"unlink": {}}}}"#, format!("$default.allow.unlink {links}")),
    ] {
        check(json, &want);
    }
    assert!(r#"{"attrs": {"allow": {"$default": "false"}}}"#.parse::<Rules>().is_ok());
    let error: RulesError = Rules::from_json(json!("{}x")).unwrap_err();
    assert!(error.to_string().starts_with("the rules are not a JSON object"), "{error}");
}

#[tokio::test]
async fn mistakes_have_paths() {
    async fn check(rules: &str, want: Expect) {
        let in_memory = Client::in_memory_with(schema![Note, Tag]).rules(rules).build().unwrap_err();
        assert_eq!(in_memory.kind(), ErrorKind::Config);
        let pushed = Client::in_memory().rules().push(rules).await.unwrap_err();
        assert_eq!(pushed.kind(), ErrorKind::ValidationFailed);
        assert_eq!(in_memory.rule_mistakes(), pushed.rule_mistakes());
        assert_eq!(
            (pushed.namespace(), pushed.rule_mistakes()[0].namespace()),
            (Some("notes"), Some("notes"))
        );
        want.assert_eq(&format!("{in_memory}\n{pushed}"));
    }
    let rules = r#"{"notes": {"allow": {"view": "data.title ==", "update": "dat.title == 'x'"}, "fields": {"draft": "newData.a"}}}"#;
    check(rules, expect![[r#"
        the schema or the rules are invalid: mistakes in the rules
          notes.allow.view, character 14: expected a value, found the end
          notes.allow.update, character 1: undeclared reference to 'dat' (in container '') (did you mean 'data'?)
          notes.fields.draft, character 1: undeclared reference to 'newData' (in container '') (known here: data, auth, ruleParams, request, rateLimit)
        the server rejected the request: mistakes in the rules
          notes.allow.view, character 14: expected a value, found the end
          notes.allow.update, character 1: undeclared reference to 'dat' (in container '') (did you mean 'data'?)
          notes.fields.draft, character 1: undeclared reference to 'newData' (in container '') (known here: data, auth, ruleParams, request, rateLimit)"#]]).await;
    let rules = r#"{"notes": {"bind": ["a"], "allow": {"view": "a"}}, "$rateLimits": {"x": {"limits": []}}}"#;
    check(rules, expect![[r#"
        the schema or the rules are invalid: mistakes in the rules
          notes.bind: bind should have an even number of elements
          notes.allow.view: bind should have an even number of elements
          $rateLimits.x: Validation failed for rules: The rate limit config must have at least one limit in the `limits` array.
        the server rejected the request: mistakes in the rules
          notes.bind: bind should have an even number of elements
          notes.allow.view: bind should have an even number of elements
          $rateLimits.x: Validation failed for rules: The rate limit config must have at least one limit in the `limits` array."#]]).await;
    let rules = r#"{"notes": {"bind": {"a": "b", "b": "a"}, "allow": {"view": "a"}}}"#;
    check(
        rules,
        expect![[r#"
        the schema or the rules are invalid: mistakes in the rules
          notes.allow.view: The binds have a cyclic dependency a -> b -> a
        the server rejected the request: mistakes in the rules
          notes.allow.view: The binds have a cyclic dependency a -> b -> a"#]],
    )
    .await;
    assert!(Client::in_memory().query_raw(json!({"a": 1})).await.unwrap_err().rule_mistakes().is_empty());
}
