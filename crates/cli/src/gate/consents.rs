//! Consent given in advance, by flags.

use connect_swap_engine::ConsentRequest;

/// What the flags agree to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Consents {
    /// `--yes`: what can be put back or costs money. Never more than that.
    pub(crate) yes: bool,
    /// `--confirm`: names typed in advance.
    pub(crate) confirm: Vec<String>,
}

impl Consents {
    /// The flag that agrees to this request, if one does.
    pub(crate) fn covering(&self, request: &ConsentRequest, app: &str) -> Option<String> {
        match request.effect.level() {
            0 => Some("nothing to agree to".to_owned()),
            1 => self.yes.then(|| "--yes".to_owned()),
            _ => {
                let name = name_to_type(request, app);
                let given = self.confirm.iter().any(|confirmed| confirmed == name);
                given.then(|| format!("--confirm {name}"))
            }
        }
    }

    /// The flags that would agree to what is not agreed to yet, each once.
    pub(crate) fn missing(&self, requests: &[ConsentRequest], app: &str) -> Vec<String> {
        let mut flags: Vec<String> = Vec::new();
        for request in requests {
            if self.covering(request, app).is_some() {
                continue;
            }
            let flag = match request.effect.level() {
                1 => "--yes".to_owned(),
                _ => format!("--confirm {}", name_to_type(request, app)),
            };
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        flags
    }
}

/// The name that a level 2 request wants typed.
pub(super) fn name_to_type<'a>(request: &'a ConsentRequest, app: &'a str) -> &'a str {
    let name = request.description.confirm_with.as_str();
    if name.is_empty() { app } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connect_swap_engine::{Description, Effect};

    fn request(effect: Effect, confirm_with: &str) -> ConsentRequest {
        let description = Description {
            confirm_with: confirm_with.into(),
            ..Description::default()
        };
        ConsentRequest {
            step: "s".into(),
            effect,
            description,
            covers: vec![],
        }
    }

    fn flags(yes: bool, confirm: &[&str]) -> Consents {
        Consents {
            yes,
            confirm: confirm.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn yes_never_covers_downtime_destruction_or_the_point_of_no_return() {
        for effect in [Effect::Downtime, Effect::Destructive, Effect::NoReturn] {
            assert_eq!(
                flags(true, &[]).covering(&request(effect, "demo"), "demo"),
                None
            );
        }
        for effect in [Effect::Reversible, Effect::CostsMoney] {
            assert!(
                flags(true, &[])
                    .covering(&request(effect, ""), "demo")
                    .is_some()
            );
            assert_eq!(
                flags(false, &["demo"]).covering(&request(effect, ""), "demo"),
                None
            );
        }
    }

    #[test]
    fn the_name_must_be_the_one_that_is_asked_for() {
        let destroy = request(Effect::Destructive, "postgresql-flat-1");
        assert_eq!(
            flags(true, &["demo", "postgresql-flat-"]).covering(&destroy, "demo"),
            None
        );
        assert_eq!(
            flags(false, &["x", "postgresql-flat-1"])
                .covering(&destroy, "demo")
                .as_deref(),
            Some("--confirm postgresql-flat-1")
        );
        let unnamed = request(Effect::Downtime, "");
        assert!(flags(false, &["demo"]).covering(&unnamed, "demo").is_some());
        assert_eq!(flags(false, &[""]).covering(&unnamed, "demo"), None);
    }

    #[test]
    fn missing_flags_are_named_once() {
        let requests = [
            request(Effect::Reversible, ""),
            request(Effect::CostsMoney, ""),
            request(Effect::Downtime, "demo"),
            request(Effect::NoReturn, "demo"),
            request(Effect::Read, ""),
        ];
        assert_eq!(
            flags(false, &[]).missing(&requests, "demo"),
            ["--yes", "--confirm demo"]
        );
        assert_eq!(
            flags(true, &["demo"]).missing(&requests, "demo"),
            Vec::<String>::new()
        );
    }
}
