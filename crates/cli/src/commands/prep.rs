//! `prep`.

use std::sync::Arc;

use connect_swap_swap::{Overrides, Pace, Picker, PrepArgs, Report, commands};

use super::AppCommand;
use crate::args::{Prep, Wanted};
use crate::picker::TerminalPicker;

pub(super) async fn run(context: &AppCommand<'_>, args: Prep) -> Report {
    let args = PrepArgs {
        picker: picker(context),
        pace: Pace {
            capture_limit: args.capture_limit,
            ..context.pace()
        },
        ..wanted(context, args.wanted)
    };
    commands::prep(&context.workplace.operator, &args).await
}

/// What is wanted of the new pair, without anyone to ask.
pub(super) fn wanted(context: &AppCommand<'_>, wanted: Wanted) -> PrepArgs {
    PrepArgs {
        target: context.target.clone(),
        add: wanted.add,
        index: wanted.index,
        mappings: wanted.mappings,
        attach_as: wanted.attach_as,
        plan: wanted.plan,
        acks: context.global.ack.clone(),
        overrides: Overrides {
            skip: wanted.skip,
            include: wanted.include,
        },
        pace: context.pace(),
        picker: None,
    }
}

fn picker(context: &AppCommand<'_>) -> Option<Arc<dyn Picker>> {
    context.frame.answers.as_ref()?;
    let ui = context.frame.ui.clone();
    Some(Arc::new(TerminalPicker {
        colours: ui.err.has_colours(),
        control: context.frame.control.clone(),
        ui,
    }))
}
