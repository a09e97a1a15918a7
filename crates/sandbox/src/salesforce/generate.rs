//! Values for records that nobody typed in: the same for the same object, field and number.

use super::schema::{Field, FieldType};

/// The generated value of a plain field (references are the store's to choose).
pub(super) fn value(object: &str, field: &Field, number: u64) -> Option<String> {
    let text = match field.kind {
        FieldType::Id | FieldType::Reference => return None,
        FieldType::Boolean => number.is_multiple_of(3).to_string(),
        FieldType::Integer => (1 + number * 7 % 90_000).to_string(),
        FieldType::Double => coordinate_or_amount(&field.name, number),
        FieldType::Date => day(number),
        FieldType::DateTime => format!(
            "{}T08:{:02}:{:02}.000Z",
            day(number),
            number / 60 % 60,
            number % 60
        ),
        FieldType::Email => format!("{}.{number}@example.com", word(object)),
        FieldType::Phone => format!(
            "+1 555 {:03} {:04}",
            number / 10_000 % 1000,
            number % 10_000
        ),
        FieldType::Url => format!("https://example.com/{}/{number}", word(object)),
        FieldType::LongText => format!("{} of {} {number}", field.name, object),
        FieldType::Picklist => picklist(&field.name, number).to_owned(),
        FieldType::Text(length) => short(object, field, number, length),
    };
    Some(text)
}

fn short(object: &str, field: &Field, number: u64, length: u32) -> String {
    let text = if field.external_id {
        format!("{}-{number:07}", word(object).to_uppercase())
    } else if field.name == "Name" {
        format!(
            "{} {number}",
            object.trim_end_matches("__c").replace('_', " ")
        )
    } else {
        format!("{} {number}", field.name.trim_end_matches("__c"))
    };
    text.chars()
        .take(usize::try_from(length).unwrap_or(usize::MAX))
        .collect()
}

fn coordinate_or_amount(name: &str, number: u64) -> String {
    let lower = name.to_ascii_lowercase();
    if lower.contains("latitude") || lower.contains("longitude") || lower.contains("probability") {
        format!("{}.{}", number % 89, number % 10)
    } else {
        format!("{}.{}", 100 + number * 37 % 1_000_000, 1 + number % 9)
    }
}

fn picklist(name: &str, number: u64) -> &'static str {
    let words: &[&str] = match name {
        "Industry" => &["Agriculture", "Banking", "Education", "Energy", "Retail"],
        "Rating" => &["Hot", "Warm", "Cold"],
        "StageName" => &["Prospecting", "Qualification", "Closed Won", "Closed Lost"],
        "LeadSource" => &["Web", "Phone Inquiry", "Partner Referral"],
        "Salutation" => &["Mr.", "Ms.", "Dr."],
        _ => &["First", "Second", "Third"],
    };
    let count = u64::try_from(words.len()).expect("a short list");
    words[usize::try_from(number % count).expect("below the list's length")]
}

fn day(number: u64) -> String {
    format!(
        "{}-{:02}-{:02}",
        2015 + number % 10,
        1 + number / 10 % 12,
        1 + number / 120 % 28
    )
}

fn word(object: &str) -> String {
    object
        .trim_end_matches("__c")
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn external_ids_differ_and_dates_are_dates() {
        let key = Field::new("AccountNumber", FieldType::Text(40)).external_id();
        assert_eq!(
            value("Account", &key, 7).as_deref(),
            Some("ACCOUNT-0000007")
        );
        for number in [0, 9, 119, 3_359, 10_000] {
            let date =
                value("X", &Field::new("CloseDate", FieldType::Date), number).expect("a date");
            date.parse::<jiff::civil::Date>().expect("a real day");
            let moment =
                value("X", &Field::new("Y", FieldType::DateTime), number).expect("a moment");
            moment.parse::<jiff::Timestamp>().expect("a real moment");
        }
    }

    #[test]
    fn text_keeps_to_its_length() {
        let narrow = Field::new("Sic", FieldType::Text(3));
        assert_eq!(
            value("Account", &narrow, 123).map(|text| text.len()),
            Some(3)
        );
    }
}
