use std::{
    fs::{self, File},
    io,
    path::Path,
};

use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use url::Url;

use super::{
    Failure,
    args::{
        AuditArgs, BrowserArgs, NetworkArgs, OutputArgs, ScanArgs, StandardArgs, ViewportArg,
        WhatArgs,
    },
    complain, lists, output, progress, warn,
};
use crate::{
    audit,
    classify::{Classifier, Override},
    consent::Recipe,
    exit::{Exit, Threshold},
    gather::{self, GatherError, Gathered, NoticeSource, Settings, Viewport},
    interpret,
    model::Law,
    recording::{self, Recording, redact::Redactor},
    report::{Report, build},
};

/// `crumbcheck scan`.
pub(super) fn scan(args: &ScanArgs) -> Result<Exit, Failure> {
    let settings =
        settings(&args.what, &args.output, &args.browser, &args.network, &args.chrome_flags)?;
    run(&args.targets, &settings, &args.output)
}

/// Scans every target and writes the reports; `demo` does it too.
pub(super) fn run(
    targets: &[Url],
    settings: &Settings,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let recordings: Vec<_> = (0..targets.len())
        .map(|place| output.record.as_ref().map(|path| numbered(path, place, targets.len())))
        .collect();
    let mut paths: Vec<&Path> = output.report.iter().filter_map(|it| it.path.as_deref()).collect();
    paths.extend(recordings.iter().filter_map(|it| it.as_deref()));
    output::check(&paths)?;
    if output.report.iter().filter(|it| it.path.is_none()).count() > 1 {
        return Err(Failure::usage(
            "two reports cannot both go to standard output",
            "give one of them a file, as in `--report html=report.html`",
        ));
    }

    let standard = Standard {
        law: law(&output.standard)?,
        classifier: classifier(&output.category, &output.standard)?,
        review_months: output.review_months,
        threshold: threshold(output.fail_on.0, output.allow_open),
    };
    let runtime = runtime()?;
    let stop = stopping(&runtime);
    let mut reports = Vec::new();
    let mut worst = Exit::Clean;
    for (target, record) in targets.iter().zip(&recordings) {
        let (lines, tell) = progress::lines(target.as_str(), &settings.passes, !output.no_progress);
        let gathered =
            runtime.block_on(gather::gather(target, settings.clone(), tell, stop.clone()));
        // Lines of progress do not stay between the lines of a report.
        let _ = lines.clear();
        let gathered = match gathered {
            // Without a browser the other targets fare no better.
            Err(error) => return Err(Failure::new(Exit::Failed, &error, error.help())),
            Ok(gathered) => gathered,
        };
        let (report, exit) = keep(gathered, record.as_deref(), &standard)?;
        reports.push(report);
        worst = worst.max(exit);
        if exit == Exit::Interrupted {
            break;
        }
    }
    output::write(&reports, &output.report)?;
    Ok(worst)
}

/// Judges what was gathered; what went wrong is told, what was collected is kept.
fn keep(
    gathered: Gathered,
    record: Option<&Path>,
    standard: &Standard,
) -> Result<(Report, Exit), Failure> {
    let Gathered { recording, failure } = gathered;
    let failed = match &failure {
        None => None,
        Some(GatherError::BrokenOff) => Some(Exit::Interrupted),
        Some(_) => Some(Exit::Failed),
    };
    if let Some(error) = failure {
        complain(&Failure::new(Exit::Failed, &error, error.help()));
    }
    if let Some(path) = record {
        output::record(&recording, path)?;
    }
    if recording.vantage.third_party_cookies != "allowed" {
        warn(&format!(
            "third-party cookies are {} in this browser; visitors' browsers may keep more",
            recording.vantage.third_party_cookies
        ));
    }
    Ok(judge(&recording, standard, failed))
}

/// `crumbcheck audit`.
pub(super) fn audit(args: &AuditArgs) -> Result<Exit, Failure> {
    let paths: Vec<&Path> = args.report.iter().filter_map(|it| it.path.as_deref()).collect();
    output::check(&paths)?;
    let standard = Standard {
        law: law(&args.standard)?,
        classifier: classifier(&args.category, &args.standard)?,
        review_months: args.review_months,
        threshold: threshold(args.fail_on.0, args.allow_open),
    };
    let mut reports = Vec::new();
    let mut worst = Exit::Clean;
    for path in &args.recordings {
        let recording = read_recording(path)?;
        let failed = recording.observed_nothing().then_some(Exit::Failed);
        let (report, exit) = judge(&recording, &standard, failed);
        reports.push(report);
        worst = worst.max(exit);
    }
    output::write(&reports, &args.report)?;
    Ok(worst)
}

/// A recording out of a file, or from standard input if it is called `-`.
pub(super) fn read_recording(path: &Path) -> Result<Recording, Failure> {
    let recording = if path.as_os_str() == "-" {
        recording::read(io::stdin().lock())
    } else {
        File::open(path).map_err(recording::ReadError::from).and_then(recording::read)
    };
    recording.map_err(|error| {
        let failure = Failure::new(Exit::Usage, &error, error.help());
        Failure { message: format!("{} {}", path.display(), failure.message), ..failure }
    })
}

/// By what recordings are judged.
struct Standard {
    classifier: Classifier,
    law: Law,
    review_months: u16,
    threshold: Threshold,
}

fn judge(recording: &Recording, standard: &Standard, failed: Option<Exit>) -> (Report, Exit) {
    let mut case = interpret::interpret(recording, &standard.classifier);
    case.set_review_months(standard.review_months);
    case.set_law(standard.law.clone());
    let verdicts = audit::audit(&case);
    let exit = failed.unwrap_or_else(|| standard.threshold.exit(&verdicts));
    let mut report = build::report(recording, &case, &verdicts, exit.code());
    report.tool.data.extend(build::lists(&standard.classifier));
    (report, exit)
}

/// What says what things are for: the user, what the program holds, and last the lists that are kept.
fn classifier(said: &[Override], args: &StandardArgs) -> Result<Classifier, Failure> {
    let classifier = Classifier::new(said.to_vec());
    Ok(if args.filter_lists { classifier.with_lists(lists::load()?) } else { classifier })
}

/// The law that the command line names, and what it says that the site relies on.
fn law(args: &StandardArgs) -> Result<Law, Failure> {
    Law::read(&args.profile, &args.basis).map_err(|why| {
        Failure::usage(why, "without `--basis` all that is not exempt by itself needs consent")
    })
}

fn threshold(fail_on: Option<audit::Severity>, allow_open: bool) -> Threshold {
    Threshold { fail_on, allow_open }
}

/// What the command line means.
pub(super) fn settings(
    what: &WhatArgs,
    output: &OutputArgs,
    browser: &BrowserArgs,
    network: &NetworkArgs,
    chrome_flags: &[String],
) -> Result<Settings, Failure> {
    let mut passes = what.passes.clone();
    passes.sort_unstable();
    passes.dedup();
    Ok(Settings {
        passes,
        pages: what.pages.iter().filter(|page| !page.trim().is_empty()).cloned().collect(),
        notice: what.notice.as_deref().map(notice_source).transpose()?,
        timeout: browser.timeout,
        settle: browser.settle,
        chrome: browser.chrome.clone(),
        chrome_flags: chrome_flags.to_vec(),
        network: network.meant(),
        credentials: network.credentials(),
        user_agent: browser.user_agent.clone(),
        locale: browser.locale.clone(),
        viewport: match browser.viewport {
            ViewportArg::Desktop => Viewport::Desktop,
            ViewportArg::Mobile => Viewport::Mobile,
        },
        consent_by: what.consent_by.clone(),
        recipes: what.recipe.iter().map(|path| recipe(path)).collect::<Result<_, _>>()?,
        redactor: if output.keep_values {
            Redactor::Keep
        } else {
            Redactor::Digest { salt: rand::random() }
        },
    })
}

/// A recipe of the user's own.
fn recipe(path: &Path) -> Result<Recipe, Failure> {
    let help = "`--recipe` takes a TOML file; the README describes what is in it";
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!("could not read {}: {error}", path.display()), help)
    })?;
    Recipe::parse(&path.display().to_string(), &text)
        .map_err(|error| Failure::new(Exit::Usage, &error, help))
}

fn notice_source(text: &str) -> Result<NoticeSource, Failure> {
    if text.starts_with("http://") || text.starts_with("https://") {
        let url = Url::parse(text).map_err(|error| {
            Failure::usage(format!("{text} is not an address: {error}"), "check `--notice`")
        })?;
        return Ok(NoticeSource::Url(url));
    }
    Ok(NoticeSource::File { name: text.to_owned(), content: read_notice(text)? })
}

/// The text of a notice in a file.
pub(super) fn read_notice(path: &str) -> Result<String, Failure> {
    const HELP: &str = "give an HTML, PDF, DOCX, ODT, Markdown or text file, or an address that begins with https://";
    let bytes = fs::read(path).map_err(|error| {
        Failure::usage(format!("the notice {path} could not be read: {error}"), HELP)
    })?;
    gather::document::content(path, &bytes).map_err(|error| {
        Failure::usage(format!("the notice {path} could not be read: {error}"), HELP)
    })
}

/// With several targets each has a recording of its own: `scan.json`, `scan-2.json` and so on.
fn numbered(path: &Path, place: usize, of: usize) -> std::path::PathBuf {
    if of <= 1 || place == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|it| format!(".{}", it.to_string_lossy()));
    path.with_file_name(format!("{stem}-{}{}", place + 1, extension.unwrap_or_default()))
}

pub(super) fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().map_err(|error| {
        Failure::new(Exit::Failed, &error, "the machine may be out of threads or file descriptors")
    })
}

/// Becomes true when the user, or the system, wants us to stop. Who asks twice does not want to wait at all: the
/// browser ends with us, and the next run removes its profile.
fn stopping(runtime: &Runtime) -> watch::Receiver<bool> {
    let (stop, stopped) = watch::channel(false);
    runtime.spawn(async move {
        interrupted().await;
        let _ = stop.send(true);
        interrupted().await;
        #[allow(
            clippy::exit,
            reason = "whoever asks twice does not want anything to be waited for"
        )]
        std::process::exit(Exit::Interrupted.code().into());
    });
    stopped
}

/// Returns when the user, or the system, wants us to stop.
pub(super) async fn interrupted() {
    let told = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = told(SignalKind::interrupt()) => (),
        () = told(SignalKind::terminate()) => (),
        // The terminal it was started from is gone.
        () = told(SignalKind::hangup()) => (),
    }
}
