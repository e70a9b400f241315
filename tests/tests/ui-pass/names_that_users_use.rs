#![deny(warnings)]
#![allow(non_snake_case)]

use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "orders")]
pub struct Order {
    id: Id<Order>,
    #[instant(link(reverse = order))]
    items: Many<OrderItems>,
    #[instant(link(reverse = "orders"))]
    row: One<OrderItems>,
    #[instant(link(reverse = "several"))]
    fields: Many<LinkItems>,
}

#[derive(InstantEntity)]
#[instant(namespace = "items")]
pub struct OrderItems {
    id: Id<OrderItems>,
    #[instant(link(reverse = items))]
    order: One<Order>,
    #[instant(link(reverse = "x", label = "first"))]
    a_b: One<Order>,
    #[instant(link(reverse = "y", label = "second"))]
    a__b: One<Order>,
    #[instant(link(reverse = "z"))]
    _1: Many<Order>,
}

#[derive(InstantEntity)]
#[instant(namespace = "linkItems")]
pub struct LinkItems {
    id: Id<LinkItems>,
    #[instant(link(reverse = "w"))]
    items: Many<LinkItems>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "posts", new = PostDraft, row = LoadedPost, fields = PostHandles, serialize)]
struct Post {
    id: Id<Post>,
    title: String,
    #[instant(link(reverse = "posts", required))]
    order: One<Order>,
}

struct NewPost;
struct PostRow;
struct PostFields;
struct PostOrder;

mod outer {
    pub mod inner {
        use instant_client::prelude::*;

        #[derive(InstantEntity)]
        #[instant(namespace = "a")]
        pub(self) struct A {
            id: Id<A>,
            #[instant(link(reverse = "x"))]
            b: One<B>,
        }

        #[derive(InstantEntity)]
        #[instant(namespace = "b")]
        pub(super) struct B {
            id: Id<B>,
            #[instant(link(reverse = "x"))]
            a: One<A>,
        }

        #[derive(InstantEntity)]
        #[instant(namespace = "c")]
        pub(in crate::outer) struct C {
            id: Id<C>,
            #[instant(link(reverse = "c"))]
            b: One<B>,
        }

        #[derive(InstantEntity)]
        #[instant(namespace = "d")]
        pub(in super::super) struct D {
            id: Id<D>,
            #[instant(link(reverse = "d"))]
            pub c: Many<D>,
        }
    }

    pub fn queries() {
        use instant_client::Entity;
        let _ = (inner::B::query(), inner::C::query());
    }
}

fn main() {
    let _ = Order::query().include(|o| o.items).include(|o| o.row).include(|o| o.fields);
    let _ = OrderItems::query().include(|o| o.a_b).include(|o| o.a__b).include(|o| o._1);
    let new = PostDraft { title: "a".into(), order: Id::new() };
    assert_eq!(new.clone(), new);
    let _: fn(LoadedPost) -> String = |post| post.into_entity().title;
    let _: PostHandles = Post::FIELDS;
    let _ = (NewPost, PostRow, PostFields, PostOrder);
    let _ = outer::inner::D::query().include(|d| d.c);
    outer::queries();
}
