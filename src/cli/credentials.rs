//! Where headers and passwords come from: the command line, files and the environment. No message repeats one.

use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
};

use super::{Failure, args::NetworkArgs};
use crate::gather::Credentials;

/// A name and password, or where they are.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// On the command line.
    Given(String, String),
    /// In a file.
    File(PathBuf),
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(withheld)")
    }
}

/// Headers and password that the user gave for the target's own site.
pub(super) fn credentials(args: &NetworkArgs) -> Result<Credentials, Failure> {
    let mut headers = args.header.clone();
    for path in &args.header_file {
        headers.extend(headers_in(path)?);
    }
    let login = match (&args.basic_auth, &args.basic_auth_env) {
        (Some(Login::Given(name, password)), _) => Some((name.clone(), password.clone())),
        (Some(Login::File(path)), _) => {
            let text = read(path, "--basic-auth")?;
            Some(login(text.trim_end_matches(['\r', '\n']), &path.display().to_string())?)
        }
        (None, Some(variable)) => {
            let text = env::var(variable).map_err(|_| {
                // Whoever gives the password itself by mistake does not find it in a log.
                let is_name = variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                let shown = if is_name { format!(" {variable}") } else { String::new() };
                Failure::usage(
                    format!("the environment variable{shown} is not set, or is not UTF-8"),
                    "`--basic-auth-env` takes the name of a variable that holds NAME:PASSWORD",
                )
            })?;
            Some(login(&text, variable)?)
        }
        (None, None) => None,
    };
    Ok(Credentials::new(headers, login))
}

/// A header as it is written.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `Name: value`")?;
    let (name, value) = (name.trim(), value.trim());
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err("what stands before the colon is not a header name".to_owned());
    }
    if value.chars().any(char::is_control) {
        return Err("the value has a control character".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// A name and password, or the file that holds them.
pub(super) fn basic_auth(text: &str) -> Result<Login, String> {
    match text.strip_prefix('@') {
        Some("") => Err("`@` is followed by the name of a file".to_owned()),
        Some(file) => Ok(Login::File(file.into())),
        None => login_of(text).map(|(name, password)| Login::Given(name, password)),
    }
}

/// A name and password as they are written.
fn login_of(text: &str) -> Result<(String, String), String> {
    let (name, password) = text.split_once(':').ok_or("write it as `name:password`")?;
    Ok((name.to_owned(), password.to_owned()))
}

/// A proxy without a name and password.
pub(super) fn proxy(text: &str) -> Result<url::Url, String> {
    let url = url::Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https" | "socks4" | "socks5") || url.host().is_none() {
        return Err(
            "write it as `http://HOST:PORT`; https, socks4 and socks5 are known too".to_owned()
        );
    }
    if url.username().is_empty() && url.password().is_none() {
        return Ok(url);
    }
    // Browsers ignore them, and the command line of the browser is there for every process to read.
    Err("a proxy with a name and password is not supported; run a local proxy that adds them"
        .to_owned())
}

/// The headers in a file, one on a line. Lines that are empty or begin with `#` are none.
fn headers_in(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    let text = read(path, "--header-file")?;
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| {
            header(line).map_err(|why| {
                Failure::usage(
                    format!("line {at} of {} is no header: {why}", path.display()),
                    "`--header-file` takes a file with a `Name: value` on each line",
                )
            })
        })
        .collect()
}

fn login(text: &str, from: &str) -> Result<(String, String), Failure> {
    let refused =
        |why| Failure::usage(format!("what {from} holds is no name and password: {why}"), "");
    login_of(text).map_err(refused)
}

fn read(path: &Path, option: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| {
        Failure::usage(
            format!("could not read {}: {error}", path.display()),
            format!("`{option}` takes the name of a file"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_file_of_headers_has_one_on_each_line() {
        let file = written("# staging\nX-Staging: open sesame \n\nAuthorization: Bearer a:b\r\n");
        let headers = headers_in(file.path()).unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let wanted = [pair("X-Staging", "open sesame"), pair("Authorization", "Bearer a:b")];
        assert_eq!(headers, wanted);
    }

    #[test]
    fn what_is_wrong_with_a_secret_is_said_without_it() {
        let file = written("fine: yes\nhunter2hunter2\n");
        let said = headers_in(file.path()).unwrap_err().message;
        assert!(said.starts_with("line 2 of ") && !said.contains("hunter2"), "{said}");
        let said = login("hunter2hunter2", "STAGING").unwrap_err().message;
        assert!(said.contains("STAGING") && !said.contains("hunter2"), "{said}");
    }
}
