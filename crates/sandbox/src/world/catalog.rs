//! The add-on services, plans and dyno sizes that the sandbox sells.
//!
//! Prices are a month's in cents, as in the Elements marketplace; contract plans have none.

use uuid::Uuid;

/// An add-on service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) id: Uuid,
    pub(crate) name: &'static str,
    pub(crate) human_name: &'static str,
    pub(crate) default_plan: &'static str,
}

/// A plan of a service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) id: Uuid,
    /// With the service: `heroku-postgresql:standard-0`.
    pub(crate) name: &'static str,
    pub(crate) human_name: &'static str,
    pub(crate) cents: i64,
    pub(crate) contract: bool,
}

pub(crate) const POSTGRES: &str = "heroku-postgresql";
pub(crate) const CONNECT: &str = "herokuconnect";

const fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x5e41_0000_0000_4000_8000_0000_0000_0000 + number)
}

/// Every service.
pub(crate) static SERVICES: [Service; 2] = [
    Service {
        id: id(1),
        name: POSTGRES,
        human_name: "Heroku Postgres",
        default_plan: "heroku-postgresql:essential-0",
    },
    Service {
        id: id(2),
        name: CONNECT,
        human_name: "Heroku Connect",
        default_plan: "herokuconnect:demo",
    },
];

macro_rules! plans {
    ($($number:literal $name:literal $human:literal $cents:literal $contract:literal)*) => {
        /// Every plan.
        pub(crate) static PLANS: &[Plan] = &[$(Plan {
            id: id($number), name: $name, human_name: $human, cents: $cents, contract: $contract,
        }),*];
    };
}

plans! {
    16 "heroku-postgresql:essential-0" "Essential 0" 500 false
    17 "heroku-postgresql:standard-0" "Standard 0" 5000 false
    18 "heroku-postgresql:standard-2" "Standard 2" 20000 false
    19 "heroku-postgresql:premium-0" "Premium 0" 20000 false
    32 "herokuconnect:demo" "Demo Edition" 0 false
    33 "herokuconnect:enterprise" "Enterprise" 0 true
    34 "herokuconnect:shield" "Shield" 0 true
}

/// A dyno size: name, memory in GB, cents a month.
pub(crate) static DYNO_SIZES: [(&str, f64, i64); 6] = [
    ("Eco", 0.5, 500),
    ("Basic", 0.5, 700),
    ("Standard-1X", 0.5, 2500),
    ("Standard-2X", 1.0, 5000),
    ("Performance-M", 2.5, 25000),
    ("Performance-L", 14.0, 50000),
];

impl Service {
    pub(crate) fn find(name_or_id: &str) -> Option<&'static Self> {
        let id = name_or_id.parse::<Uuid>().ok();
        SERVICES
            .iter()
            .find(|service| service.name == name_or_id || Some(service.id) == id)
    }
}

impl Plan {
    /// By full name, by service name (its default plan) or by id.
    pub(crate) fn find(name_or_id: &str) -> Option<&'static Self> {
        let name = Service::find(name_or_id).map_or(name_or_id, |service| service.default_plan);
        let id = name_or_id.parse::<Uuid>().ok();
        PLANS
            .iter()
            .find(|plan| plan.name == name || Some(plan.id) == id)
    }

    pub(crate) fn service(&self) -> &'static Service {
        let name = self.name.split(':').next().unwrap_or_default();
        SERVICES
            .iter()
            .find(|service| service.name == name)
            .expect("every plan has a service")
    }

    /// The part after the colon.
    pub(crate) fn short_name(&self) -> &'static str {
        self.name.split(':').nth(1).unwrap_or_default()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.service().name == POSTGRES
    }

    pub(crate) fn is_connect(&self) -> bool {
        self.service().name == CONNECT
    }

    /// The plans of a service.
    pub(crate) fn of(service: &Service) -> impl Iterator<Item = &'static Self> {
        PLANS.iter().filter(move |plan| plan.service() == service)
    }
}

/// The id of a dyno size, stable for ever.
pub(crate) fn dyno_size_id(name: &str) -> Uuid {
    let index = DYNO_SIZES
        .iter()
        .position(|size| size.0 == name)
        .unwrap_or(DYNO_SIZES.len());
    id(0x100 + index as u128)
}

/// A dyno size's proper name, whatever the case it is written in; also by id.
pub(crate) fn dyno_size(name_or_id: &str) -> Option<&'static str> {
    DYNO_SIZES.iter().map(|size| size.0).find(|name| {
        name.eq_ignore_ascii_case(name_or_id) || dyno_size_id(name).to_string() == name_or_id
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_without_a_plan_means_its_default_plan() {
        assert_eq!(
            Plan::find("herokuconnect").unwrap().name,
            "herokuconnect:demo"
        );
        assert_eq!(
            Plan::find("heroku-postgresql").unwrap().short_name(),
            "essential-0"
        );
        assert_eq!(Plan::find("heroku-postgresql:gold"), None);
    }

    #[test]
    fn every_plan_belongs_to_a_service() {
        for plan in PLANS {
            assert!(plan.is_postgres() ^ plan.is_connect(), "{}", plan.name);
        }
    }
}
