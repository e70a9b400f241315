//! The common traits of zero-sized types with a type parameter, without a bound on the parameter.

use std::{fmt, marker::PhantomData};

use super::{LinkHandle, Many, NotLoaded, One};

macro_rules! markers {
    ($($type:ident $name:literal $new:expr;)*) => {$(
        impl<T> Clone for $type<T> {
            fn clone(&self) -> Self { *self }
        }

        impl<T> Copy for $type<T> {}

        impl<T> PartialEq for $type<T> {
            fn eq(&self, _: &Self) -> bool { true }
        }

        impl<T> Eq for $type<T> {}

        impl<T> PartialOrd for $type<T> {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> { Some(self.cmp(other)) }
        }

        impl<T> Ord for $type<T> {
            fn cmp(&self, _: &Self) -> std::cmp::Ordering { std::cmp::Ordering::Equal }
        }

        impl<T> std::hash::Hash for $type<T> {
            fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
        }

        impl<T> Default for $type<T> {
            fn default() -> Self { $new }
        }

        impl<T> fmt::Debug for $type<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str($name) }
        }
    )*};
}

markers! {
    Many "(link)" Many(PhantomData);
    One "(link)" One(PhantomData);
    LinkHandle "(link)" LinkHandle(PhantomData);
    NotLoaded "(not loaded)" NotLoaded { add_include_of_this_link_to_the_query: PhantomData };
}
