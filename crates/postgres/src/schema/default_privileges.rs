//! Default privileges: what new objects will be granted (`pg_default_acl`,
//! PostgreSQL manual, "ALTER DEFAULT PRIVILEGES").

use super::apply::run_statement;
use super::grants::roles;
use crate::Error;
use crate::error::RestoreError;
use crate::ident::quote_ident;
use crate::session::Session;

/// Every privilege of every rule, and what a rule for the whole database takes
/// away from PUBLIC and the owner that both have without it; `grantee` is empty
/// for PUBLIC.
const QUERY: &str = "\
WITH rule AS (
    SELECT d.defaclrole AS role, coalesce(n.nspname::text, '') AS schema, d.defaclobjtype AS type, d.defaclacl AS acl,
           CASE WHEN d.defaclnamespace = 0 THEN pg_catalog.acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)
                END AS usual
    FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
)
SELECT pg_catalog.pg_get_userbyid(r.role)::text, r.schema, r.type::text, x.gives,
       coalesce(g.rolname::text, ''), x.privilege_type, x.is_grantable
FROM rule r CROSS JOIN LATERAL (
    SELECT true AS gives, grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(r.acl)
    EXCEPT SELECT true, grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(r.usual)
  UNION ALL
    (SELECT false, grantee, privilege_type, false FROM pg_catalog.aclexplode(r.usual)
     EXCEPT SELECT false, grantee, privilege_type, false FROM pg_catalog.aclexplode(r.acl))
) x LEFT JOIN pg_catalog.pg_roles g ON g.oid = x.grantee
ORDER BY 1, 2, 3, 4, 5, 6";

/// Sets on the new side what the old side sets; returns what is about roles
/// that the new side has not.
pub(super) async fn carry(
    old: &Session,
    new: &Session,
    errors: &mut Vec<RestoreError>,
) -> Result<Vec<String>, Error> {
    let there = roles(new).await?;
    let (me, other): (String, String) = (user(old).await?, user(new).await?);
    let known = |role: &str| {
        if role == me {
            Some(other.clone())
        } else {
            there.contains(role).then(|| role.to_owned())
        }
    };
    let mut left_out = Vec::new();
    for row in old.query(QUERY, &[]).await? {
        let (role, grantee): (String, String) = (row.try_get(0)?, row.try_get(4)?);
        let rule = Rule {
            schema: row.try_get(1)?,
            objects: objects(row.try_get(2)?),
            gives: row.try_get(3)?,
            privilege: row.try_get(5)?,
            grantable: row.try_get(6)?,
        };
        let to = if grantee.is_empty() {
            Some("PUBLIC".to_owned())
        } else {
            known(&grantee).map(|role| quote_ident(&role))
        };
        match (known(&role), to) {
            (Some(role), Some(to)) => {
                errors.extend(run_statement(new, &rule.sql(&role, &to)).await?);
            }
            _ => left_out.push(format!(
                "default {} on {} of {role} to {}",
                rule.privilege,
                rule.objects.to_lowercase(),
                if grantee.is_empty() {
                    "PUBLIC"
                } else {
                    &grantee
                }
            )),
        }
    }
    Ok(left_out)
}

struct Rule {
    schema: String,
    objects: &'static str,
    gives: bool,
    privilege: String,
    grantable: bool,
}

impl Rule {
    fn sql(&self, role: &str, to: &str) -> String {
        let place = if self.schema.is_empty() {
            String::new()
        } else {
            format!(" IN SCHEMA {}", quote_ident(&self.schema))
        };
        let begin = format!(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {}{place}",
            quote_ident(role)
        );
        let (privilege, objects) = (&self.privilege, self.objects);
        if !self.gives {
            return format!("{begin} REVOKE {privilege} ON {objects} FROM {to}");
        }
        let option = if self.grantable {
            " WITH GRANT OPTION"
        } else {
            ""
        };
        format!("{begin} GRANT {privilege} ON {objects} TO {to}{option}")
    }
}

/// The word for `pg_default_acl.defaclobjtype`.
fn objects(code: String) -> &'static str {
    match code.as_str() {
        "r" => "TABLES",
        "S" => "SEQUENCES",
        "f" => "FUNCTIONS",
        "T" => "TYPES",
        "n" => "SCHEMAS",
        _ => "LARGE OBJECTS",
    }
}

async fn user(session: &Session) -> Result<String, Error> {
    Ok(session
        .query_one("SELECT current_user::text", &[])
        .await?
        .try_get(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_given_and_taken_in_the_words_of_sql() {
        let rule = Rule {
            schema: "My".into(),
            objects: objects("f".into()),
            gives: false,
            privilege: "EXECUTE".into(),
            grantable: false,
        };
        assert_eq!(
            rule.sql("app", "PUBLIC"),
            "ALTER DEFAULT PRIVILEGES FOR ROLE \"app\" IN SCHEMA \"My\" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"
        );
        let rule = Rule {
            gives: true,
            grantable: true,
            schema: String::new(),
            ..rule
        };
        assert!(
            rule.sql("app", "x")
                .ends_with("GRANT EXECUTE ON FUNCTIONS TO x WITH GRANT OPTION")
        );
    }
}
