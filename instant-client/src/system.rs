//! The namespaces that every app has: [`User`] and [`File`].
//!
//! To add attributes, declare your own struct with the namespace `"$users"` or `"$files"` instead.
//! Its own attributes must be optional.

use instant_core::Id;
use instant_derive::InstantEntity;

use crate::{
    entity::Entity,
    link::{Many, One},
    write::Create,
};

/// A user of the app (`$users`). A user is created by the first sign-in, or by an admin.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let query = User::query().filter(|u| u.email.eq("ada@example.com")).include(|u| u.linked_guest_users);
/// ```
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "$users", serialize)]
pub struct User {
    /// The user's id.
    pub id: Id<User>,
    /// The email address; `None` for guests.
    #[instant(unique, indexed)]
    pub email: Option<String>,
    /// `user` or `guest`.
    pub r#type: Option<String>,
    /// The URL of a profile picture.
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
    /// Creates a user with this email address, trimmed and in lower case as Instant stores it.
    ///
    /// For admins, to seed a test with users to [act as](crate::As::email). In a running app,
    /// [`Client::auth`](crate::Client::auth) creates users.
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

/// An uploaded file (`$files`). Files are created by uploads only; see
/// [`StorageClient`](crate::StorageClient).
///
/// ```
/// use instant_client::{File, prelude::*};
///
/// let query = File::query().filter(|f| f.path.like("photos/%")).order(|f| f.path.asc());
/// ```
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "$files", serialize)]
pub struct File {
    /// The file's id.
    pub id: Id<File>,
    /// The path that the file was uploaded to, such as `photos/cat.png`.
    #[instant(unique, indexed)]
    pub path: String,
    /// The URL to download the file from; it expires.
    pub url: Option<String>,
    /// The size in bytes.
    pub size: Option<u64>,
    /// The media type, such as `image/png`.
    #[instant(rename = "content-type")]
    pub content_type: Option<String>,
    /// The `Content-Disposition` of downloads, such as `inline`.
    #[instant(rename = "content-disposition")]
    pub content_disposition: Option<String>,
}
