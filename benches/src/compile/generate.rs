//! The crates whose compile time is measured: a hundred entities in a ring, the same structs with
//! serde's derives, a hundred functions with a nested query each, and entities with many links.

use std::{fmt::Write, fs, io, path::Path};

const ENTITIES: usize = 100;

/// The members of the generated workspace.
pub(super) const HUBS: [usize; 3] = [5, 10, 20];

/// Writes the workspace into `folder`; `client` is the folder of `instant-client`.
pub(super) fn workspace(folder: &Path, client: &Path) -> io::Result<()> {
    let client = format!(
        "instant-client = {{ path = {:?}, default-features = false }}\n",
        client.display().to_string()
    );
    let serde = "serde = { version = \"1\", features = [\"derive\"] }\n";
    let hubs = HUBS.map(|links| format!("hub{links}"));
    let mut members = vec![
        ("entities", client.clone(), entities(true)),
        ("structs", serde.to_owned(), entities(false)),
        ("queries", format!("{client}entities = {{ path = \"../entities\" }}\n"), queries()),
    ];
    for (name, links) in hubs.iter().zip(HUBS) {
        members.push((name, client.clone(), hub(links)));
    }
    let names = Vec::from_iter(members.iter().map(|(name, ..)| format!("{name:?}"))).join(", ");
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{names}]\n[profile.dev]\ndebug = \"line-tables-only\"\n"
        ),
    )?;
    for (name, dependencies, source) in members {
        fs::create_dir_all(folder.join(name).join("src"))?;
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"
        );
        fs::write(folder.join(name).join("Cargo.toml"), manifest)?;
        fs::write(folder.join(name).join("src/lib.rs"), source)?;
    }
    Ok(())
}

/// Ten attributes each, and three links: to the next entity of the ring, back, and to itself.
fn entities(ours: bool) -> String {
    let mut out = String::new();
    if ours {
        out.push_str("use instant_client::prelude::*;\n");
    }
    for number in 0..ENTITIES {
        let (next, before) = ((number + 1) % ENTITIES, (number + ENTITIES - 1) % ENTITIES);
        let derive = if ours { "InstantEntity, " } else { "serde::Serialize, serde::Deserialize, " };
        let _ = writeln!(out, "#[derive({derive}Debug, Clone, PartialEq)]");
        if ours {
            let _ = writeln!(out, "#[instant(namespace = \"entity{number}\")]");
        }
        let mark = |attribute: &str| if ours { format!("#[instant({attribute})] ") } else { String::new() };
        let id = if ours { format!("Id<Entity{number}>") } else { "String".to_owned() };
        let _ = writeln!(
            out,
            "pub struct Entity{number} {{\n    pub id: {id},\n    {}pub title: String,\n    {}pub slug: String,\n    \
             pub done: bool,\n    {}pub rank: Option<i64>,\n    pub note: Option<String>,\n    pub score: f64,\n    \
             pub count: u32,\n    pub kind: String,\n    pub extra: Option<String>,",
            mark("indexed"),
            mark("unique"),
            mark("indexed"),
        );
        let many =
            |entity: usize| if ours { format!("Many<Entity{entity}>") } else { "Vec<String>".to_owned() };
        let one =
            |entity: usize| if ours { format!("One<Entity{entity}>") } else { "Option<String>".to_owned() };
        let _ = writeln!(
            out,
            "    {}pub children: {},\n    {}pub parent: {},\n    {}pub twin: {},\n}}",
            mark("link(reverse = parent)"),
            many(next),
            mark("link(reverse = children, forward)"),
            one(before),
            mark("link(reverse = \"twins\")"),
            one(number),
        );
    }
    out
}

fn queries() -> String {
    let mut out = String::from("use entities::*;\nuse instant_client::{Queryable, prelude::*};\n");
    for number in 0..ENTITIES {
        let _ = writeln!(
            out,
            "pub fn query{number}(body: &str) -> usize {{\n    let query = Entity{number}::query()\n        \
             .filter(|e| e.title.like(\"a%\"))\n        .filter(|e| e.children.has(|c| c.rank.gt(3)))\n        \
             .include(|e| e.children.filter(|c| c.done.eq(false)).include(|c| c.children))\n        \
             .include(|e| e.parent)\n        .order(|e| e.rank.desc())\n        .limit(10);\n    \
             query.decode(body).map_or(0, |rows| rows.iter().map(|row| row.children.len()).sum())\n}}"
        );
    }
    out
}

/// Twenty entities that have `links` links each.
fn hub(links: usize) -> String {
    let mut out = String::from("use instant_client::prelude::*;\n");
    for number in 0..20 {
        let _ = writeln!(
            out,
            "#[derive(InstantEntity, Debug, Clone, PartialEq)]\n#[instant(namespace = \"hub{number}\")]\n\
             pub struct Hub{number} {{\n    pub id: Id<Hub{number}>,\n    pub title: String,"
        );
        for link in 0..links {
            let target = (number + link) % 20;
            let _ = writeln!(
                out,
                "    #[instant(link(reverse = \"from{number}x{link}\"))] pub link{link}: Many<Hub{target}>,"
            );
        }
        out.push_str("}\n");
    }
    out
}
