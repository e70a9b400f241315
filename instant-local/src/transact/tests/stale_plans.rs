//! Transactions that were planned before another one changed the catalog.

use std::{sync::Arc, thread};

use instant_core::schema::Attr;

use super::{findings, on_both_stores, rows, transact};
use crate::{
    catalog,
    clock::Moment,
    transact::{attrs, writer::Writer},
};

#[test]
fn transaction_is_planned_again_if_the_catalog_changes() {
    on_both_stores(r#"{"entities": {"people": {"attrs": {"name": {"valueType": "string"}}}}}"#, |app| {
        let (_, planned_with) = app.write(|transaction| app.catalog_of(transaction)).unwrap();
        let mut nick = Attr::blob("people", "nick");
        (nick.unique, nick.index) = (true, true);
        thread::scope(|scope| {
            let (_, (racing, catalog)) = app
                .write(|transaction| {
                    let users = Arc::strong_count(&planned_with);
                    let racing = scope.spawn(|| transact(app, "[['update','people','#a1',{'nick':'x'}]]"));
                    // The other transaction holds the catalog from before it is planned until it is
                    // committed, and waits for this write.
                    while Arc::strong_count(&planned_with) == users && !racing.is_finished() {
                        thread::yield_now();
                    }
                    let mut writer = Writer::new(transaction, app.catalog_of(transaction)?, Moment::at(0));
                    attrs::add(&mut writer, std::slice::from_ref(&nick))?;
                    let mut catalog = writer.catalog();
                    catalog::save(transaction, Arc::make_mut(&mut catalog))?;
                    Ok((racing, catalog))
                })
                .unwrap();
            app.publish(catalog);
            racing.join().unwrap().unwrap();
        });
        let (_, catalog) = app.write(|transaction| app.catalog_of(transaction)).unwrap();
        assert_eq!(catalog.resolve("people", "nick").unwrap().attribute.attr.id, nick.id);
        assert_eq!(rows(app, "people"), "[{'id':'a1','nick':'x'}]");
        assert_eq!(findings(app), Vec::<String>::new());
        let taken = transact(app, "[['update','people','#a2',{'nick':'x'}]]").unwrap_err();
        assert!(taken.to_string().starts_with("`nick` is a unique"), "{taken}");
    });
}
