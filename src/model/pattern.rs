/// A cookie name as notices write it, where `*` stands for any run of characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamePattern(String);

impl NamePattern {
    /// Reads a pattern; every string is one.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `name` is one of the names this pattern stands for.
    ///
    /// Linear in the product of both lengths whatever the pattern: notices are written by strangers.
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, name) = (self.0.as_bytes(), name.as_bytes());
        let (mut p, mut n) = (0, 0);
        // Where to resume if a literal fails: just after the last star, one byte further on.
        let mut retry: Option<(usize, usize)> = None;
        while n < name.len() {
            if p < pattern.len() && pattern[p] == b'*' {
                retry = Some((p + 1, n));
                p += 1;
            } else if p < pattern.len() && pattern[p] == name[n] {
                p += 1;
                n += 1;
            } else if let Some((after, from)) = retry {
                retry = Some((after, from + 1));
                p = after;
                n = from + 1;
            } else {
                return false;
            }
        }
        pattern[p..].iter().all(|&byte| byte == b'*')
    }
}

#[cfg(test)]
mod tests {
    use super::NamePattern;

    #[test]
    fn name_patterns() {
        for (pattern, name, matches) in [
            ("_ga", "_ga", true),
            ("_ga", "_gat", false),
            ("_ga", "_GA", false),
            ("_ga_*", "_ga_AB12CD", true),
            ("_ga_*", "_ga_", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c", false),
            ("*_session", "my_session_session", true),
        ] {
            assert_eq!(
                NamePattern::new(pattern).matches(name),
                matches,
                "`{pattern}` against `{name}`"
            );
        }
    }

    #[test]
    fn many_stars_stay_fast() {
        let pattern = NamePattern::new("a*".repeat(200) + "b");
        assert!(!pattern.matches(&"a".repeat(20_000)));
    }
}
