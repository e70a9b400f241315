use instant_client::prelude::*;

#[derive(InstantValue)]
enum Unit {
    One,
    #[instant(other)]
    Other,
}

#[derive(InstantValue)]
enum Twice {
    One,
    #[instant(other)]
    Other(String),
    #[instant(other)]
    Unknown(String),
}

#[derive(InstantValue)]
enum Renamed {
    One,
    #[instant(other, rename = "rest")]
    Other(String),
}

#[derive(InstantValue)]
enum Alone {
    #[instant(other)]
    Other(String),
}

#[derive(InstantValue)]
enum Number {
    One,
    #[instant(other)]
    Other(u32),
}

fn main() {}
