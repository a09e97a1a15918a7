//! Names and secrets as Heroku makes them up.

use std::collections::BTreeSet;

use fastrand::Rng;
use uuid::Uuid;

const COLORS: [&str; 24] = [
    "AMBER", "AQUA", "BLACK", "BLUE", "BRONZE", "BROWN", "CHARCOAL", "COBALT", "COPPER", "CRIMSON",
    "CYAN", "GOLD", "GRAY", "GREEN", "IVORY", "JADE", "MAROON", "OLIVE", "PINK", "PURPLE", "RED",
    "ROSE", "SILVER", "YELLOW",
];
const ADJECTIVES: [&str; 8] = [
    "angular",
    "animated",
    "closed",
    "cubed",
    "flat",
    "regular",
    "rigid",
    "spherical",
];

pub(super) fn uuid(rng: &mut Rng) -> Uuid {
    uuid::Builder::from_random_bytes(rng.u128(..).to_be_bytes()).into_uuid()
}

/// `postgresql-spherical-12345`, `herokuconnect-flat-54321`.
pub(super) fn addon(rng: &mut Rng, service: &str) -> String {
    let service = service.strip_prefix("heroku-").unwrap_or(service);
    let adjective = ADJECTIVES[rng.usize(..ADJECTIVES.len())];
    format!("{service}-{adjective}-{:05}", rng.u32(..100_000))
}

/// The name for an attachment that was not given one: the plain name while it is free, then
/// coloured ones.
pub(super) fn attachment(
    rng: &mut Rng,
    plain: &str,
    prefix: &str,
    taken: &BTreeSet<&str>,
) -> String {
    if !taken.contains(plain) {
        return plain.to_owned();
    }
    colored(rng, prefix, taken)
}

/// `HEROKU_POSTGRESQL_PINK`.
pub(super) fn colored(rng: &mut Rng, prefix: &str, taken: &BTreeSet<&str>) -> String {
    let start = rng.usize(..COLORS.len());
    (0..COLORS.len())
        .map(|offset| format!("{prefix}_{}", COLORS[(start + offset) % COLORS.len()]))
        .chain((2..).map(|number| format!("{prefix}_{}{number}", COLORS[start])))
        .find(|name| !taken.contains(name.as_str()))
        .expect("the numbers never end")
}

/// Lower-case letters and digits after `prefix`, as database and role names have them.
pub(super) fn letters(rng: &mut Rng, prefix: &str, length: usize) -> String {
    let mut name = prefix.to_owned();
    name.extend((0..length).map(|_| {
        if rng.bool() {
            rng.lowercase()
        } else {
            rng.digit(10)
        }
    }));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_never_run_out_and_never_repeat() {
        let mut rng = Rng::with_seed(3);
        let mut taken = Vec::<String>::new();
        for _ in 0..40 {
            let set = taken.iter().map(String::as_str).collect();
            let name = colored(&mut rng, "HEROKU_POSTGRESQL", &set);
            assert!(!taken.contains(&name));
            taken.push(name);
        }
    }

    #[test]
    fn the_plain_name_comes_first() {
        let mut rng = Rng::with_seed(3);
        let none = BTreeSet::new();
        assert_eq!(
            attachment(&mut rng, "DATABASE", "HEROKU_POSTGRESQL", &none),
            "DATABASE"
        );
        let taken = BTreeSet::from(["DATABASE"]);
        let second = attachment(&mut rng, "DATABASE", "HEROKU_POSTGRESQL", &taken);
        assert!(second.starts_with("HEROKU_POSTGRESQL_"), "{second}");
    }
}
