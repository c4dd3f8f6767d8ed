//! The rows of the Open Cookie Database, parted into a half that the scorer is fitted to and one that it has
//! never seen.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crumbcheck::{classify::Traits, model::Category};
use serde::Deserialize;

/// A name with its label and what its row says about it.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) category: Category,
    /// The first word of the platform: Google, Google Ads and Google Analytics are one.
    pub(crate) vendor: String,
    /// The first domain that is given, if one is.
    host: String,
    days: u32,
    is_held_out: bool,
}

impl Row {
    /// What a scan would observe around it, as far as the row says.
    pub(crate) fn traits(&self) -> Traits<'_> {
        Traits {
            host: &self.host,
            third_party: !self.host.is_empty(),
            long_lived: self.days > 30,
            ..Traits::default()
        }
    }
}

#[derive(Deserialize)]
struct Entry {
    category: String,
    cookie: String,
    domain: String,
    #[serde(rename = "retentionPeriod")]
    retention: String,
}

/// Where the pinned package has it.
const FILE: &str =
    "node_modules/@slashgear/gdpr-cookie-scanner/dist/data/open-cookie-database.json";

/// The half to fit to, and the half to hold out. No vendor is in both, and no name: one that both have is in the
/// first. A name that has more than one category is in neither.
pub(crate) fn halves() -> (Vec<Row>, Vec<Row>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let text = fs::read_to_string(path).expect("the Open Cookie Database, by `./setup.sh test`");
    let platforms: BTreeMap<String, Vec<Entry>> =
        serde_json::from_str(&text).expect("platforms with their cookies");
    let rows: Vec<Row> = platforms
        .iter()
        .flat_map(|(platform, entries)| entries.iter().filter_map(|it| row(platform, it)))
        .collect();
    let mut labels: BTreeMap<String, BTreeSet<Category>> = BTreeMap::new();
    for row in &rows {
        labels.entry(row.name.to_lowercase()).or_default().insert(row.category);
    }
    let agreed = rows.into_iter().filter(|it| labels[&it.name.to_lowercase()].len() == 1);
    let (held_out, fitting): (Vec<Row>, Vec<Row>) = agreed.partition(|it| it.is_held_out);
    let mut seen = BTreeSet::new();
    let mut new = |row: &Row| seen.insert(row.name.to_lowercase());
    let fitting: Vec<Row> = fitting.into_iter().filter(|it| new(it)).collect();
    let held_out = held_out.into_iter().filter(|it| new(it)).collect();
    (fitting, held_out)
}

fn row(platform: &str, entry: &Entry) -> Option<Row> {
    let name = entry.cookie.trim().trim_end_matches('*');
    let category = match entry.category.as_str() {
        "Analytics" => Category::Performance,
        "Marketing" => Category::Marketing,
        "Functional" | "Necessary" | "Personalization" | "Security" => Category::Functional,
        _ => return None,
    };
    let platform = platform.trim().to_lowercase();
    let vendor = platform.split(|it: char| !it.is_ascii_alphanumeric()).next().unwrap_or_default();
    (!name.is_empty()).then(|| Row {
        name: name.to_owned(),
        category,
        vendor: vendor.to_owned(),
        host: host(&entry.domain),
        days: days(&entry.retention),
        is_held_out: is_held_out(vendor),
    })
}

/// By a hash of the vendor's name (FNV-1a), so that nobody chose.
fn is_held_out(vendor: &str) -> bool {
    let start: u64 = 0xcbf2_9ce4_8422_2325;
    let hash = vendor
        .bytes()
        .fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 32) & 1 == 1
}

/// The first domain in a field written for people, such as `google-analytics.com (3rd party) or `.
fn host(text: &str) -> String {
    let text = text.to_lowercase();
    let mut words = text.split(|it: char| !(it.is_ascii_alphanumeric() || "-.".contains(it)));
    let host = words.find(|it| {
        let (name, ending) = it.trim_matches('.').rsplit_once('.').unwrap_or_default();
        !name.is_empty() && ending.len() > 1 && ending.chars().all(|it| it.is_ascii_alphabetic())
    });
    host.unwrap_or_default().trim_matches('.').to_owned()
}

/// Whole days of a time such as "13 months"; none of what ends with the session or cannot be read.
fn days(text: &str) -> u32 {
    let text = text.trim().to_lowercase();
    let end = text.find(|it: char| !it.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let each = match unit.trim() {
        it if it.starts_with("day") => 1,
        it if it.starts_with("week") => 7,
        it if it.starts_with("month") => 30,
        it if it.starts_with("year") => 365,
        _ => 0,
    };
    number.parse::<u32>().unwrap_or_default().saturating_mul(each)
}
