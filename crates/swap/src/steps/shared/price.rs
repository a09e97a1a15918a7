//! Prices in words.

use connect_swap_heroku::platform::Price;

/// A price as a person says it.
pub(crate) fn words(price: Option<&Price>) -> String {
    match price {
        None => "an amount that Heroku does not tell".to_owned(),
        Some(price) if price.contract => "what your contract says".to_owned(),
        Some(price) if price.cents == 0 => "nothing by its list price".to_owned(),
        Some(price) => {
            let unit = price.unit.as_deref().unwrap_or("month");
            format!(
                "${}.{:02} a {unit}, by the hour, until it is destroyed",
                price.cents / 100,
                price.cents % 100
            )
        }
    }
}
