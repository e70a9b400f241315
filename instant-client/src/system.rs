//! The namespaces that every app has: [`User`] and [`File`].
//!
//! To add attributes, declare an own struct on `"$users"` or `"$files"` instead; they must be optional.

use instant_core::Id;
use instant_derive::InstantEntity;

use crate::{
    entity::Entity,
    link::{Many, One},
    write::Create,
};

/// A user of the app (`$users`). Users come into being when they sign in; an admin can create them, too.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let query = User::query().filter(|u| u.email.eq("ada@example.com")).include(|u| u.linked_guest_users);
/// ```
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "$users", serialize)]
pub struct User {
    /// The id.
    pub id: Id<User>,
    /// The address; guests have none.
    #[instant(unique, indexed)]
    pub email: Option<String>,
    /// `user` or `guest`.
    pub r#type: Option<String>,
    /// A picture.
    #[instant(rename = "imageURL")]
    pub image_url: Option<String>,
    /// The user that this guest became.
    #[instant(link(reverse = linked_guest_users, on_delete = cascade))]
    pub linked_primary_user: One<User>,
    /// The guests that became this user.
    #[instant(link(reverse = linked_primary_user))]
    pub linked_guest_users: Many<User>,
}

impl User {
    /// The creation of a user with this email, in lower case as Instant keeps it: for an admin, to seed a test with somebody to
    /// [act as](crate::As::email). Users of a running app come into being by [`Client::auth`](crate::Client::auth).
    ///
    /// ```
    /// # #[cfg(feature = "local")]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use instant_client::{As, Client, User, prelude::*};
    ///
    /// let (ada, bob) = (User::signed_up("ada@example.com"), User::signed_up("bob@example.com"));
    /// let db = Client::in_memory_with(schema![User]).seed([ada, bob]).build()?;
    /// let users = db.as_user(As::email("ada@example.com")).query(User::query()).await?;
    /// assert_eq!(users.len(), 1, "users see themselves");
    /// # Ok::<_, instant_client::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn signed_up(email: impl AsRef<str>) -> Create<Self> {
        Self::create(NewUser {}).set(|user| user.email, email.as_ref().trim().to_lowercase())
    }
}

/// An uploaded file (`$files`). Files come into being by an upload only.
///
/// ```
/// use instant_client::{File, prelude::*};
///
/// let query = File::query().filter(|f| f.path.like("photos/%")).order(|f| f.path.asc());
/// ```
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "$files", serialize)]
pub struct File {
    /// The id.
    pub id: Id<File>,
    /// Where it was uploaded to.
    #[instant(unique, indexed)]
    pub path: String,
    /// Where it can be downloaded from, for some time.
    pub url: Option<String>,
    /// How many bytes it has.
    pub size: Option<u64>,
    /// What its bytes are, such as `image/png`.
    #[instant(rename = "content-type")]
    pub content_type: Option<String>,
    /// What browsers do with it, such as `inline`.
    #[instant(rename = "content-disposition")]
    pub content_disposition: Option<String>,
}
