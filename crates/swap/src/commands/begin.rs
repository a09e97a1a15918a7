//! Chooses what a new run swaps for what: the old pair, the new names, the wanted configuration.

use std::collections::BTreeMap;

use connect_swap_engine::{ErrorKind, StepError};
use connect_swap_heroku::AddonName;
use connect_swap_heroku::connect::Connection;
use connect_swap_postgres::{Purpose, server_info};
use uuid::Uuid;

use super::gather::Gathered;
use crate::configuration::{Document, KnownField, Request, edit, validate};
use crate::operator::{Operator, Picker, PrepArgs};
use crate::topology::{
    AddonIdentity, NewNames, OldPair, Subject, Wanted, find_old_pair, session_to, short,
};
use crate::trouble::During;
use crate::world::application;

/// What could not be begun, and whether the flags are to blame.
pub(super) enum NotBegun {
    /// The flags or files make no sense: exit 2.
    Usage(StepError),
    /// Anything else.
    Other(StepError),
}

impl From<StepError> for NotBegun {
    fn from(error: StepError) -> Self {
        Self::Other(error)
    }
}

/// Makes the subject of a new run. Reads only; nothing is created.
///
/// # Errors
/// When the old pair cannot be found, or what is asked for cannot be met.
pub(super) async fn begin(
    operator: &Operator,
    gathered: &Gathered,
    args: &PrepArgs,
    run: Uuid,
    command: &str,
) -> Result<Subject, NotBegun> {
    let heroku = operator.heroku.read_only();
    let pair = find_old_pair(
        &heroku,
        &gathered.app.name,
        args.target.resource.as_ref(),
        &gathered.addons,
        &gathered.attachments,
        &gathered.vars,
    )
    .await?;
    let application = application(command, &operator.identity);
    let session = session_to(
        &pair.database,
        &gathered.attachments,
        &gathered.vars,
        Purpose::ReadOnly,
        &application,
    )
    .await?;
    let server = server_info(&session)
        .await
        .during("reading the old database's version")?;
    let connection = &pair.connection;
    let missing = |what: &str| {
        NotBegun::Other(
            StepError::blocked(format!(
                "the connection of {} has no {what}",
                connection.resource_name
            ))
            .hint("it was never set up completely; is it the right one? see --resource"),
        )
    };
    let old = OldPair {
        database: identity(&pair.database),
        connect: identity(&pair.connect),
        connection: connection.id.clone(),
        schema_name: connection
            .schema_name
            .clone()
            .ok_or_else(|| missing("schema"))?,
        db_key: connection
            .db_key
            .as_ref()
            .map(ToString::to_string)
            .ok_or_else(|| missing("database"))?,
        api_version: connection.api_version().map(str::to_owned),
        organization_id: connection
            .organization_id
            .clone()
            .filter(|id| !id.is_empty())
            .ok_or_else(|| missing("Salesforce organisation"))?,
        environment: connection
            .sf_info
            .environment
            .clone()
            .unwrap_or_else(|| "production".to_owned()),
        domain: connection.sf_info.domain.clone(),
        major: server.major,
    };
    let wanted = wanted(operator, args, connection).await?;
    let name = |prefix: &str| {
        AddonName::try_from(format!("{prefix}-swap-{}", short(run))).map_err(|error| {
            NotBegun::Other(StepError::failed("no name for the new pair").because(&error))
        })
    };
    Ok(Subject {
        app_id: gathered.app.id.clone(),
        app: gathered.app.name.clone(),
        new: NewNames {
            database: name("postgresql")?,
            attachment: args.attach_as.clone(),
            connect: name("herokuconnect")?,
        },
        database_plan: plan_of(args.plan.as_deref(), &old.database.plan),
        old,
        wanted,
        overrides: args.overrides.clone(),
    })
}

/// `--plan standard-2` means the same service as the old database's.
fn plan_of(wanted: Option<&str>, old: &str) -> String {
    match wanted {
        None => old.to_owned(),
        Some(plan) if plan.contains(':') => plan.to_owned(),
        Some(plan) => format!(
            "{}:{plan}",
            old.split(':').next().unwrap_or("heroku-postgresql")
        ),
    }
}

fn identity(addon: &connect_swap_heroku::platform::Addon) -> AddonIdentity {
    AddonIdentity {
        id: addon.id.clone(),
        name: addon.name.clone(),
        plan: addon.plan.name.clone(),
    }
}

async fn wanted(
    operator: &Operator,
    args: &PrepArgs,
    connection: &Connection,
) -> Result<Wanted, NotBegun> {
    let heroku = operator.heroku.read_only();
    let exported = heroku
        .connect()
        .export(connection)
        .await
        .during("exporting the old configuration")?;
    let original = Document::parse(exported).map_err(|error| {
        StepError::failed("the old configuration cannot be read").because(&error)
    })?;
    if let Some(path) = &args.mappings {
        let edited = from_file(path, &original)?;
        return Ok(Wanted {
            request: Request::default(),
            from_file: true,
            original: original.text().to_owned(),
            edited: edited.text().to_owned(),
        });
    }
    let mut request =
        Request::parse(&args.add, &args.index).map_err(|error| usage(&error.to_string()))?;
    if request.is_empty() {
        request = picked(operator, connection, &original, args.picker.as_deref()).await?;
    }
    let known = known_fields(operator, connection, &original, &request).await?;
    let additions = validate(&original, &request, &known).map_err(|errors| {
        let mut lines = errors.iter().map(ToString::to_string);
        let mut error = StepError::failed(lines.next().unwrap_or_default());
        error.causes = lines.collect();
        NotBegun::Usage(error)
    })?;
    let edited = edit(&original, &additions)
        .map_err(|error| StepError::failed("the configuration cannot be edited").because(&error))?;
    let spelled = |names: fn(&crate::configuration::Addition) -> &Vec<String>| {
        let pairs = additions
            .iter()
            .flat_map(|a| names(a).iter().map(|name| (a.object.clone(), name.clone())));
        pairs.collect::<Vec<_>>()
    };
    Ok(Wanted {
        request: Request {
            fields: spelled(|a| &a.fields),
            indexes: spelled(|a| &a.indexes),
        },
        from_file: false,
        original: original.text().to_owned(),
        edited: edited.text().to_owned(),
    })
}

fn usage(message: &str) -> NotBegun {
    NotBegun::Usage(StepError::failed(message))
}

fn from_file(path: &std::path::Path, original: &Document) -> Result<Document, NotBegun> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        NotBegun::Usage(
            StepError::failed(format!("{} cannot be read", path.display())).because(&error),
        )
    })?;
    let edited = Document::parse(text).map_err(|error| {
        NotBegun::Usage(StepError::failed(path.display().to_string()).because(&error))
    })?;
    let missing: Vec<_> = original
        .mappings()
        .iter()
        .filter(|mapping| edited.mapping(&mapping.object).is_none())
        .map(|mapping| mapping.object.clone())
        .collect();
    if !missing.is_empty() {
        let error = StepError::failed(format!(
            "{} leaves out {}, which the old connection maps",
            path.display(),
            missing.join(", ")
        ));
        return Err(NotBegun::Usage(error.hint(
            "the app would miss those tables after the swap; put the mappings back",
        )));
    }
    Ok(edited)
}

/// Salesforce's field lists of the objects asked for, by lower-cased name.
async fn known_fields(
    operator: &Operator,
    connection: &Connection,
    original: &Document,
    request: &Request,
) -> Result<BTreeMap<String, Vec<KnownField>>, StepError> {
    let mut known = BTreeMap::new();
    let objects = request
        .fields
        .iter()
        .chain(&request.indexes)
        .map(|(object, _)| object);
    for object in objects {
        let Some(mapping) = original.mapping(object) else {
            continue;
        };
        let key = mapping.object.to_lowercase();
        if known.contains_key(&key) {
            continue;
        }
        if let Some(fields) = fields_of(operator, connection, &mapping.object).await? {
            known.insert(key, fields);
        }
    }
    Ok(known)
}

async fn fields_of(
    operator: &Operator,
    connection: &Connection,
    object: &str,
) -> Result<Option<Vec<KnownField>>, StepError> {
    let heroku = operator.heroku.read_only();
    let what = format!("reading the fields of {object}");
    let fields = heroku
        .connect()
        .object_fields(connection, object)
        .await
        .during(&what)?;
    Ok(fields.map(|fields| {
        fields
            .into_iter()
            .map(|field| KnownField {
                name: field.name,
                kind: field.field_type,
            })
            .collect()
    }))
}

/// Lets the operator pick a mapping and its fields.
async fn picked(
    operator: &Operator,
    connection: &Connection,
    original: &Document,
    picker: Option<&dyn Picker>,
) -> Result<Request, NotBegun> {
    let Some(picker) = picker else {
        return Err(NotBegun::Usage(
            StepError::failed("nothing is asked for: which column shall the new connection have?")
                .hint("--add OBJECT.FIELD, such as --add Account.Industry")
                .hint("or --mappings FILE with an edited export"),
        ));
    };
    let given_up = || {
        NotBegun::Other(StepError::new(
            ErrorKind::Declined,
            "nothing was picked, so nothing was begun",
        ))
    };
    let objects: Vec<String> = original
        .mappings()
        .iter()
        .map(|m| m.object.clone())
        .collect();
    let chosen = picker.mapping(&objects).ok_or_else(given_up)?;
    let mapping = original.mappings().get(chosen).ok_or_else(given_up)?;
    let fields = fields_of(operator, connection, &mapping.object)
        .await?
        .unwrap_or_default();
    let free: Vec<(String, String)> = fields
        .into_iter()
        .filter(|field| !mapping.has_field(&field.name))
        .map(|field| (field.name, field.kind.unwrap_or_default()))
        .collect();
    let picked = picker.fields(&mapping.object, &free).ok_or_else(given_up)?;
    let fields: Vec<_> = picked
        .into_iter()
        .filter_map(|index| free.get(index))
        .map(|(name, _)| (mapping.object.clone(), name.clone()))
        .collect();
    if fields.is_empty() {
        return Err(given_up());
    }
    Ok(Request {
        fields,
        indexes: Vec::new(),
    })
}
