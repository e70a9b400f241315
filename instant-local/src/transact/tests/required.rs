//! Tests of required attributes: the changed entities that must have them.

use super::check;

const SCHEMA: &str = r#"{"entities": {"goals": {"attrs": {}}, "people": {"attrs": {}}},
  "links": {"fans": {"forward": {"on": "people", "has": "many", "label": "fans"},
                     "reverse": {"on": "goals", "has": "many", "label": "fanOf"}},
            "tags": {"forward": {"on": "goals", "has": "many", "label": "tags"},
                     "reverse": {"on": "people", "has": "many", "label": "tagged"}}}}"#;

/// Adds a required attribute to `people` when the namespace has no rows, only a link of `a1`.
const SETUP: [&str; 2] = [
    "[['update','goals','#c1',{}],['link','people','#a1',{'fans':'#c1'}]]",
    "[['add-attr',{'id':'#f1','forward-identity':['#f2','people','title'],'value-type':'blob','cardinality':'one',\
     'unique?':false,'index?':false,'required?':true}]]",
];

#[test]
fn only_entities_whose_own_values_or_links_change_are_checked() {
    for (steps, namespace, want) in [
        // The link is stored with the goal, so nothing of the person changes.
        ("[['link','goals','#c1',{'tags':'#a1'}]]", "goals", "[{'id':'c1'}]"),
        ("[['link','people','#a1',{'tagged':'#c1'}]]", "goals", "[{'id':'c1'}]"),
        (
            "[['link','goals','#c1',{'fanOf':'#a2'}]]",
            "goals",
            "Missing required attribute `people/id`: a2. Missing required attribute `people/title`: a2 (validation-failed)",
        ),
        (
            "[['update','people','#a1',{}]]",
            "people",
            "Missing required attribute `people/title`: a1 (validation-failed)",
        ),
        ("[['update','people','#a1',{'title':'Ada'}]]", "people", "[{'id':'a1','title':'Ada'}]"),
    ] {
        check(SCHEMA, &[SETUP[0], SETUP[1], steps], namespace, want);
    }
}
