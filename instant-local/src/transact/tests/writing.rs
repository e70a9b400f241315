//! Tests of the rows that each kind of step writes.

use super::check;

const SCHEMA: &str = r#"{"entities": {
    "bikes": {"attrs": {"model": {"valueType": "string"}, "price": {"valueType": "number", "config": {"indexed": true}},
              "frame": {"valueType": "string", "config": {"unique": true}}, "notes": {"valueType": "json"}}},
    "owners": {"attrs": {"name": {"valueType": "string"}}}, "parts": {"attrs": {"sku": {"valueType": "string", "config": {"unique": true}}}}},
  "links": {"a": {"forward": {"on": "bikes", "has": "one", "label": "owner"}, "reverse": {"on": "owners", "has": "many", "label": "bikes"}},
            "b": {"forward": {"on": "bikes", "has": "many", "label": "parts"}, "reverse": {"on": "parts", "has": "many", "label": "bikes"}},
            "c": {"forward": {"on": "bikes", "has": "one", "label": "lock", "onDelete": "cascade"}, "reverse": {"on": "locks", "has": "one", "label": "bike"}}}}"#;

#[test]
fn steps_write_rows() {
    for (transactions, want) in [
        (
            &["[['create','bikes','#b1',{'model':'City','price':5}]]"][..],
            "[{'id':'b1','model':'City','price':5}]",
        ),
        (&["[['update','bikes','#b1',{'model':'City'}]]"], "[{'id':'b1','model':'City','price':null}]"),
        (
            &["[['update','bikes','#b2',{}]]", "[['update','bikes','#b1',{}]]"],
            "[{'id':'b2','price':null},{'id':'b1','price':null}]",
        ),
        (
            &["[['update','bikes','#b2',{}],['update','bikes','#b1',{}]]"],
            "[{'id':'b1','price':null},{'id':'b2','price':null}]",
        ),
        (
            &["[['update','bikes','#b1',{'price':1}],['update','bikes','#b1',{'price':2,'colour':'red'}]]"],
            "[{'id':'b1','price':2,'colour':'red'}]",
        ),
        (&["[['update','bikes','#b1',{}],['delete','bikes','#b1']]"], "[]"),
        (
            &[
                "[['update','bikes','#b1',{'model':'x'}]]",
                "[['delete','bikes','#b1'],['update','bikes','#b1',{'price':1}]]",
            ],
            "[{'id':'b1','price':1}]",
        ),
        (
            &["[['create','bikes','#b1',{}]]", "[['create','bikes','#b1',{'model':'x'}]]"],
            "Validation failed for tx-step: Creating entities that exist: b1, b1 (validation-failed)",
        ),
        (
            &["[['update','bikes','#b1',{'model':'x'},{'upsert':false}]]"],
            "Validation failed for tx-step: Updating entities that don't exist: b1, b1 (validation-failed)",
        ),
        (
            &[
                "[['merge','bikes','#b1',{'notes':{'a':1}}]]",
                "[['merge','bikes','#b1',{'notes':{'a':null,'b':2}}]]",
            ],
            "[{'id':'b1','price':null,'notes':{'b':2}}]",
        ),
        (&["[['link','bikes','#b1',{'owner':'#c1'}]]"], "[]"),
        (
            &["[['update','bikes','#b1',{'owner':'#c1'}]]", "[['link','owners','#c2',{'bikes':'#b1'}]]"],
            "[{'id':'b1','price':null,'owner':'c2'}]",
        ),
        (
            &["[['update','bikes','#b1',{'owner':'#c1'}]]", "[['unlink','bikes','#b1',{'owner':'#c1'}]]"],
            "[{'id':'b1','price':null}]",
        ),
        (
            &["[['update','bikes','#b1',{'owner':'#c1','parts':'#d1'}]]", "[['delete','owners','#c1']]"],
            "[{'id':'b1','price':null}]",
        ),
        (&["[['update','bikes','#b1',{'lock':'#e1'}]]", "[['delete','locks','#e1']]"], "[]"),
        (
            &["[['update','bikes','#b1',{'lock':'#e1'}]]", "[['update','bikes','#b2',{'lock':'#e1'}]]"],
            "`lock` is a unique attribute on `bikes` and an entity already exists with `bikes.lock` = \"e1\" (record-not-unique)",
        ),
        (
            &["[['update','bikes','#b1',{'frame':'F'}]]", "[['update','bikes','#b2',{'frame':'F'}]]"],
            "`frame` is a unique attribute on `bikes` and an entity already exists with `bikes.frame` = \"F\" (record-not-unique)",
        ),
        (
            &["[['update','bikes','#b1',{'frame':'F'}]]", "[['update','bikes',['frame','F'],{'price':3}]]"],
            "[{'id':'b1','price':3,'frame':'F'}]",
        ),
        (
            &["[['update','bikes','#b1',{'price':'x'}]]"],
            "Invalid value type for bikes.price. Value must be a number but the provided value type is string. (validation-failed)",
        ),
        (
            &[
                "[['update','bikes','#b1',{'price':9007199254740993}]]",
                "[['delete','bikes','#b1']]",
                "[['update','bikes','#b1',{'price':1}]]",
            ],
            "[{'id':'b1','price':1}]",
        ),
    ] {
        check(SCHEMA, transactions, "bikes", want);
    }
}

#[test]
fn lookups_by_equal_values_find_the_same_entity() {
    let schema = r#"{"entities": {"books": {"attrs": {"shelf": {"valueType": "number", "config": {"unique": true}},
        "day": {"valueType": "date", "config": {"unique": true, "indexed": true}}}}}, "links": {}}"#;
    for (transactions, want) in [
        (
            &["[['update','books','#a1',{'shelf':7}]]", "[['update','books',['shelf',7.0],{'a':1}]]"][..],
            "[{'id':'a1','shelf':7,'day':null,'a':1}]",
        ),
        (
            &[
                "[['update','books','#a1',{'shelf':9007199254740993}]]",
                "[['update','books','#a2',{'shelf':9007199254740992}]]",
            ],
            "[{'id':'a1','shelf':9007199254740993,'day':null},{'id':'a2','shelf':9007199254740992,'day':null}]",
        ),
        (
            &["[['update','books','#a1',{'shelf':1.0}]]", "[['update','books','#a2',{'shelf':1}]]"],
            "`shelf` is a unique attribute on `books` and an entity already exists with `books.shelf` = 1 (record-not-unique)",
        ),
        (
            &[
                "[['update','books','#a1',{'day':'2026-01-01'}]]",
                "[['update','books','#a2',{'day':'2026-01-01T00:00:00Z'}]]",
                "[['update','books',['day','2026-01-01'],{'a':1}]]",
            ],
            "[{'id':'a1','day':'2026-01-01','a':1},{'id':'a2','day':'2026-01-01T00:00:00Z'}]",
        ),
        (
            &[
                "[['update','books','#a1',{'day':'now'}]]",
                "[['update','books','#a1',{'day':'today'}]]",
                "[['update','books','#a1',{'day':null}]]",
            ],
            "[{'id':'a1','day':null}]",
        ),
        (
            &[
                "[['update','books',['shelf',0],{'a':1}],['update','books',['shelf',-0.0],{'b':1}]]",
                "[['delete','books',['shelf',0.0]]]",
            ],
            "[]",
        ),
    ] {
        check(schema, transactions, "books", want);
    }
}

#[test]
fn missing_attributes_are_created() {
    check(
        "",
        &["[['update','gizmos','#b1',{'w':1}],['link','gizmos','#b1',{'boxes':'#c1'}]]"],
        "gizmos",
        "[{'id':'b1','w':1}]",
    );
    check(
        "",
        &["[['update','rooms',['door',12],{'id':'x'}]]", "[['delete','rooms',['door',12]]]"],
        "rooms",
        "[]",
    );
}
