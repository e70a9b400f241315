use instant_client::prelude::*;

#[derive(InstantValue)]
enum Shape {
    Circle(f64),
    Dot,
}

#[derive(InstantValue)]
struct Pair(String, String);

#[derive(InstantValue)]
#[instant(rename_all = "camel")]
enum Kind {
    One,
    #[instant(rename = "one", indexed)]
    Two,
}

#[derive(InstantValue)]
struct Tags(Vec<String>);

fn main() {}
