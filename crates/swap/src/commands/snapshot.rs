//! Reads everything the findings look at.

use connect_swap_engine::StepError;
use connect_swap_postgres::{Purpose, pg_tools};

use super::gather::Gathered;
use crate::operator::Operator;
use crate::topology::{
    DatabaseView, Home, NewPair, OtherConnections, Snapshot, Subject, find_connection,
    managed_spec, read_connection, session_to,
};
use crate::trouble::During;
use crate::world::{application, url_of_addon};

/// How many releases are read: enough to know how long they take.
const RELEASES: u32 = 20;

/// Takes a snapshot. Reads only.
///
/// # Errors
/// When anything does not answer.
pub(super) async fn take(
    operator: &Operator,
    gathered: &Gathered,
    subject: &Subject,
    command: &str,
) -> Result<Snapshot, StepError> {
    let heroku = operator.heroku.read_only();
    let (platform, app) = (heroku.platform(), &gathered.app.name);
    let of_app = |name: &str| {
        gathered
            .addons
            .iter()
            .find(|addon| addon.name == *name)
            .cloned()
    };
    let required = |name: &str| {
        of_app(name).ok_or_else(|| StepError::drifted(format!("{name} is not there any more")))
    };
    let old_database = required(subject.old.database.name.as_str())?;
    let old_connect = required(subject.old.connect.name.as_str())?;
    let connection = read_connection(&heroku, app, &old_connect.name).await?;
    let managed = managed_spec(&connection, &subject.old.schema_name);
    let application = application(command, &operator.identity);
    let session = session_to(
        &old_database,
        &gathered.attachments,
        &gathered.vars,
        Purpose::ReadOnly,
        &application,
    )
    .await?;
    let url = url_of_addon(app, &old_database.id, &gathered.attachments, &gathered.vars)?;
    let home = Home {
        app,
        addons: &gathered.addons,
        vars: &gathered.vars,
        url: &url,
        own: &[&subject.old.connect.name, &subject.new.connect],
    };
    let others = OtherConnections::read(&heroku, home, &session, &managed.schema).await?;
    let database = DatabaseView::read(&session, &managed, &subject.overrides).await?;
    let tools = pg_tools(database.server.major);
    let new_connect = of_app(subject.new.connect.as_str());
    let new_connection = match &new_connect {
        Some(addon) => find_connection(&heroku, app, &addon.name).await?,
        None => None,
    };
    let client = heroku.connect();
    let errors_of = "reading the write errors";
    let new_errors = match &new_connection {
        Some(connection) => client.write_errors(connection).await.during(errors_of)?,
        None => Vec::new(),
    };
    let mut old_attachments = platform
        .addon_attachments(&old_database.id)
        .await
        .during("reading the old database's attachments")?;
    old_attachments.extend(
        platform
            .addon_attachments(&old_connect.id)
            .await
            .during("reading the old Connect add-on's attachments")?,
    );
    Ok(Snapshot {
        account: gathered.account.clone(),
        app: gathered.app.clone(),
        addons: gathered.addons.clone(),
        attachments: gathered.attachments.clone(),
        formation: platform
            .formation(app)
            .await
            .during("reading the formation")?,
        dynos: platform.dynos(app).await.during("reading the dynos")?,
        releases: platform
            .releases(app, RELEASES)
            .await
            .during("reading the releases")?,
        old_attachments,
        old_info: heroku
            .data()
            .database(&old_database.id)
            .await
            .during("asking the Data API about the old database")?,
        write_errors: client.write_errors(&connection).await.during(errors_of)?,
        database_price: platform
            .plan_price(&subject.database_plan)
            .await
            .during("reading the price of the new database")?,
        connect_price: platform
            .plan_price(&subject.old.connect.plan)
            .await
            .during("reading the price of the new Connect add-on")?,
        new: NewPair {
            database: of_app(subject.new.database.as_str()),
            connect: new_connect,
            connection: new_connection,
            write_errors: new_errors,
        },
        subject: subject.clone(),
        old_database,
        old_connect,
        connection,
        managed,
        others,
        database,
        tools,
    })
}
