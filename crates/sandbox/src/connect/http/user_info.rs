//! What Salesforce says of the user who allowed the connection.

use serde_json::{Value, json};

use crate::connect::connection::Authorised;

/// The `user_info` of a connection: every key of a real answer, with made-up values.
pub(super) fn of(login: &Authorised) -> Value {
    let info = login.organisation.info();
    let (organisation, username) = (&info.id, &info.username);
    let host = format!("https://{}.my.salesforce.com", organisation.to_lowercase());
    let data = format!("{host}/services/data/v{{version}}");
    let soap = |kind: &str| format!("{host}/services/Soap/{kind}/{{version}}/{organisation}");
    json!({
        "id": format!("{}/id/{organisation}/user-id", login.domain),
        "asserted_user": true,
        "user_id": "user-id",
        "organization_id": organisation,
        "username": username,
        "nick_name": "Connect",
        "display_name": "Connect User",
        "email": "user@example.com",
        "email_verified": true,
        "first_name": "Connect",
        "last_name": "User",
        "timezone": "Etc/UTC",
        "photos": {"picture": format!("{host}/photo/F"), "thumbnail": format!("{host}/photo/T")},
        "addr_street": null,
        "addr_city": null,
        "addr_state": null,
        "addr_country": "United States",
        "addr_zip": null,
        "mobile_phone": null,
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": {"created_date": null, "body": null},
        "urls": {
            "enterprise": soap("c"),
            "metadata": soap("m"),
            "partner": soap("u"),
            "rest": format!("{data}/"),
            "sobjects": format!("{data}/sobjects/"),
            "search": format!("{data}/search/"),
            "query": format!("{data}/query/"),
            "recent": format!("{data}/recent/"),
            "tooling_soap": soap("T"),
            "tooling_rest": format!("{data}/tooling/"),
            "profile": format!("{host}/profile-id"),
            "feeds": format!("{data}/chatter/feeds"),
            "groups": format!("{data}/chatter/groups"),
            "users": format!("{data}/chatter/users"),
            "feed_items": format!("{data}/chatter/feed-items"),
            "feed_elements": format!("{data}/chatter/feed-elements"),
            "custom_domain": host,
        },
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": "2025-07-16T17:49:36Z",
        "profile_perms": {
            "type": "Profile",
            "Id": "profile-id",
            "PermissionsModifyAllData": "true",
            "PermissionsViewAllData": "true",
            "PermissionsViewAllUsers": "true",
        },
    })
}
