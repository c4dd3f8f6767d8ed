//! Notices that are shown by the real program. What is read in a notice is compared in `src/notice/fixture_tests.rs`.

use std::{path::Path, process::Command};

/// Names that hold markup, terminal sequences or turn the text round come out as text that can be seen.
#[test]
fn hostile_names_are_inert_in_every_format() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/notices/rtl-names.html");
    for format in ["terminal", "json"] {
        let run = Command::new(env!("CARGO_BIN_EXE_crumbcheck"))
            .args(["notice".as_ref(), file.as_os_str()])
            .args(["--format", format])
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let text = String::from_utf8(run.stdout).unwrap();
        for bad in ['\u{1b}', '\u{202e}', '\u{202c}', '\u{200b}'] {
            assert!(!text.contains(bad), "{bad:?} in {format}: {text}");
        }
        assert!(text.contains("safe"), "{text}");
    }
}
