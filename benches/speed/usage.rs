//! What processes use, as Linux tells it in `/proc`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::{Child, ExitStatus},
    time::{Duration, Instant},
};

/// Ticks of the processor clock in a second: `USER_HZ`, which is 100 on every architecture that Chromium runs on
/// (proc(5), `/proc/pid/stat`).
const TICKS: f64 = 100.0;

/// How often is looked. What a process uses between the last look and its end is not seen.
const LOOK: Duration = Duration::from_millis(50);

/// What a program and all that it started used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Seconds on the clock.
    pub(crate) wall: f64,
    /// Seconds of processor time of the program itself.
    pub(crate) own_cpu: f64,
    /// Seconds of processor time of what it started.
    pub(crate) others_cpu: f64,
    /// Most memory of the program itself that was resident at once, in MiB.
    pub(crate) own_peak: f64,
    /// Most memory of what it started that was resident at once, in MiB; shared pages count in each process.
    pub(crate) others_peak: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    cpu: f64,
    resident: f64,
}

/// Waits until `child` ends and says what it and its descendants used.
pub(crate) fn watch(child: &mut Child, started: Instant) -> (ExitStatus, Usage) {
    let mut watcher = Watcher::new(child.id());
    loop {
        watcher.look();
        if let Some(status) = child.try_wait().expect("a child to wait for") {
            return (status, watcher.usage(started));
        }
        std::thread::sleep(LOOK);
    }
}

/// Looks at a process and its descendants now and then.
#[derive(Debug)]
pub(crate) struct Watcher {
    root: u32,
    /// Every process that was ever a descendant, the root among them.
    family: BTreeSet<u32>,
    seen: BTreeMap<u32, Seen>,
    own_peak: f64,
    others_peak: f64,
}

impl Watcher {
    pub(crate) fn new(root: u32) -> Self {
        Self {
            root,
            family: BTreeSet::from([root]),
            seen: BTreeMap::new(),
            own_peak: 0.0,
            others_peak: 0.0,
        }
    }

    pub(crate) fn look(&mut self) {
        let mut parents = Vec::new();
        let mut now: BTreeMap<u32, Seen> = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|it| it.parse().ok()) else {
                continue;
            };
            if let Some((parent, seen)) = read(pid) {
                parents.push((pid, parent));
                now.insert(pid, seen);
            }
        }
        // Processes are listed in no order that helps.
        while let Some(&(pid, _)) = parents
            .iter()
            .find(|(pid, parent)| self.family.contains(parent) && !self.family.contains(pid))
        {
            self.family.insert(pid);
        }
        let mut others = 0.0;
        for (&pid, &seen) in now.iter().filter(|(pid, _)| self.family.contains(pid)) {
            self.seen.insert(pid, seen);
            if pid == self.root {
                self.own_peak = self.own_peak.max(seen.resident);
            } else {
                others += seen.resident;
            }
        }
        self.others_peak = self.others_peak.max(others);
    }

    pub(crate) fn usage(&self, started: Instant) -> Usage {
        let cpu = |own: bool| -> f64 {
            let these = self.seen.iter().filter(|(pid, _)| (**pid == self.root) == own);
            these.map(|(_, seen)| seen.cpu).sum()
        };
        Usage {
            wall: started.elapsed().as_secs_f64(),
            own_cpu: cpu(true),
            others_cpu: cpu(false),
            own_peak: self.own_peak,
            others_peak: self.others_peak,
        }
    }
}

/// The parent of a process, and what it used so far; `None` once it is gone.
fn read(pid: u32) -> Option<(u32, Seen)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold anything, and ends with the last bracket.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok());
    let parent = fields.get(1)?.parse().ok()?;
    let pages = number(21)?;
    // Pages are of 4 KiB wherever this bench is run; the peak of a process is what it says of itself.
    Some((parent, Seen { cpu: (number(11)? + number(12)?) / TICKS, resident: pages / 256.0 }))
}
