use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::sync::watch;
use url::Url;

use super::{
    Failure,
    args::{OutputArgs, ScanArgs},
    output::{self, Documents},
    print_error, print_errors, progress, runtime, settings, warn,
};
use crate::{
    audit::Policy,
    classify::Knowledge,
    exit::Exit,
    gather::{GatherError, Gathered, Settings, without_login},
    pipeline::{self, ScanJob},
    recording::ThirdPartyCookies,
    report::Report,
};

/// `crumbcheck scan`.
pub(super) fn scan(args: &ScanArgs) -> Result<Exit, Failure> {
    let settings = settings::settings(
        &args.target,
        &args.output,
        &args.browser,
        &args.network,
        &args.chrome_flags,
    )?;
    run(&args.targets, &settings, &args.output)
}

/// Scans every target, and writes recordings and reports as each scan ends; `demo` does it too.
pub(super) fn run(
    targets: &[Url],
    settings: &Settings,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let recordings: Vec<Option<PathBuf>> = (0..targets.len())
        .map(|n| output.record.as_ref().map(|path| numbered(path, n, targets.len())))
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

    let policy = settings::policy(&output.judge, output.exit)?;
    let knowledge = settings::knowledge(&output.judge)?;
    let runtime = runtime::runtime()?;
    let stop = runtime::stop_signal(&runtime);
    let mut documents = Documents::new(&output.report, targets.len());
    let mut worst = Exit::Clean;
    for (target, record) in targets.iter().zip(&recordings) {
        let job = ScanJob { target: target.clone(), settings: settings.clone() };
        // What is shown may stay in a log.
        let shown = settings.redactor.url(without_login(target).as_str());
        let (lines, progress) = progress::lines(&shown, &settings.passes, !output.no_progress);
        let scanned = runtime.block_on(pipeline::scan(&job, progress, stop.clone()));
        // Lines of progress do not stay between the lines of a report.
        let _ = lines.clear();
        let scanned = match scanned {
            Ok(scanned) => scanned,
            Err(error) => {
                let exit = if error.is_mistake() { Exit::Usage } else { Exit::Failed };
                worst = worst.max(print_error(&Failure::new(exit, &error, error.help())));
                // Without a browser the other targets fare no better.
                break;
            }
        };
        if let Some(path) = record
            && let Err(failure) = output::record(&scanned.recording, path)
        {
            worst = worst.max(print_error(&failure));
        }
        let judging = {
            let (knowledge, policy) = (knowledge.clone(), policy.clone());
            async move || judge(scanned, knowledge, policy).await
        };
        let Some((report, exit)) = runtime.block_on(until_stopped(judging(), stop.clone())) else {
            worst = worst.max(print_error(&Failure {
                exit: Exit::Interrupted,
                message: "the report was not written, because the program was told to stop"
                    .to_owned(),
                help: "`crumbcheck audit` writes it from the recording, if `--record` kept one"
                    .to_owned(),
            }));
            break;
        };
        worst = worst.max(exit).max(print_errors(&documents.add(&report)));
        if exit == Exit::Interrupted {
            break;
        }
    }
    // A thread that still reads a page that nobody waits for must not keep the program.
    runtime.shutdown_background();
    Ok(worst.max(print_errors(&documents.finish())))
}

/// How long judging what a scan saw may take after the user wanted to stop.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// What `work` returns, unless the user wants to stop and it takes longer than a moment after that.
async fn until_stopped<T>(
    work: impl Future<Output = T>,
    mut stop: watch::Receiver<bool>,
) -> Option<T> {
    let stopped = async {
        if stop.wait_for(|it| *it).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        done = work => Some(done),
        () = stopped => None,
    }
}

/// The report on a scan, and what it makes the program exit with.
async fn judge(scanned: Gathered, knowledge: Knowledge, policy: Policy) -> (Report, Exit) {
    let judged = tokio::task::spawn_blocking(move || judge_now(&scanned, &knowledge, &policy));
    judged.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn judge_now(scanned: &Gathered, knowledge: &Knowledge, policy: &Policy) -> (Report, Exit) {
    if let Some(error) = &scanned.failure {
        print_error(&Failure::new(Exit::Failed, error, error.help()));
    }
    let third_party_cookies = &scanned.recording.vantage.third_party_cookies;
    if *third_party_cookies != ThirdPartyCookies::Allowed {
        warn(&format!(
            "third-party cookies are {third_party_cookies} in this browser; visitors' browsers may keep more"
        ));
    }
    let mut report = pipeline::judge(&scanned.recording, knowledge, policy);
    let exit = match scanned.failure {
        Some(GatherError::BrokenOff) => Exit::Interrupted,
        Some(_) => Exit::Failed,
        None => Exit::from_code(report.exit_code),
    };
    report.exit_code = exit.code();
    (report, exit)
}

/// With several targets each has a recording of its own: `scan.json`, `scan-2.json` and so on.
fn numbered(path: &Path, n: usize, targets: usize) -> PathBuf {
    if targets <= 1 || n == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path.extension().map(|it| format!(".{}", it.to_string_lossy()));
    path.with_file_name(format!("{stem}-{}{}", n + 1, extension.unwrap_or_default()))
}
