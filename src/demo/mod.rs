//! Whole websites, trackers included, served from this machine, for `crumbcheck demo` and for the tests.
//!
//! A [`Site`] is a folder of hosts with a `site.toml` beside them, read from disk or from the copy
//! in the program. A [`SiteServer`] answers for all of its hosts on one port of the loopback
//! interface and logs every request, so that a report can be compared with what really happened.

mod expect;
mod names;
mod server;
mod site;
mod socket;

use rust_embed::RustEmbed;

pub use expect::{
    BannerExpectation, ClaimExpectation, CookieExpectation, Expect, HostExpectation,
    PassExpectation,
};
pub use server::{Hit, SiteServer};
pub use site::{Answer, Hang, Route, Site, SiteError};

#[derive(RustEmbed)]
#[folder = "fixtures/sites/flagship/"]
struct Flagship;

#[derive(RustEmbed)]
#[folder = "fixtures/hosts/"]
struct Hosts;

/// The site that `crumbcheck demo` scans: an invented victim service whose pages disclose more to others than its
/// cookie notice says.
pub fn flagship() -> Result<Site, SiteError> {
    Site::from_files("flagship", files::<Flagship>(), files::<Hosts>())
}

fn files<E: RustEmbed>() -> Vec<(String, Vec<u8>)> {
    E::iter()
        .filter_map(|path| Some((path.to_string(), E::get(&path)?.data.into_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_copy_in_the_program_is_the_one_on_disk() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let on_disk = Site::from_dir(&root.join("sites/flagship"), &root.join("hosts")).unwrap();
        assert_eq!(flagship().unwrap(), on_disk);
    }
}
