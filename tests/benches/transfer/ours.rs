//! The product's own transfer: the one file that follows its interface.

use connect_swap_postgres::{
    CopyOptions, DatabaseUrl, Inventory, ManagedSpec, Part, Purpose, TableCopied, Tools,
    carry_schema, connect, copy_tables, inventory, load_tables, pg_tools, server_info,
    validate_keys, workers,
};

use crate::shared::Result;

/// Everything: tables, rows, indexes, foreign keys, valid as the others' are. Gives the rows.
pub(crate) async fn whole(old: &DatabaseUrl, new: &DatabaseUrl) -> Result<u64> {
    let (tools, inventory) = look(old).await?;
    carry(&tools, old, new, &inventory, Part::BeforeWindow).await?;
    let options = options(old, new).await?;
    let tables = inventory.tables_to_copy();
    let loaded = load_tables(&tools, old, new, &inventory, &tables, options, |_| {}).await?;
    carry(&tools, old, new, &inventory, Part::InWindow).await?;
    let session = connect(old, Purpose::ReadOnly, "bench").await?;
    let keys = validate_keys(&session, new, &inventory, |_, _, _| {}).await?;
    match keys.left.first() {
        None => Ok(rows_of(&loaded.tables)),
        Some(first) => Err(format!("a key is not valid: {first:?}").into()),
    }
}

/// Rows alone, into tables that are there. Gives the rows.
pub(crate) async fn rows(old: &DatabaseUrl, new: &DatabaseUrl) -> Result<u64> {
    let (_, inventory) = look(old).await?;
    let tables = inventory.tables_to_copy();
    let options = options(old, new).await?;
    let copied = copy_tables(old, new, &inventory, &tables, options, |_| {}).await?;
    Ok(rows_of(&copied))
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

/// As many workers as the product takes by itself on this machine.
async fn options(old: &DatabaseUrl, new: &DatabaseUrl) -> Result<CopyOptions> {
    let old = server_info(&connect(old, Purpose::ReadOnly, "bench").await?).await?;
    let new = server_info(&connect(new, Purpose::ReadOnly, "bench").await?).await?;
    Ok(CopyOptions::with(workers(None, &old, &new)))
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
