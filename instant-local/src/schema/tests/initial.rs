//! The schema that an app is created with.

use std::sync::Arc;

use instant_core::{Uuid, Value, schema::Schema};

use crate::{app::App, state::AppInfo, store::Store, transact::tests::create};

#[test]
fn schema_survives_reopening() {
    let json = r#"{"entities": {"goals": {"attrs": {"title": {"valueType": "string", "config": {"indexed": true}}}}},
        "links": {"goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"},
                                 "reverse": {"on": "people", "has": "many", "label": "goals"}}}}"#;
    let schema = Schema::parse(&Value::parse(json).unwrap()).unwrap();
    let store = Store::in_memory();
    let info = AppInfo { id: Uuid::new_v4(), admin_token: Uuid::new_v4(), title: "Goals".into(), created: 7 };
    let app = create(store.clone(), info.clone(), &schema).unwrap();
    let reopened = App::open(store, Arc::default()).unwrap().unwrap();
    assert_eq!(reopened.info(), &info);
    for app in [app, reopened] {
        let catalog = app.state().unwrap().catalog;
        let title = &catalog.resolve("goals", "title").unwrap().attribute;
        assert!(title.attr.index && !title.attr.unique);
        assert!(catalog.resolve("goals", "id").is_some() && catalog.resolve("people", "id").is_none());
        let goals = catalog.resolve("people", "goals").unwrap();
        assert!(!goals.is_to_one() && goals.target() == Some(catalog.namespace("goals").unwrap().no));
    }
}

#[test]
fn odd_names_survive_and_the_last_of_two_links_wins() {
    let link = |has: &str| {
        format!(
            r#"{{"forward": {{"on": "", "has": "{has}", "label": "crew"}}, "reverse": {{"on": "crew", "has": "many", "label": ""}}}}"#
        )
    };
    let json = format!(
        r#"{{"entities": {{"": {{"attrs": {{"": {{"valueType": "string"}}}}}}, "none": null,
            "a0000000-0000-4000-8000-000000000001": {{"attrs": {{"a/b.c": {{"valueType": "number"}}}}}}}},
            "links": {{"x": {}, "y": {}}}}}"#,
        link("many"),
        link("one")
    );
    let schema = Schema::parse(&Value::parse(&json).unwrap()).unwrap();
    let store = Store::in_memory();
    let info = AppInfo { id: Uuid::nil(), admin_token: Uuid::nil(), title: "Odd".into(), created: 0 };
    create(store.clone(), info, &schema).unwrap();
    let catalog = App::open(store, Arc::default()).unwrap().unwrap().state().unwrap().catalog;
    let uuid = "a0000000-0000-4000-8000-000000000001";
    for (namespace, label, want) in
        [("", "", true), ("", "id", true), (uuid, "a/b.c", true), ("crew", "", true), ("none", "id", false)]
    {
        assert_eq!(catalog.resolve(namespace, label).is_some(), want, "{namespace:?} {label:?}");
    }
    assert!(catalog.resolve("", "crew").is_some_and(|label| label.is_to_one()));
}

#[test]
fn duplicate_name_is_rejected() {
    let json = r#"{"entities": {"goals": {"attrs": {"owner": {"valueType": "string"}}}},
        "links": {"goalsOwner": {"forward": {"on": "goals", "has": "one", "label": "owner"},
                                 "reverse": {"on": "people", "has": "many", "label": "goals"}}}}"#;
    let schema = Schema::parse(&Value::parse(json).unwrap()).unwrap();
    let info = AppInfo { id: Uuid::nil(), admin_token: Uuid::nil(), title: "Goals".into(), created: 0 };
    let rejected = create(Store::in_memory(), info, &schema).unwrap_err();
    assert_eq!(rejected.to_string(), "`owner` already exists on `goals` (record-not-unique)");
}
