//! What the command line means, in the words of the library.

use super::{
    Failure,
    args::{BrowserArgs, ExitArgs, JudgeArgs, NetworkArgs, OutputArgs, TargetArgs, ViewportArg},
    input, lists,
};
use crate::{
    audit::{Policy, Threshold},
    classify::Knowledge,
    gather::{DocumentReader, Settings},
    model::Law,
    recording::{Viewport, redact::Redactor},
};

/// How a site is to be scanned.
pub(super) fn settings(
    target: &TargetArgs,
    output: &OutputArgs,
    browser: &BrowserArgs,
    network: &NetworkArgs,
    chrome_flags: &[String],
) -> Result<Settings, Failure> {
    let mut passes = target.passes.clone();
    passes.sort_unstable();
    passes.dedup();
    Ok(Settings {
        passes,
        pages: target.pages.iter().filter(|page| !page.trim().is_empty()).cloned().collect(),
        notice: target.notice.as_deref().map(input::notice_source).transpose()?,
        timeout: browser.timeout,
        settle: browser.settle,
        patience: browser.patience,
        chrome: browser.chrome.clone(),
        chrome_flags: chrome_flags.to_vec(),
        network: network.to_network(),
        credentials: network.to_credentials(),
        document_reader: document_reader(),
        user_agent: browser.user_agent.clone(),
        locale: browser.locale.clone(),
        viewport: match browser.viewport {
            ViewportArg::Desktop => Viewport::Desktop,
            ViewportArg::Mobile => Viewport::Mobile,
        },
        consent_by: target.consent_by.clone(),
        recipes: target.recipe.iter().map(|path| input::recipe(path)).collect::<Result<_, _>>()?,
        redactor: if output.keep_values {
            Redactor::Keep
        } else {
            Redactor::Digest { salt: rand::random() }
        },
    })
}

/// Documents are read by this program in a process of its own, which is given limits.
pub(super) fn document_reader() -> DocumentReader {
    // On Linux this names the program even if its file has been replaced since it started.
    let program = std::env::current_exe();
    program.map_or(DocumentReader::InProcess, |program| DocumentReader::Process { program })
}

/// How a recording is to be judged, and which findings make the run fail.
pub(super) fn policy(args: &JudgeArgs, exit: ExitArgs) -> Result<Policy, Failure> {
    let law = Law::read(&args.profile, &args.basis).map_err(|why| {
        Failure::usage(why, "without `--basis`, everything that is not exempt needs consent")
    })?;
    Ok(Policy {
        law,
        review_months: args.review_months,
        overrides: args.category.clone(),
        threshold: Threshold { fail_on: exit.fail_on.0, allow_open: exit.allow_open },
    })
}

/// What is known of cookies and hosts: the data of the program, and the saved filter lists if they are asked for.
pub(super) fn knowledge(args: &JudgeArgs) -> Result<Knowledge, Failure> {
    let known = Knowledge::embedded();
    Ok(if args.filter_lists { known.with_lists(lists::load()?) } else { known })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{
        cli::args::{Cli, Command},
        pipeline::ScanJob,
    };

    #[test]
    fn the_library_scans_as_the_command_line_does_without_options() {
        let cli = Cli::parse_from(["crumbcheck", "scan", "https://www.shop.test/"]);
        let Command::Scan(args) = cli.command else { panic!("not a scan") };
        let meant =
            settings(&args.target, &args.output, &args.browser, &args.network, &args.chrome_flags);
        let job = ScanJob::new(args.targets[0].clone());
        // Each scan has a salt of its own, and only the program can start itself to read a document.
        let plain = |it: Settings| {
            let document_reader = DocumentReader::InProcess;
            format!("{:?}", Settings { redactor: Redactor::Keep, document_reader, ..it })
        };
        assert_eq!(plain(meant.unwrap()), plain(job.settings));
        let policy = policy(&args.output.judge, args.output.exit).unwrap();
        assert_eq!(policy, Policy::default());
    }
}
