//! The product's own transfer: the one file that follows its interface.

use connect_swap_postgres::{
    CopyOptions, DatabaseUrl, Inventory, ManagedSpec, Part, Purpose, TableCopied, Tools,
    carry_schema, connect, copy_tables, inventory, pg_tools, server_info,
};

use crate::Result;

/// Tables at a time, as all contenders have.
const JOBS: usize = 2;

/// Everything: tables, rows, indexes, foreign keys. Gives the rows.
pub(crate) async fn whole(old: &DatabaseUrl, new: &DatabaseUrl) -> Result<u64> {
    let (tools, inventory) = look(old).await?;
    carry(&tools, old, new, &inventory, Part::BeforeWindow).await?;
    let copied = copy(old, new, &inventory).await?;
    carry(&tools, old, new, &inventory, Part::InWindow).await?;
    Ok(rows_of(&copied))
}

/// Rows alone, into tables that are there. Gives the rows.
pub(crate) async fn rows(old: &DatabaseUrl, new: &DatabaseUrl) -> Result<u64> {
    let (_, inventory) = look(old).await?;
    Ok(rows_of(&copy(old, new, &inventory).await?))
}

/// No mapping owns anything here: all objects are the customer's.
async fn look(old: &DatabaseUrl) -> Result<(Tools, Inventory)> {
    let session = connect(old, Purpose::ReadOnly, "bench").await?;
    let spec = ManagedSpec {
        schema: "salesforce".into(),
        tables: Vec::new(),
    };
    let tools = pg_tools(server_info(&session).await?.major)?;
    Ok((tools, inventory(&session, &spec).await?))
}

async fn copy(
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
) -> Result<Vec<TableCopied>> {
    let tables = inventory.tables_to_copy();
    let options = CopyOptions { jobs: JOBS };
    Ok(copy_tables(old, new, inventory, &tables, options, |_| {}).await?)
}

async fn carry(
    tools: &Tools,
    old: &DatabaseUrl,
    new: &DatabaseUrl,
    inventory: &Inventory,
    part: Part,
) -> Result<()> {
    let report = carry_schema(tools, old, new, inventory, part, |_| {}).await?;
    match report.differing.first() {
        None => Ok(()),
        Some(first) => Err(format!("the schemas differ: {first:?}").into()),
    }
}

fn rows_of(copied: &[TableCopied]) -> u64 {
    copied.iter().map(|table| table.rows).sum()
}
