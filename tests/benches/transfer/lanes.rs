//! Rows by `psql` alone: one `COPY` piped into another for every table, the
//! tables dealt out over pipes that run side by side.

/// One shell script for every lane. `tables` come with their sizes, the largest
/// first; each goes to the lane that has the least to do.
pub(crate) fn scripts(tables: &[(String, i64)], lanes: usize) -> Vec<String> {
    let mut dealt = vec![(0, String::from("set -e\n")); lanes];
    for (table, bytes) in tables {
        if let Some((sum, script)) = dealt.iter_mut().min_by_key(|(sum, _)| *sum) {
            *sum += bytes;
            script.push_str(&pipe(table));
        }
    }
    dealt.into_iter().map(|(_, script)| script).collect()
}

/// A program that ends early at the reading end is noticed by the writing one:
/// binary rows end with a mark.
fn pipe(table: &str) -> String {
    let psql = "psql -X -q -v ON_ERROR_STOP=1";
    format!(
        "{psql} \"$OLD\" -c 'COPY {table} TO STDOUT (FORMAT binary)' | \
         {psql} \"$NEW\" -c 'COPY {table} FROM STDIN (FORMAT binary)'\n"
    )
}
