use std::fmt::Write as _;

use url::Url;

use super::{
    Failure,
    args::{
        DiffArgs, DraftArgs, DraftFormat, ExitArgs, NoticeArgs, NoticeCommand, ReadNoticeArgs,
        TextOrJson,
    },
    credentials, input, json, notice_view, print, runtime, settings, warn,
};
use crate::{
    draft::{self, Edit, EditKind},
    exit::Exit,
    gather::{self, Settings},
    notice,
    pipeline::{self, NoticeEdits, ScanJob},
    recording::NoticePage,
    report::{markup_safe, terminal_safe},
};

/// `crumbcheck notice`.
pub(super) fn notice(args: &NoticeArgs) -> Result<Exit, Failure> {
    match &args.command {
        Some(NoticeCommand::Draft(args)) => draft(args),
        Some(NoticeCommand::Diff(args)) => diff(args),
        None => read(&args.read),
    }
}

fn read(args: &ReadNoticeArgs) -> Result<Exit, Failure> {
    let page = page(args)?;
    let notice = notice::read_with_unseen(&page.url, &page.content, &page.unseen);
    let text = match args.format {
        TextOrJson::Json => json(&notice)?,
        TextOrJson::Terminal => notice_view::view(&notice),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn page(args: &ReadNoticeArgs) -> Result<NoticePage, Failure> {
    // The command line does not let it be missing.
    let source = args.source.clone().unwrap_or_default();
    let Some(url) = Url::parse(&source).ok().filter(|url| url.scheme().starts_with("http")) else {
        let content = input::notice_file(&source)?;
        return Ok(NoticePage { url: source, content, ..NoticePage::default() });
    };
    let settings = Settings {
        timeout: args.timeout,
        chrome: args.chrome.clone(),
        network: args.network.to_network(),
        credentials: credentials::credentials(&args.network)?,
        document_reader: settings::document_reader(),
        ..ScanJob::new(url.clone()).settings
    };
    let redactor = settings.redactor.clone();
    let read = runtime::runtime()?.block_on(gather::read_notice(&url, settings));
    let (mut page, ran_scripts) = read.map_err(|error| {
        let exit = if error.is_mistake() { Exit::Usage } else { Exit::Failed };
        Failure::new(exit, &error, error.help())
    })?;
    if !ran_scripts {
        warn(
            "no Chrome or Chromium found, so the page's scripts were not run; what they draw was not read",
        );
    }
    // Shown and written out, so without the name, password and tokens that it may have held.
    page.url = redactor.url(&page.url);
    Ok(page)
}

/// `crumbcheck notice draft`.
fn draft(args: &DraftArgs) -> Result<Exit, Failure> {
    let recording = input::recording(&args.recording)?;
    let policy = settings::policy(&args.judge, ExitArgs::NEVER)?;
    let knowledge = settings::knowledge(&args.judge)?;
    let draft = pipeline::draft(&recording, &knowledge, &policy, args.language);
    for why in &draft.lacks {
        warn(&format!("{why}; the draft may lack rows because of that"));
    }
    let text = match args.format {
        DraftFormat::Html => {
            draft::html(&draft).map(|document| markup_safe(&document)).map_err(|error| {
                Failure::new(Exit::Failed, &error, "this is a bug in crumbcheck; please report it")
            })?
        }
        DraftFormat::Markdown => markup_safe(&draft::markdown(&draft)),
        DraftFormat::Json => json(&draft)?,
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// `crumbcheck notice diff`.
fn diff(args: &DiffArgs) -> Result<Exit, Failure> {
    let recording = input::recording(&args.recording)?;
    let policy = settings::policy(&args.judge, ExitArgs::NEVER)?;
    let knowledge = settings::knowledge(&args.judge)?;
    let edits = pipeline::notice_edits(&recording, &knowledge, &policy, args.language);
    let NoticeEdits { source, edits, open } = edits.map_err(|why| {
        Failure::usage(
            format!("there is no notice to edit: {why}"),
            "`crumbcheck notice draft` writes one",
        )
    })?;
    let text = match args.format {
        TextOrJson::Json => json(&serde_json::json!({
            "schema": "crumbcheck/notice-diff/1", "notice": source, "edits": edits, "open": open,
        }))?,
        TextOrJson::Terminal => edits_for_people(&source, &edits, &open),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn edits_for_people(source: &str, edits: &[Edit], open: &[String]) -> String {
    let mut text = format!("{}\n", terminal_safe(source));
    for (kind, heading, sign) in [
        (EditKind::Add, "Add", '+'),
        (EditKind::Change, "Change", '~'),
        (EditKind::Remove, "Remove", '-'),
    ] {
        let group: Vec<&Edit> = edits.iter().filter(|it| it.kind == kind).collect();
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{heading}:");
        for edit in group {
            let place =
                edit.section.as_ref().map(|it| format!("   under \"{}\"", terminal_safe(it)));
            let place = place.unwrap_or_default();
            if kind == EditKind::Add {
                let row = edit.to.as_deref().unwrap_or(&edit.name);
                let _ = writeln!(text, "  {sign} {}{place}", terminal_safe(row));
            } else {
                let row = edit.from.as_deref().unwrap_or(&edit.name);
                let _ = writeln!(text, "  {sign} {}{place}", terminal_safe(row));
                if let Some(to) = &edit.to {
                    let _ = writeln!(text, "      {}", terminal_safe(to));
                }
            }
            let _ = writeln!(text, "      because {}", terminal_safe(&edit.why));
        }
    }
    if edits.is_empty() {
        let _ = writeln!(text, "\nNo edits are needed.");
    }
    if !open.is_empty() {
        let _ = writeln!(text, "\nCould not be decided, so there may be more edits:");
        for why in open {
            let _ = writeln!(text, "  ? {}", terminal_safe(why));
        }
    }
    text
}
