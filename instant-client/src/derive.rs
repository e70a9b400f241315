//! The derive macros.

/// Declares a struct with named fields as a namespace of Instant.
///
/// The derive implements [`Entity`](crate::Entity) for the struct, which provides `query`,
/// `create`, `update` and the other methods. For `Goal` it also generates these items with the
/// visibility of the struct:
///
/// | Item | What it is |
/// |---|---|
/// | `GoalFields` | the handles behind `Goal::FIELDS`, and behind `g` in `\|g\| g.title` |
/// | `GoalRow` | what queries answer with: a `Goal`, and the links that were included |
/// | `NewGoal` | what is required of a new one, as a literal |
/// | `GoalTodos` | stands for the link `todos` in types, such as `Link<GoalTodos>` |
///
/// ```
/// use instant_client::{Queryable, link::Link, prelude::*};
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
/// let todos: Link<GoalTodos> = Goal::FIELDS.todos;
/// let query = Goal::query().filter(|g| g.title.like("Get%")).include(|_| todos);
///
/// // Rows: a `Goal` by `Deref`, and each link that was included, as a type parameter says.
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
/// // New entities: attributes and links that are required. The others are set one by one.
/// let create = Goal::create(NewGoal { title: "Get fit".into() }).set(|g| g.note, "soon");
/// let todo = Todo::create(NewTodo { text: "Run".into(), goal: create.id() });
///
/// // What is declared, for `schema![Goal, Todo]`.
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
/// | `rename_all = ".."` | how names are spelled on the wire; `camelCase` if not given |
/// | `serialize` | `serde::Serialize` for the entity and its rows, with names of the wire and the links that were loaded |
/// | `crate = path` | where `instant_client` is, if not at `::instant_client` |
///
/// # On an attribute
///
/// | Key | Meaning |
/// |---|---|
/// | `indexed` | can be ordered by and compared |
/// | `unique` | no two entities share a value; a value is a [lookup](crate::attr::Attr::lookup) |
/// | `rename = ".."` | the name on the wire |
/// | `default` | may be missing where it is read, is optional in the schema, and no part of `NewGoal` |
///
/// # On a link: `link(..)`
///
/// | Key | Meaning |
/// |---|---|
/// | `reverse = field` | the field at the other end; both must agree, which is checked while compiling |
/// | `reverse = ".."` | the other end's name on the wire, if it is not declared in Rust; this end is then the forward one |
/// | `reverse_has = one` | with such a name: the other end leads to one; to `many` if not given |
/// | `label = ".."` | the name on the wire |
/// | `forward` | this end stores the link; one of both has to, and the next three say it, too |
/// | `required` | every entity has one; on `One` |
/// | `on_delete = cascade` | this entity goes when the linked one goes; on `One` |
/// | `on_delete_reverse = cascade` | the linked ones go when this one goes; the other end is a `One` |
#[doc(inline)]
pub use instant_derive::InstantEntity;

/// Declares an enum without data or a newtype struct as the type of an attribute. An enum is stored
/// as a string, a newtype as the value in it.
///
/// `#[instant(rename_all = "..")]` on the enum sets the case of the stored names (`camelCase` by
/// default). `#[instant(rename = "..")]` on a variant sets one name.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantValue)]
/// enum Status {
///     Open,
///     #[instant(rename = "finished")]
///     Done,
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
