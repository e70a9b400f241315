use instant_client::prelude::*;

fn main() {
    let _ = instant_client::File::create(());
}
