//! Other people who work in Salesforce all the time.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::audit::Source;
use super::organisation::Organisation;
use super::record::Values;
use crate::clock::Clock;

/// Someone who changes a text field of one record after the other, until dropped.
#[derive(Debug)]
pub struct OtherUsers(JoinHandle<()>);

impl OtherUsers {
    /// Changes `field` of a record of `object` every `every` of sandbox time, going round the
    /// live records. A refused change is skipped: it stands in the organisation's log.
    #[must_use]
    pub fn start(
        organisation: Organisation,
        clock: Clock,
        object: &str,
        field: &str,
        every: Duration,
    ) -> Self {
        let (object, field) = (object.to_owned(), field.to_owned());
        Self(tokio::spawn(async move {
            let source = Source::User("other users".to_owned());
            for turn in 0_usize.. {
                clock.sleep(every).await;
                let extent = organisation.extent(&object).max(1);
                let ids =
                    organisation.rows(&object, &["Id".to_owned()], std::iter::once(turn % extent));
                let Some(id) = ids.into_iter().flatten().flatten().next() else {
                    continue;
                };
                let values = Values::from([(field.clone(), Some(format!("changed {turn}")))]);
                let _refused_stands_in_the_log =
                    organisation.update(&source, &object, &id, &values);
            }
        }))
    }
}

impl Drop for OtherUsers {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::super::organisation::OrganisationInfo;
    use super::super::schema::{Field, FieldType, ObjectSchema};
    use super::*;

    #[tokio::test]
    async fn they_change_one_record_after_the_other() {
        let info = OrganisationInfo {
            id: "00D000000000001EAA".to_owned(),
            instance: "EU44".to_owned(),
            username: "connect@example.com".to_owned(),
        };
        let clock = Clock::new(1_000.0);
        let organisation = Organisation::new(info, clock.clone());
        let fields = vec![
            Field::new("Id", FieldType::Id),
            Field::new("Site", FieldType::Text(80)),
        ];
        organisation.define(ObjectSchema {
            name: "Account".to_owned(),
            fields,
        });
        organisation.seed("Account", 2).unwrap();
        let mut changes = organisation.subscribe();
        let every = Duration::from_secs(5);
        let others = OtherUsers::start(organisation.clone(), clock, "Account", "Site", every);
        let three = changes.wait_for(|revision| *revision >= 3);
        tokio::time::timeout(Duration::from_secs(10), three)
            .await
            .unwrap()
            .unwrap();
        drop(others);
        let ids: std::collections::BTreeSet<_> = organisation
            .writes()
            .into_iter()
            .filter_map(|write| write.record_id)
            .collect();
        assert_eq!(ids.len(), 2);
    }
}
