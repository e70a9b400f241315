use instant_client::prelude::*;

fn main() {
    struct Plain;
    let _ = Plain::query();
}
