//! The database itself and its first schema, `public`: they are there on both
//! sides from the start, and no archive has their privileges and comments.

use std::collections::{BTreeMap, BTreeSet};

use super::apply::run_statement;
use super::grants::Grant;
use crate::Error;
use crate::error::RestoreError;
use crate::ident::{quote_ident, quote_literal};
use crate::session::Session;

/// The role is refused it: the place is the provider's.
const REFUSED: &str = "42501";

/// A `public` that was dropped and made again is an ordinary schema.
const PLACES: &str = "\
SELECT 'DATABASE', datname::text, pg_catalog.shobj_description(oid, 'pg_database'), true
FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
UNION ALL
SELECT 'SCHEMA', nspname::text, pg_catalog.obj_description(oid, 'pg_namespace'), oid < 16384
FROM pg_catalog.pg_namespace WHERE nspname = 'public'";

const PRIVILEGES: &str = "\
SELECT p.kind, coalesce(r.rolname::text, ''), x.privilege_type, x.is_grantable,
       x.grantee = p.owner, coalesce(r.rolname = current_user, false)
FROM (SELECT 'DATABASE', datdba, coalesce(datacl, pg_catalog.acldefault('d', datdba))
      FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
      UNION ALL
      SELECT 'SCHEMA', nspowner, coalesce(nspacl, pg_catalog.acldefault('n', nspowner))
      FROM pg_catalog.pg_namespace WHERE nspname = 'public') AS p (kind, owner, acl)
CROSS JOIN LATERAL pg_catalog.aclexplode(p.acl) AS x
LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.grantee
WHERE x.grantee = 0 OR r.oid IS NOT NULL";

/// A place's name and comment, by its kind.
type Places = BTreeMap<String, (String, Option<String>)>;

/// Gives the new side's places the old side's comments, and the privileges that
/// roles have there; takes from PUBLIC what it does not have on the old side.
/// Returns what was left out.
pub(super) async fn carry(
    old: &Session,
    new: &Session,
    roles: &BTreeSet<String>,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<String>, Error> {
    let (here, there) = (places(old, true).await?, places(new, false).await?);
    let wanted = Privileges::read(old).await?;
    let mut left_out = Vec::new();
    let both = there
        .iter()
        .filter_map(|(kind, place)| Some((kind, place, here.get(kind)?)));
    for (kind, (name, comment), (_, old_comment)) in both {
        let name = quote_ident(name);
        let mut statements: Vec<String> = Privileges::read(new)
            .await?
            .missing(&wanted, kind)
            .into_iter()
            .filter(|change| change.is_possible(roles))
            .map(|change| change.sql(kind, &name))
            .collect();
        if old_comment.is_some() && comment != old_comment {
            let text = quote_literal(old_comment.as_deref().unwrap_or_default());
            statements.push(format!("COMMENT ON {kind} {name} IS {text}"));
        }
        for statement in statements {
            match run_statement(new, &statement).await? {
                Some(error) if error.sqlstate.as_deref() == Some(REFUSED) => {}
                other => errors.extend(other),
            }
        }
        // A refused GRANT may be no error but a warning: what counts is what is there now.
        let now = Privileges::read(new).await?;
        let still = now.missing(&wanted, kind);
        left_out.extend(still.iter().map(|change| change.words(kind, &name)));
        let own = now
            .of_owner(kind)
            .difference(&wanted.of_owner(kind))
            .cloned()
            .collect::<Vec<_>>();
        left_out.extend(own.iter().map(|privilege| {
            format!("taken by the owner from itself: {privilege} on {kind} {name}")
        }));
        let comment_now = places(new, false)
            .await?
            .remove(kind)
            .and_then(|(_, comment)| comment);
        if old_comment.is_some() && comment_now != *old_comment {
            left_out.push(format!("comment on {kind} {name}"));
        }
    }
    Ok(left_out)
}

async fn places(session: &Session, first_only: bool) -> Result<Places, Error> {
    let mut found = Places::new();
    for row in session.query(PLACES, &[]).await? {
        if !first_only || row.try_get(3)? {
            found.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
        }
    }
    Ok(found)
}

/// Who may do what in the places, apart from the owner and the session's role.
#[derive(Default)]
struct Privileges {
    /// Whether it may be passed on, by kind of place, role and privilege.
    of_others: BTreeMap<(String, String, String), bool>,
    of_owner: BTreeSet<(String, String)>,
}

/// What differs.
enum Change {
    Give(Grant),
    TakeFromPublic(Grant),
}

impl Privileges {
    async fn read(session: &Session) -> Result<Self, Error> {
        let mut all = Self::default();
        for row in session.query(PRIVILEGES, &[]).await? {
            let (kind, role): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let (privilege, grantable): (String, bool) = (row.try_get(2)?, row.try_get(3)?);
            let (owner, me): (bool, bool) = (row.try_get(4)?, row.try_get(5)?);
            if owner {
                all.of_owner.insert((kind, privilege));
            } else if !me {
                let passes = all.of_others.entry((kind, role, privilege)).or_default();
                *passes |= grantable;
            }
        }
        Ok(all)
    }

    fn of_owner(&self, kind: &str) -> BTreeSet<String> {
        self.of_owner
            .iter()
            .filter(|(place, _)| place == kind)
            .map(|(_, privilege)| privilege.clone())
            .collect()
    }

    /// What these lack, and what PUBLIC has too much.
    fn missing(&self, wanted: &Self, kind: &str) -> Vec<Change> {
        let of_kind = |all: &Self| -> Vec<Grant> {
            all.of_others
                .iter()
                .filter(|((place, ..), _)| place == kind)
                .map(|((_, role, privilege), grantable)| Grant {
                    column: None,
                    grantee: role.clone(),
                    privilege: privilege.clone(),
                    grantable: *grantable,
                })
                .collect()
        };
        let has = |all: &Self, grant: &Grant| {
            let key = (
                kind.to_owned(),
                grant.grantee.clone(),
                grant.privilege.clone(),
            );
            all.of_others.get(&key).copied()
        };
        let give = of_kind(wanted)
            .into_iter()
            .filter(|grant| has(self, grant).is_none_or(|passes| grant.grantable && !passes))
            .map(Change::Give);
        let take = of_kind(self)
            .into_iter()
            .filter(|grant| grant.grantee.is_empty() && has(wanted, grant).is_none())
            .map(Change::TakeFromPublic);
        give.chain(take).collect()
    }
}

impl Change {
    fn is_possible(&self, roles: &BTreeSet<String>) -> bool {
        match self {
            Self::Give(grant) => grant.grantee.is_empty() || roles.contains(&grant.grantee),
            Self::TakeFromPublic(_) => true,
        }
    }

    fn sql(&self, kind: &str, name: &str) -> String {
        match self {
            Self::Give(grant) => grant.give(kind, name),
            Self::TakeFromPublic(grant) => grant.take(kind, name),
        }
    }

    fn words(&self, kind: &str, name: &str) -> String {
        match self {
            Self::Give(grant) if grant.grantee.is_empty() => {
                format!("{} to PUBLIC", grant.on(kind, name))
            }
            Self::Give(grant) => format!("{} to {}", grant.on(kind, name), grant.grantee),
            Self::TakeFromPublic(grant) => {
                format!("not taken from PUBLIC: {}", grant.on(kind, name))
            }
        }
    }
}
