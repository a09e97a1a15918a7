//! Scaling, restarting and one-off dynos.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::app::{App, Dyno, DynoState, ProcessType};
use super::availability::Reason;
use super::catalog::dyno_size;
use super::names;
use super::refusal::Refusal;
use super::state::World;

/// One change of a process type.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormationChange {
    /// Type or id.
    pub(crate) process: String,
    /// `3`, or relative: `+1`, `-2`.
    pub(crate) quantity: Option<String>,
    pub(crate) size: Option<String>,
}

impl World {
    /// Applies all changes or none.
    pub(crate) fn scale(
        &self,
        app: &str,
        changes: &[FormationChange],
    ) -> Result<Vec<ProcessType>, Refusal> {
        let now = self.now();
        let (id, changed) = self.with(|state| {
            let app = state.app_mut(app)?;
            let mut changed = Vec::new();
            for change in changes {
                let mut process = app.process(&change.process)?.clone();
                if let Some(quantity) = &change.quantity {
                    process.quantity = quantity_after(process.quantity, quantity)?;
                }
                if let Some(size) = &change.size {
                    process.size = dyno_size(size)
                        .ok_or_else(|| Refusal::invalid(format!("No such size as {size}.")))?;
                }
                process.updated_at = now;
                changed.push(process);
            }
            for process in &changed {
                app.formation.insert(process.name.clone(), process.clone());
            }
            Ok((app.id, changed))
        })?;
        self.reconcile(id);
        Ok(changed)
    }

    pub(crate) fn set_maintenance(&self, app: &str, maintenance: bool) -> Result<(), Refusal> {
        let now = self.now();
        self.with(|state| {
            let app = state.app_mut(app)?;
            app.maintenance = maintenance;
            app.updated_at = now;
            Ok(())
        })
    }

    /// Restarts all dynos, one, or those of a type. One-off dynos are stopped for good, and only
    /// when named.
    pub(crate) fn restart(&self, app: &str, which: Option<&str>) -> Result<(), Refusal> {
        let id = self.with(|state| {
            let app = state.app_mut(app)?;
            match which {
                None => app.restarts += 1,
                Some(which) => {
                    let id = which.parse::<Uuid>().ok();
                    let mut matching = app
                        .dynos
                        .iter()
                        .filter(|dyno| {
                            dyno.name == which || dyno.process_type == which || Some(dyno.id) == id
                        })
                        .peekable();
                    if matching.peek().is_none() {
                        return Err(Refusal::not_found("dyno"));
                    }
                    matching.for_each(|dyno| dyno.stop.cancel());
                }
            }
            Ok(app.id)
        })?;
        self.reconcile(id);
        Ok(())
    }

    /// Starts a one-off dyno, as `heroku run:detached` and the scheduler do.
    pub(crate) fn run_one_off(
        &self,
        app: &str,
        process_type: &str,
        command: &str,
        size: Option<&str>,
    ) -> Result<Uuid, Refusal> {
        let size = match size {
            None => "Standard-1X",
            Some(size) => dyno_size(size)
                .ok_or_else(|| Refusal::invalid(format!("No such size as {size}.")))?,
        };
        let now = self.now();
        let (app, dyno) = self.with(|state| {
            let (id, number) = (names::uuid(&mut state.rng), state.rng.u32(1_000..10_000));
            let app = state.app_mut(app)?;
            let dyno = Dyno {
                id,
                name: format!("{process_type}.{number}"),
                process_type: process_type.to_owned(),
                number,
                size,
                command: command.to_owned(),
                state: DynoState::Starting,
                release_id: app.current_release().map_or(app.id, |release| release.id),
                release_version: app.current_version(),
                restarts: app.restarts,
                created_at: now,
                updated_at: now,
                stop: CancellationToken::new(),
                one_off: true,
            };
            app.dynos.push(dyno.clone());
            Ok((app.id, dyno))
        })?;
        let id = dyno.id;
        self.start(app, dyno);
        Ok(id)
    }
}

impl App {
    pub(crate) fn process(&self, type_or_id: &str) -> Result<&ProcessType, Refusal> {
        let id = type_or_id.parse::<Uuid>().ok();
        self.formation
            .values()
            .find(|process| process.name == type_or_id || Some(process.id) == id)
            .ok_or_else(|| Refusal::not_found("formation"))
    }

    /// What a user who comes now meets.
    pub(crate) fn note_availability(&mut self, now: jiff::Timestamp) {
        let web = self.formation.get("web").map_or(0, |web| web.quantity);
        let reason = if !self.launched {
            None
        } else if self.maintenance {
            Some(Reason::Maintenance)
        } else if web == 0 {
            Some(Reason::NoWebDynos)
        } else if self.web_dynos_up() == 0 {
            Some(Reason::Booting)
        } else {
            None
        };
        self.availability.note(now, reason);
    }
}

fn quantity_after(present: u32, wanted: &str) -> Result<u32, Refusal> {
    let number = |text: &str| {
        text.parse::<u32>()
            .map_err(|_| Refusal::invalid(format!("Invalid quantity {wanted}.")))
    };
    match (wanted.strip_prefix('+'), wanted.strip_prefix('-')) {
        (Some(more), _) => Ok(present.saturating_add(number(more)?)),
        (None, Some(fewer)) => Ok(present.saturating_sub(number(fewer)?)),
        (None, None) => number(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_absolute_or_relative() {
        assert_eq!(quantity_after(2, "5").unwrap(), 5);
        assert_eq!(quantity_after(2, "+1").unwrap(), 3);
        assert_eq!(quantity_after(2, "-5").unwrap(), 0);
        assert_eq!(quantity_after(2, "many").unwrap_err().status, 422);
    }
}
