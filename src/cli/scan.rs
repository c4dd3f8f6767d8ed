use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};
use url::Url;

use super::{
    Failure,
    args::{OutputArgs, ScanArgs},
    output::{self, Documents},
    print_error, print_errors,
    progress::{Lines, Progress},
    runtime, settings, warn,
};
use crate::{
    audit::Policy,
    classify::Knowledge,
    exit::Exit,
    gather::{GatherError, Gathered, Settings, without_login},
    pipeline::{self, Browsers, ScanJob},
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
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    run(&args.targets, args.jobs.unwrap_or_else(cores), &settings, &args.output)
}

/// Scans every target, `jobs` at a time, and writes recordings and reports as each scan ends; `demo` does it too.
pub(super) fn run(
    targets: &[Url],
    jobs: NonZeroUsize,
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
    let progress = Progress::new(!output.no_progress);
    let browsers = Browsers::for_scans(targets.len());
    let one = |target: &Url, record: &Option<PathBuf>| {
        // What is shown may stay in a log.
        let shown = settings.redactor.url(without_login(target).as_str());
        let lines = progress.lines(&shown, &settings.passes, targets.len() > 1);
        OneScan {
            job: ScanJob { target: target.clone(), settings: settings.clone() },
            browsers: browsers.clone(),
            lines,
            record: record.clone(),
            knowledge: knowledge.clone(),
            policy: policy.clone(),
            stop: stop.clone(),
        }
    };
    let mut reports: Vec<(usize, Report)> = Vec::new();
    let worst = runtime.block_on(async {
        let mut worst = Exit::Clean;
        let mut left = targets.iter().zip(&recordings).enumerate();
        let mut running = JoinSet::new();
        loop {
            while running.len() < jobs.get()
                && let Some((n, (target, record))) = left.next()
            {
                let scan = one(target, record);
                running.spawn(async move { (n, Box::pin(scan.run()).await) });
            }
            let Some(ended) = running.join_next().await else { break };
            let (n, ended) =
                ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            worst = worst.max(ended.exit);
            if let Some(report) = ended.report {
                worst = worst.max(print_errors(&documents.add(&report)));
                reports.push((n, report));
            }
            if ended.is_last {
                left.by_ref().for_each(drop);
            }
        }
        browsers.close().await;
        worst
    });
    // A thread that still reads a page that nobody waits for must not keep the program.
    runtime.shutdown_background();
    let worst = worst.max(print_errors(&documents.finish()));
    if reports.is_sorted_by_key(|(n, _)| *n) {
        return Ok(worst);
    }
    // Files are to be the same whichever scan ended first.
    reports.sort_by_key(|(n, _)| *n);
    let reports: Vec<&Report> = reports.iter().map(|(_, report)| report).collect();
    Ok(worst.max(print_errors(&output::rewrite_files(&output.report, targets.len(), &reports))))
}

/// Everything that the scan of one target needs, and judging it.
struct OneScan {
    job: ScanJob,
    browsers: Browsers,
    lines: Lines,
    record: Option<PathBuf>,
    knowledge: Knowledge,
    policy: Policy,
    stop: watch::Receiver<bool>,
}

/// What came of one target.
struct Ended {
    report: Option<Report>,
    exit: Exit,
    /// Whether no other target needs to be begun.
    is_last: bool,
}

impl OneScan {
    /// Scans, keeps the recording and judges it. What goes wrong is printed.
    async fn run(self) -> Ended {
        let progress = self.lines.sink();
        let scanned = pipeline::scan_in(&self.browsers, &self.job, progress, self.stop.clone());
        let scanned = scanned.await;
        // Lines of progress do not stay between the lines of a report.
        self.lines.clear();
        let scanned = match scanned {
            Ok(scanned) => scanned,
            Err(error) => {
                let exit = if error.is_mistake() { Exit::Usage } else { Exit::Failed };
                let exit = print_error(&Failure::new(exit, &error, error.help()));
                // Without a browser the other targets fare no better.
                return Ended { report: None, exit, is_last: true };
            }
        };
        let mut worst = Exit::Clean;
        if let Some(path) = &self.record
            && let Err(failure) = output::record(&scanned.recording, path)
        {
            worst = worst.max(print_error(&failure));
        }
        let judging = judge(scanned, self.knowledge, self.policy);
        let Some((report, exit)) = until_stopped(judging, self.stop).await else {
            let exit = print_error(&Failure {
                exit: Exit::Interrupted,
                message: "the report was not written, because the program was told to stop"
                    .to_owned(),
                help: "`crumbcheck audit` writes it from the recording, if `--record` kept one"
                    .to_owned(),
            });
            return Ended { report: None, exit: worst.max(exit), is_last: true };
        };
        let is_last = exit == Exit::Interrupted;
        Ended { report: Some(report), exit: worst.max(exit), is_last }
    }
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
