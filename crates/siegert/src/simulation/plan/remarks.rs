//! What was rounded, assumed or is doubtful, in sentences: one for each kind, since a network may have as many projections as pairs of populations.

/// Of what a remark speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    RefractoryTime,
    Delay,
    OpenDelay,
    ShortDelays,
    LongStep,
}

/// The first remark of each kind, and how many more there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Remarks {
    kinds: Vec<(Kind, String, u64)>,
}

impl Remarks {
    /// Takes a remark; where there is one of its kind already, it is counted only.
    pub(super) fn add(&mut self, kind: Kind, sentence: impl FnOnce() -> String) {
        match self.kinds.iter_mut().find(|(known, ..)| *known == kind && kind != Kind::Time) {
            Some((.., more)) => *more += 1,
            None => self.kinds.push((kind, sentence(), 0)),
        }
    }

    pub(super) fn sentences(self) -> Vec<String> {
        let sentence = |(kind, first, more): (Kind, String, u64)| match (kind, more) {
            (_, 0) => first,
            (Kind::RefractoryTime | Kind::LongStep, 1) => format!("{first}; likewise in 1 more population"),
            (Kind::RefractoryTime | Kind::LongStep, more) => format!("{first}; likewise in {more} more populations"),
            (_, 1) => format!("{first}; likewise in 1 more projection"),
            (_, more) => format!("{first}; likewise in {more} more projections"),
        };
        self.kinds.into_iter().map(sentence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remarks_of_a_kind_are_one_sentence() {
        let mut remarks = Remarks::default();
        for place in 0..250_000 {
            remarks.add(Kind::Delay, || format!("delay {place}"));
        }
        remarks.add(Kind::RefractoryTime, || "t_ref".to_string());
        remarks.add(Kind::RefractoryTime, || "t_ref again".to_string());
        let expected = ["delay 0; likewise in 249999 more projections", "t_ref; likewise in 1 more population"];
        assert_eq!(remarks.sentences(), expected);
    }
}
