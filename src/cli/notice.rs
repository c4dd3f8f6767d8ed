use std::fmt::Write as _;

use url::Url;

use super::{
    Failure,
    args::{NoticeArgs, TextOrJson},
    print, scan,
};
use crate::{
    exit::Exit,
    gather,
    model::{Notice, WrittenLifetime},
    notice,
    report::terminal_safe,
};

/// `crumbcheck notice`.
pub(super) fn notice(args: &NoticeArgs) -> Result<Exit, Failure> {
    let (source, content) = content(args)?;
    let notice = notice::read(&source, &content);
    let text = match args.format {
        TextOrJson::Json => {
            let json = serde_json::to_string_pretty(&notice)
                .map_err(|error| Failure::new(Exit::Usage, &error, ""))?;
            json + "\n"
        }
        TextOrJson::Terminal => for_people(&notice),
    };
    print(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn content(args: &NoticeArgs) -> Result<(String, String), Failure> {
    const HELP: &str = "save the page as HTML and give the file";
    let Some(url) = Url::parse(&args.source).ok().filter(|url| url.scheme().starts_with("http"))
    else {
        return Ok((args.source.clone(), scan::read_notice(&args.source)?));
    };
    let user_agent = concat!("crumbcheck/", env!("CARGO_PKG_VERSION"));
    let fetched = scan::runtime()?
        .block_on(gather::fetch(&url, &args.network.meant(), user_agent, args.timeout))
        .map_err(|error| Failure::new(Exit::Usage, &error, error.help()))?;
    if fetched.status >= 400 {
        return Err(Failure::usage(format!("{url}: the server answers {}", fetched.status), HELP));
    }
    if !fetched.mime.starts_with("text/") && !fetched.mime.contains("html") {
        return Err(Failure::usage(format!("{url}: the answer is {}", fetched.mime), HELP));
    }
    Ok((args.source.clone(), fetched.text))
}

fn for_people(notice: &Notice) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", terminal_safe(&notice.source));
    if !notice.is_notice {
        let _ = writeln!(text, "This does not read like a cookie notice.");
        return text;
    }
    let reviewed = notice.reviewed.as_deref().unwrap_or("no date given");
    let _ = writeln!(text, "Language {}, last reviewed: {reviewed}", notice.language);
    let _ = writeln!(text, "\n{} declared:", notice.declarations.len());
    let rows: Vec<[String; 4]> = notice
        .declarations
        .iter()
        .map(|it| {
            [
                terminal_safe(&it.as_written),
                it.category.map_or("not said", |category| category.name()).to_owned(),
                match it.lifetime.kind {
                    WrittenLifetime::Absent => "not said".to_owned(),
                    _ => terminal_safe(it.lifetime.as_written.as_deref().unwrap_or_default()),
                },
                terminal_safe(it.purpose.as_deref().unwrap_or("no purpose given")),
            ]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).min(40)
    };
    let (name, category, lifetime) = (width(0), width(1), width(2));
    for [a, b, c, d] in &rows {
        let _ = writeln!(text, "  {a:name$}  {b:category$}  {c:lifetime$}  {d}");
    }
    if !notice.problems.is_empty() {
        let _ = writeln!(text, "\nIn doubt:");
        for problem in &notice.problems {
            let _ = writeln!(text, "  {}", terminal_safe(&problem.message));
        }
    }
    text
}
