//! The attributes that every app has, for users, files, streams and sign-in
//! (`docs/protocol/instaql.md`, "12. System namespaces").

use std::sync::LazyLock;

use instant_core::{
    Uuid,
    schema::{Attr, Cardinality, CheckedType, Identity},
};

use super::{AttrNo, Attribute, Catalog};

/// User attributes start at these numbers, so that system attributes can be added later.
const FIRST_USER_ATTR: u32 = 1000;
const FIRST_USER_NAMESPACE: u32 = 100;

/// Attributes as `namespace label type flags`. The flags are `U`nique, `I`ndexed, `R`equired and
/// `H`idden from schema listings. New lines go to the end, because the position of a line is the
/// number of its attribute.
const ATTRIBUTES: &str = "
$users id any UI
$users email string UI
$users type string -
$users imageURL string -
$files id any UI
$files path string UIR
$files size number IRH
$files content-type string IH
$files content-disposition string IH
$files location-id string UIRH
$files key-version number H
$files url string -
$streams id any UI
$streams clientId string UIR
$streams machineId string H
$streams done boolean -
$streams size number -
$streams hashedReconnectToken string H
$streams abortReason string -
$magicCodes id any UI
$magicCodes codeHash string I
$magicCodes email string I
$userRefreshTokens id any UI
$userRefreshTokens hashedToken string UI
$oauthProviders id any UI
$oauthProviders name string UI
$oauthUserLinks id any UI
$oauthUserLinks sub string I
$oauthUserLinks sub+$oauthProvider string UI
$oauthClients id any UI
$oauthClients clientId any I
$oauthClients name string UI
$oauthClients meta any -
$oauthClients discoveryEndpoint string -
$oauthClients encryptedClientSecret string -
$oauthClients redirectTo string -
$oauthClients useSharedCredentials boolean -
$oauthCodes id any UI
$oauthCodes codeHash string UI
$oauthCodes codeChallenge string -
$oauthCodes codeChallengeMethod string -
$oauthCodes userInfo any -
$oauthRedirects id any UI
$oauthRedirects stateHash string UI
$oauthRedirects cookieHash string -
$oauthRedirects redirectUrl string -
$oauthRedirects redirectTo string -
$oauthRedirects codeChallenge string -
$oauthRedirects codeChallengeMethod string -
";

/// Links as `namespace label target reverse flags`. The flags are those of [`ATTRIBUTES`], and
/// `M`any, `W` (deleted with the target), `T` (the target is deleted with it) and `V` (a plain
/// value that has a reverse name).
const LINKS: &str = "
$users linkedPrimaryUser $users linkedGuestUsers W
$streams $files $files $stream MUT
$userRefreshTokens $user $users $userRefreshTokens IW
$oauthUserLinks $user $users $oauthUserLinks IW
$oauthUserLinks $oauthProvider $oauthProviders $oauthUserLinks IWV
$oauthClients $oauthProvider $oauthProviders $oauthClients W
$oauthCodes $oauthClient $oauthClients $oauthCodes W
$oauthRedirects $oauthClient $oauthClients $oauthRedirects W
";

/// Returns the catalog of an app without a schema.
pub(super) fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(build);
    &CATALOG
}

/// Returns whether schema listings omit the attribute: all attributes of hidden namespaces, and
/// some of `$files` and `$streams`.
pub(crate) fn is_hidden(attribute: &Attribute) -> bool {
    let name = &attribute.attr.forward;
    attribute.system
        && (!["$users", "$files", "$streams"].contains(&name.namespace.as_str())
            || lines(ATTRIBUTES).any(|[namespace, label, _, flags]| {
                namespace == name.namespace && label == name.label && flags.contains('H')
            }))
}

fn build() -> Catalog {
    let mut catalog = Catalog::empty(1, 1);
    for (line, [namespace, label, checked, flags]) in lines(ATTRIBUTES).enumerate() {
        let mut attr = Attr::blob(namespace, label);
        attr.checked_type = CheckedType::parse(checked);
        finish(&mut catalog, attr, line, flags);
    }
    for (line, [namespace, label, target, reverse, flags]) in lines(LINKS).enumerate() {
        let (forward, reverse) = (Identity::new(namespace, label), Identity::new(target, reverse));
        let mut attr = Attr::link(forward, reverse);
        if flags.contains('V') {
            attr.value_type = instant_core::schema::ValueType::Blob;
        }
        attr.cardinality = if flags.contains('M') { Cardinality::Many } else { Cardinality::One };
        attr.on_delete = flags.contains('W');
        attr.on_delete_reverse = flags.contains('T');
        finish(&mut catalog, attr, 200 + line, flags);
    }
    catalog.next_attr = FIRST_USER_ATTR;
    catalog.next_namespace = FIRST_USER_NAMESPACE;
    catalog
}

fn finish(catalog: &mut Catalog, mut attr: Attr, line: usize, flags: &str) {
    let no = u32::try_from(line + 1).map_or(AttrNo(0), AttrNo);
    attr.unique = flags.contains('U');
    attr.index = flags.contains('I');
    attr.required = flags.contains('R');
    let kind = if attr.forward.label == "meta" { "json" } else { "string" };
    attr.inferred_types = Some(vec![kind.to_owned()]);
    // On a real server the ids of system attributes start like this, and are the same in every app.
    let id =
        |prefix: u128, part: u128| Uuid::from_u128(prefix << 64 | (8 << 60) | u128::from(no.0) << 4 | part);
    attr.id = id(0x9665_3230_13ff_ffff, 0);
    attr.forward.id = id(0x9665_3231_03ff_ffff, 1);
    if let Some(reverse) = &mut attr.reverse {
        reverse.id = id(0x9665_3231_03ff_ffff, 2);
    }
    let forward = catalog.namespace_no(&attr.forward.namespace);
    let target = attr.reverse.as_ref().map(|reverse| reverse.namespace.clone());
    let reverse = target.map(|target| catalog.namespace_no(&target));
    catalog.put(Attribute { no, attr, system: true, forward, reverse });
}

/// Splits the lines of a table into columns.
fn lines<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter_map(|line| Vec::from_iter(line.split_whitespace()).try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalog_has_every_line_of_the_tables() {
        let count = |table: &str| table.lines().filter(|line| !line.is_empty()).count();
        assert_eq!(catalog().attributes().len(), count(ATTRIBUTES) + count(LINKS));
        let user = catalog().resolve("$userRefreshTokens", "$user").map(|label| label.attribute.name());
        assert_eq!(user.as_deref(), Some("$userRefreshTokens.$user"));
    }
}
