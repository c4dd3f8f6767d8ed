use std::path::Path;

use super::{
    Failure,
    args::AuditArgs,
    input,
    output::{self, Documents},
    print_error, print_errors, settings,
};
use crate::{exit::Exit, pipeline};

/// `crumbcheck audit`.
pub(super) fn audit(args: &AuditArgs) -> Result<Exit, Failure> {
    let paths: Vec<&Path> = args.report.iter().filter_map(|it| it.path.as_deref()).collect();
    output::check(&paths)?;
    let policy = settings::policy(&args.judge, args.exit)?;
    let knowledge = settings::knowledge(&args.judge)?;
    let mut documents = Documents::new(&args.report, args.recordings.len());
    let mut worst = Exit::Clean;
    for path in &args.recordings {
        let recording = match input::recording(path) {
            Ok(recording) => recording,
            Err(failure) => {
                // The others can be judged all the same.
                worst = worst.max(print_error(&failure));
                continue;
            }
        };
        let report = pipeline::judge(&recording, &knowledge, &policy);
        worst = worst.max(Exit::from_code(report.exit_code));
        worst = worst.max(print_errors(&documents.add(&report)));
    }
    Ok(worst.max(print_errors(&documents.finish())))
}
