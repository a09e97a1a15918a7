//! What one would write by hand: a trigger for each row that puts its key into
//! a table.

use crate::load::Load;
use crate::shared::Result;
use crate::shared::cluster::Cluster;
use crate::stage::DATABASE;

/// Makes the triggers and their tables.
pub(crate) async fn install(load: Load, cluster: &Cluster) -> Result<()> {
    let owner = cluster.owner(DATABASE).await?;
    owner.batch_execute("CREATE SCHEMA by_row").await?;
    for (table, key) in load.tables() {
        owner.batch_execute(&triggers(table, *key)).await?;
    }
    Ok(())
}

/// Drops them, after a look whether they have logged anything.
pub(crate) async fn remove(load: Load, cluster: &Cluster) -> Result<()> {
    let owner = cluster.owner(DATABASE).await?;
    for (table, _) in load.tables() {
        let any = format!("SELECT EXISTS (SELECT FROM by_row.{table})");
        if !owner.query_one(&any, &[]).await?.try_get::<_, bool>(0)? {
            return Err(format!("the triggers of {table} have logged nothing").into());
        }
    }
    Ok(owner.batch_execute("DROP SCHEMA by_row CASCADE").await?)
}

fn triggers(table: &str, key: Option<&str>) -> String {
    let (log, body) = match key {
        None => (
            "changed boolean".to_owned(),
            format!("INSERT INTO by_row.{table} VALUES (true);"),
        ),
        Some(key) => (
            "k bigint".to_owned(),
            format!(
                "IF TG_OP = 'DELETE' THEN INSERT INTO by_row.{table} VALUES (OLD.{key}); RETURN NULL; END IF; \
                 INSERT INTO by_row.{table} VALUES (NEW.{key}); \
                 IF TG_OP = 'UPDATE' AND OLD.{key} IS DISTINCT FROM NEW.{key} THEN \
                 INSERT INTO by_row.{table} VALUES (OLD.{key}); END IF;"
            ),
        ),
    };
    format!(
        "CREATE TABLE by_row.{table} ({log}); \
         CREATE FUNCTION by_row.{table}() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN {body} RETURN NULL; END $$; \
         CREATE TRIGGER by_row AFTER INSERT OR UPDATE OR DELETE ON {table} \
         FOR EACH ROW EXECUTE FUNCTION by_row.{table}()"
    )
}
