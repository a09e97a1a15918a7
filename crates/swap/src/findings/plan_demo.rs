//! `plan-demo`: a Connect plan that never holds a large table.

use connect_swap_heroku::connect::Connection;
use connect_swap_heroku::platform::Addon;

use super::Phase;
use crate::finding::{Finding, Severity};
use crate::topology::Snapshot;

const CODE: &str = "plan-demo";

/// The plan `demo` syncs 10,000 rows in all and no more (dev center, "Heroku Connect", plans).
/// The new add-on is made with the old one's plan.
pub(super) fn check(snapshot: &Snapshot, _phase: Phase) -> Option<Finding> {
    let old = (Some(&snapshot.old_connect), Some(&snapshot.connection));
    let new = (
        snapshot.new.connect.as_ref(),
        snapshot.new.connection.as_ref(),
    );
    let seen: Vec<String> = [old, new].into_iter().filter_map(demo).collect();
    if seen.is_empty() {
        return None;
    }
    Some(
        Finding::new(
            CODE,
            Severity::Block,
            "a Connect add-on is on the demo plan",
        )
        .seen(seen)
        .why(
            "The demo plan stops at 10,000 rows. The new add-on gets the old one's plan, so a \
                 large table would never be loaded.",
        )
        .todo(
            "move the add-on to the plan of your contract with Heroku, then run the same command",
        ),
    )
}

fn demo((addon, connection): (Option<&Addon>, Option<&Connection>)) -> Option<String> {
    let of_addon = addon.filter(|addon| addon.plan.name.ends_with(":demo"));
    if let Some(addon) = of_addon {
        return Some(format!("{} has plan {}", addon.name, addon.plan.name));
    }
    let connection = connection.filter(|connection| connection.plan.as_deref() == Some("demo"))?;
    Some(format!(
        "Connect says that {} has plan demo",
        connection.resource_name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::fixture::{healthy, healthy_with_new_pair};

    #[test]
    fn paid_plans_are_fine() {
        assert_eq!(check(&healthy_with_new_pair(), Phase::Cutover), None);
    }

    #[test]
    fn either_add_on_on_demo_blocks() {
        let mut snapshot = healthy();
        snapshot.old_connect.plan.name = "herokuconnect:demo".into();
        snapshot.connection.plan = Some("demo".into());
        let finding = check(&snapshot, Phase::Prep).unwrap();
        assert_eq!(finding.severity, Severity::Block);
        assert_eq!(
            finding.seen,
            ["herokuconnect-round-1 has plan herokuconnect:demo"]
        );

        let mut snapshot = healthy_with_new_pair();
        snapshot.new.connection.as_mut().unwrap().plan = Some("demo".into());
        let finding = check(&snapshot, Phase::Cutover).unwrap();
        assert_eq!(
            finding.seen,
            ["Connect says that herokuconnect-new-1 has plan demo"]
        );
    }
}
