//! Real exports go in, load, and come out the same.

use serde_json::Value;

use super::support::{Bench, all_synced, export, number, third_party};
use connect_swap_sandbox::salesforce::fit_export;
use connect_swap_sandbox::servers::Generation;

/// The configuration of each object, without the moment it was applied.
fn configs(export: &Value) -> Vec<(String, Value)> {
    let mappings = export["mappings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mapping| {
            let mut config = mapping["config"].clone();
            config.as_object_mut().unwrap().remove("applied_at");
            (mapping["object_name"].as_str().unwrap().to_owned(), config)
        });
    mappings.collect()
}

async fn import_and_compare(export: &Value, name: &str) {
    let bench = Bench::start().await;
    let database = bench.database("NEW_DATABASE_URL", Generation::New).await;
    let organisation = bench.connect.organisation_or_new("demo");
    fit_export(&organisation, export);
    for (object, _) in configs(export) {
        organisation.seed(&object, 60).unwrap();
    }
    bench
        .connect
        .change_behaviour("demo", |behaviour| behaviour.load_rows_per_second = 200.0);
    let id = bench
        .authorised("herokuconnect-new-1", "enterprise", "NEW_DATABASE_URL")
        .await;
    assert_eq!(bench.deep(&id).await["sf_info"]["api_version"], "58.0");

    let import = bench
        .post(
            &format!("/api/v3/connections/{id}/actions/import"),
            export.clone(),
        )
        .await;
    assert_eq!((import.status.as_u16(), import.text.as_str()), (202, ""));
    let body = bench.until(&id, "loaded", all_synced).await;
    for mapping in body["mappings"].as_array().unwrap() {
        assert_eq!(
            (
                mapping["counts"]["db"].as_u64(),
                mapping["counts"]["sf"].as_u64()
            ),
            (Some(60), Some(60))
        );
    }
    let back = bench
        .get(&format!("/api/v3/connections/{id}/actions/export"))
        .await
        .json;
    assert_eq!(configs(&back), configs(export), "{name}");
    assert_eq!(back["version"], 1);

    let client = database.connect("test").await.unwrap();
    for (object, config) in configs(export) {
        let table = object.to_lowercase();
        let columns = format!(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'salesforce' AND table_name = '{table}'"
        );
        let fields = config["fields"].as_object().unwrap().len();
        assert_eq!(
            number(&client, &columns).await,
            i64::try_from(fields).unwrap() + 3,
            "{name} {table}"
        );
        let sql = format!(
            "SELECT count(*) FROM salesforce.{table} WHERE sfid IS NOT NULL AND _hc_lastop = 'SYNCED'"
        );
        assert_eq!(number(&client, &sql).await, 60, "{name} {table}");
    }
    let captured = number(&client, "SELECT count(*) FROM salesforce._trigger_log").await;
    assert_eq!(captured, 0, "Connect's own rows must not be captured");
}

#[tokio::test(flavor = "multi_thread")]
async fn real_exports_import_load_and_export_back_equal() {
    let Some(directory) = third_party("exports") else {
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 4);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        import_and_compare(
            &serde_json::from_str(&text).unwrap(),
            &file.display().to_string(),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_export_imports_loads_and_exports_back_equal() {
    import_and_compare(&export(), "own").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relationship_columns_hold_the_parents_external_id() {
    let Some(path) = third_party("exports/movie-composite-demo-h1.json") else {
        return;
    };
    let export: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let bench = Bench::start().await;
    let database = bench.database("DATABASE_URL", Generation::Old).await;
    bench.seeded("herokuconnect-old-1", &export, 25).await;
    let client = database.connect("test").await.unwrap();
    let joined = "SELECT count(*) FROM salesforce.moviegenre__c m JOIN salesforce.genre__c g ON g.sfid = m.genre__c \
        AND g.external_id__c = m.genre__r__external_id__c";
    assert_eq!(number(&client, joined).await, 25);
}
