//! The derive macros.

/// Declares a struct with named fields as a namespace of Instant.
///
/// The derive implements [`Entity`](crate::Entity) for the struct, which provides `query`,
/// `create`, `update` and the other methods. For `Goal` it also generates these items with the
/// visibility of the struct. If you use one of the names yourself, choose another with the key:
///
/// | Item | Key | Description |
/// |---|---|---|
/// | `GoalFields` | `fields = ..` | the struct of handles: `Goal::FIELDS`, and `g` in `\|g\| g.title` |
/// | `GoalRow` | `row = ..` | a row of a query: a `Goal` and the included links |
/// | `NewGoal` | `new = ..` | the required attributes and links of a new `Goal` |
///
/// ```
/// use instant_client::{Queryable, prelude::*};
///
/// #[derive(InstantEntity, Debug, Clone, PartialEq)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(indexed)]
///     title: String,
///     note: Option<String>,
///     #[instant(link(reverse = goal))]
///     todos: Many<Todo>,
/// }
///
/// #[derive(InstantEntity, Debug, Clone, PartialEq)]
/// #[instant(namespace = "todos")]
/// struct Todo {
///     id: Id<Todo>,
///     text: String,
///     #[instant(link(reverse = todos, required))]
///     goal: One<Goal>,
/// }
///
/// // Handles: by name, or in a closure.
/// let title = Goal::FIELDS.title;
/// assert_eq!(title.label(), "title");
/// let todos = Goal::FIELDS.todos;
/// let query = Goal::query().filter(|g| g.title.like("Get%")).include(|_| todos);
///
/// // A row dereferences to a `Goal`. Each included link is a field and a type parameter.
/// let body = r#"{"goals": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "title": "Get fit", "todos": []}]}"#;
/// let rows: Vec<GoalRow<Vec<TodoRow>>> = query.decode(body).unwrap();
/// assert_eq!((rows[0].title.as_str(), rows[0].todos.len()), ("Get fit", 0));
/// let goal: Goal = rows[0].entity().clone();
///
/// // Rows for tests, without a server.
/// let row = GoalRow::new(goal.clone()).with_todos(Vec::<TodoRow>::new());
/// assert_eq!(row, rows[0]);
/// assert_eq!(row.into_entity(), goal);
///
/// // New entities take the required attributes and links. Set the others one by one.
/// let create = Goal::create(NewGoal { title: "Get fit".into() }).set(|g| g.note, "soon");
/// let todo = Todo::create(NewTodo { text: "Run".into(), goal: create.id() });
///
/// // The declared schema, for `schema![Goal, Todo]`.
/// assert_eq!(Goal::SCHEMA.namespace, "goals");
/// ```
///
/// A row implements `Debug`, `Clone` and `PartialEq` if the entity and the included links do.
/// `NewGoal` does if its fields do.
///
/// # On the struct
///
/// | Key | Meaning |
/// |---|---|
/// | `namespace = ".."` | required |
/// | `rename_all = ".."` | the case of wire names; `camelCase` by default |
/// | `serialize` | implements `serde::Serialize` for the entity and its rows, with wire names and the loaded links |
/// | `row = ..`, `new = ..`, `fields = ..` | the names of the generated structs, such as `new = GoalDraft` |
/// | `crate = path` | the path of `instant_client`, if not `::instant_client` |
///
/// # On an attribute
///
/// | Key | Meaning |
/// |---|---|
/// | `indexed` | allows ordering and comparing |
/// | `unique` | at most one entity has each value, which can serve as a [lookup](crate::attr::Attr::lookup) |
/// | `rename = ".."` | the name on the wire |
/// | `default` | decodes a missing value or null as the default; optional in the schema and not part of `NewGoal` |
///
/// # On a link: `link(..)`
///
/// | Key | Meaning |
/// |---|---|
/// | `reverse = field` | the field of the other end; the compiler checks that both ends agree |
/// | `reverse = ".."` | the wire name of the other end, if Rust does not declare it; this end is then the forward one |
/// | `reverse_has = one` | the cardinality of an other end that is given by its wire name; `many` by default |
/// | `label = ".."` | the name on the wire |
/// | `forward` | this end stores the link. The next three keys imply it, and so does the `One` of a `One` and a `Many`; between two `One` or two `Many`, mark one end |
/// | `required` | every entity has a link; requires a `One` |
/// | `on_delete = cascade` | deleting the linked entity deletes this one; requires a `One` |
/// | `on_delete_reverse = cascade` | deleting this entity deletes the linked ones; requires the other end to be a `One` |
#[doc(inline)]
pub use instant_derive::InstantEntity;

/// Declares an enum without data or a newtype struct as the type of an attribute. An enum is stored
/// as a string, a newtype as the value in it.
///
/// `#[instant(rename_all = "..")]` on the enum sets the case of the stored names (`camelCase` by
/// default). `#[instant(rename = "..")]` on a variant sets one name.
///
/// Without more, a stored string that is not the name of a variant is a decode error.
/// `#[instant(other)]` marks a variant that holds such strings, for a column that newer programs
/// also write: `Other(String)`. Writing the value back stores the same string.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantValue)]
/// enum Status {
///     Open,
///     #[instant(rename = "finished")]
///     Done,
///     #[instant(other)]
///     Other(String),
/// }
///
/// #[derive(InstantValue)]
/// struct Slug(String);
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     status: Status,
///     #[instant(unique)]
///     slug: Slug,
/// }
///
/// let query = Goal::query().filter(|g| g.status.one_of([Status::Open, Status::Done]));
/// assert_eq!(
///     query.to_json().unwrap().to_string(),
///     r#"{"goals":{"$":{"where":{"status":{"$in":["open","finished"]}}}}}"#
/// );
/// let delete = Goal::delete(Goal::FIELDS.slug.lookup(Slug("fit".into())));
/// ```
#[doc(inline)]
pub use instant_derive::InstantValue;

/// Declares a struct with named fields as a [view](crate::View): a selection of an entity's
/// attributes and links.
///
/// `#[instant(entity = Goal)]` on the struct names the entity. `#[instant(from = field)]` on a
/// field names the entity's field if the names differ. `#[instant(link)]` marks a link: a `Many`
/// becomes a `Vec` of views or entities, a `One` becomes an `Option`, and a required link becomes
/// the view itself or an `Option`.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// #[derive(InstantView)]
/// #[instant(entity = User)]
/// struct Contact {
///     #[instant(from = email)]
///     address: Option<String>,
///     #[instant(link)]
///     linked_guest_users: Vec<Guest>,
/// }
///
/// #[derive(InstantView)]
/// #[instant(entity = User)]
/// struct Guest {
///     id: Id<User>,
/// }
///
/// assert_eq!(
///     User::query().view::<Contact>().to_json().unwrap().to_string(),
///     r#"{"$users":{"$":{"fields":["email"]},"linkedGuestUsers":{"$":{"fields":["id"]}}}}"#
/// );
/// ```
#[doc(inline)]
pub use instant_derive::InstantView;
