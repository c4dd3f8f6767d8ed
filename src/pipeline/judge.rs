use crate::{
    audit::{self, Policy, Verdict},
    classify::Knowledge,
    draft::{self, Draft, Edit, Language},
    exit::Exit,
    interpret,
    model::{Evidence, Undecided},
    recording::Recording,
    report::{Report, build},
};

/// The report on a recording, judged with what `knowledge` says things are for, as `policy` demands.
///
/// There is no failing: of a recording that saw nothing the report says that nothing was observed, and its exit code
/// is that of a scan that did not complete.
pub fn judge(recording: &Recording, knowledge: &Knowledge, policy: &Policy) -> Report {
    let (evidence, verdicts) = verdicts(recording, knowledge, policy);
    let exit =
        if recording.observed_nothing() { Exit::Failed } else { policy.threshold.exit(&verdicts) };
    let mut report = build::report(recording, &evidence, policy, &verdicts, exit.code());
    report.tool.data.extend(build::lists(knowledge));
    report
}

/// The notice that would be true of what a recording saw.
pub fn draft(
    recording: &Recording,
    knowledge: &Knowledge,
    policy: &Policy,
    language: Language,
) -> Draft {
    let evidence = interpret::interpret(recording, knowledge);
    draft_from(recording, &evidence, knowledge, policy, language)
}

/// What has to be edited in the notice that a recording read, by the verdicts that [`judge`] reports, and why there
/// may be more to edit.
///
/// # Errors
/// If the recording has no notice that could be edited.
pub fn notice_edits(
    recording: &Recording,
    knowledge: &Knowledge,
    policy: &Policy,
    language: Language,
) -> Result<NoticeEdits, Undecided> {
    let (evidence, verdicts) = verdicts(recording, knowledge, policy);
    let draft = draft_from(recording, &evidence, knowledge, policy, language);
    let (edits, open) = draft::edits(&evidence, &verdicts, &draft)?;
    let source = evidence.notice()?.source.clone();
    Ok(NoticeEdits { source, edits, open })
}

/// The edits that lead from a published notice to one that is true.
#[derive(Clone, Debug)]
pub struct NoticeEdits {
    /// The address or file of the published notice.
    pub source: String,
    /// In the order of the notice.
    pub edits: Vec<Edit>,
    /// What could not be decided, so that there may be more to edit.
    pub open: Vec<String>,
}

fn verdicts(
    recording: &Recording,
    knowledge: &Knowledge,
    policy: &Policy,
) -> (Evidence, Vec<Verdict>) {
    let evidence = interpret::interpret(recording, knowledge);
    let verdicts = audit::audit(&evidence, policy);
    (evidence, verdicts)
}

fn draft_from(
    recording: &Recording,
    evidence: &Evidence,
    knowledge: &Knowledge,
    policy: &Policy,
    language: Language,
) -> Draft {
    let month = recording.started.get(.."2026-11".len()).map(str::to_owned);
    draft::draft(evidence, policy, knowledge, language, month)
}
