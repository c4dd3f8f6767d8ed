use std::num::NonZeroUsize;

use super::{
    Failure,
    args::{DemoArgs, NetworkArgs, TargetArgs},
    runtime, scan, settings,
};
use crate::{
    demo::{SiteServer, flagship},
    exit::Exit,
    gather::Route,
    model::{Pass, Via},
};

/// `crumbcheck demo`.
pub(super) fn demo(args: &DemoArgs) -> Result<Exit, Failure> {
    let site = flagship().map_err(|error| Failure::new(Exit::Failed, &error, ""))?;
    let start = site.start.clone();
    let pages = site.pages.clone();
    let server = SiteServer::start(site).map_err(|error| {
        Failure::new(Exit::Failed, &error, "the demo needs a free port on the loopback interface")
    })?;
    let route = Route::connect_to(&server.connect_to())
        .map_err(|error| Failure::usage(error, "this is a bug in crumbcheck; please report it"))?;
    let target = TargetArgs {
        notice: None,
        pages,
        passes: Pass::DEFAULT.to_vec(),
        consent_by: Via::DEFAULT.to_vec(),
        recipe: Vec::new(),
    };
    let network = NetworkArgs {
        resolve: Vec::new(),
        connect_to: vec![route],
        insecure: true,
        header: Vec::new(),
        header_file: Vec::new(),
        basic_auth: None,
        basic_auth_env: None,
        proxy: None,
        allow_private: false,
        dns_server: Some(server.name_server()),
    };
    let settings =
        settings::settings(&target, &args.output, &args.browser, &network, &args.chrome_flags)?;
    let exit = scan::run(std::slice::from_ref(&start), NonZeroUsize::MIN, &settings, &args.output)?;
    if args.keep && exit != Exit::Interrupted {
        super::warn(&format!(
            "the site is served until you press Ctrl-C; open it with: chromium --user-data-dir=/tmp/crumbcheck-demo --ignore-certificate-errors --host-resolver-rules='MAP * 127.0.0.1:{}' {start}",
            server.port()
        ));
        runtime::runtime()?.block_on(runtime::interrupted());
    }
    Ok(exit)
}
