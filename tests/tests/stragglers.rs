//! Those who write to the old database and heed no maintenance mode: a one-off dyno, and a person
//! with psql. What the database has acknowledged to them is in the new one; what it has not is
//! refused.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use connect_swap_swap::{ExitCode, commands};
use connect_swap_tests::{Scene, ended};
use tokio_postgres::{Client, NoTls};

/// A session that connects again whenever it is cut off, and remembers what was acknowledged.
struct Person {
    url: String,
    stop: Arc<AtomicBool>,
}

#[derive(Default)]
struct Told {
    acknowledged: BTreeSet<i64>,
    /// Neither acknowledged nor refused: the connection ended in between.
    unknown: BTreeSet<i64>,
    refused: usize,
}

async fn session(url: &str) -> Option<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

impl Person {
    async fn write(self) -> Told {
        let mut told = Told::default();
        let mut open = None;
        for id in 1.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            if open.is_none() {
                open = session(&self.url).await;
            }
            let Some(client) = &open else {
                told.refused += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let insert = "INSERT INTO public.by_hand (id, note) VALUES ($1, 'typed')";
            match client.execute(insert, &[&id]).await {
                Ok(_) => {
                    told.acknowledged.insert(id);
                }
                Err(error) if error.code().is_some_and(|code| code.code() == "25006") => {
                    told.refused += 1;
                }
                Err(_) => {
                    told.unknown.insert(id);
                    open = None;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_was_acknowledged_is_in_the_new_database() {
    let scene = Scene::new().await;
    let url = scene.sandbox.config_vars(&scene.app)["DATABASE_URL"].clone();
    let old = session(&url).await.expect("the old database answers");
    old.batch_execute("CREATE TABLE public.by_hand (id bigint PRIMARY KEY, note text)")
        .await
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let person = tokio::spawn(
        Person {
            url,
            stop: stop.clone(),
        }
        .write(),
    );
    let operator = scene.operator();
    let prep = commands::prep(&operator, &scene.prep_args()).await;
    ended(&prep, ExitCode::Ok, &[]);
    scene.sandbox.run_one_off(&scene.app, "scheduler").unwrap();
    let cutover = commands::cutover(&operator, &scene.cutover_args()).await;
    ended(&cutover, ExitCode::Ok, &[]);
    stop.store(true, Ordering::Relaxed);
    let told = person.await.unwrap();
    assert!(told.acknowledged.len() > 20, "{}", told.acknowledged.len());
    assert!(told.refused > 0, "the fence refused nothing");

    let url = scene.sandbox.config_vars(&scene.app)["DATABASE_URL"].clone();
    let new = session(&url).await.expect("the new database answers");
    let rows = new
        .query("SELECT id FROM public.by_hand", &[])
        .await
        .unwrap();
    let arrived: BTreeSet<i64> = rows.iter().map(|row| row.get(0)).collect();
    let lost: Vec<_> = told.acknowledged.difference(&arrived).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let from_nowhere: Vec<_> = arrived
        .iter()
        .filter(|id| !told.acknowledged.contains(id) && !told.unknown.contains(id))
        .collect();
    assert!(from_nowhere.is_empty(), "{from_nowhere:?}");
    let audit = scene.sandbox.audit(&scene.app).await.unwrap();
    assert!(audit.is_clean(), "{audit:#?}");
}
