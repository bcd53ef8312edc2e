//! Journals of spikes: whole, cut off, damaged, and those of others.

use super::*;

fn all(journal: &mut Journal) -> Vec<Spike> {
    let mut spikes = journal.all().unwrap();
    std::iter::from_fn(|| spikes.next().unwrap()).collect()
}

#[test]
fn spikes_come_back_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut journal = Journal::<Spike>::start(&directory.path().join("spikes.csv")).unwrap();
    journal.append([(3, 0), (3, 7)]).unwrap();
    journal.append([(u64::MAX, u32::MAX)]).unwrap();
    assert_eq!(all(&mut journal), [(3, 0), (3, 7), (u64::MAX, u32::MAX)]);
    journal.append([(9, 1)]).unwrap();
    assert_eq!(all(&mut journal).len(), 4, "reading does not end the writing");
    journal.remove().unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_journal_that_no_checkpoint_needs_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("spikes.csv");
    let mut journal = Journal::<Spike>::start(&target).unwrap();
    journal.append([(3, 0), (3, 7)]).unwrap();
    drop(journal);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    // one that a killed run has left is replaced
    fs::write(beside(&target, ".partial"), b"SIEGSPK2\0\0\0\0half a spike").unwrap();
    assert_eq!(all(&mut Journal::<Spike>::start(&target).unwrap()), []);
}

#[test]
fn a_run_that_goes_on_has_the_spikes_of_its_checkpoint_and_no_others() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("spikes.csv");
    let mut journal = Journal::<Spike>::start(&target).unwrap();
    journal.append([(1, 5), (1, 6)]).unwrap();
    let so_far = journal.so_far().unwrap();
    journal.append([(2, 7)]).unwrap();
    let later = journal.so_far().unwrap();
    drop(journal);
    let mut journal = Journal::<Spike>::resume(&target, &so_far).unwrap();
    assert_eq!(all(&mut journal), [(1, 5), (1, 6)]);
    assert_eq!(fs::metadata(beside(&target, ".partial")).unwrap().len(), HEADER + 2 * 12);
    journal.append([(2, 7)]).unwrap();
    assert_eq!(journal.so_far().unwrap(), later, "as if nothing had happened");
}

#[test]
fn spikes_that_a_checkpoint_needs_are_neither_replaced_nor_trusted_blindly() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("spikes.csv");
    let partial = beside(&target, ".partial");
    let mut journal = Journal::<Spike>::start(&target).unwrap();
    journal.append([(1, 5), (1, 6)]).unwrap();
    let so_far = journal.so_far().unwrap();
    drop(journal);
    let refused = |failure: JobError, message: &str| {
        assert!(failure.is_bad_input(), "{failure}");
        assert!(failure.to_string().contains(message), "{failure}");
    };
    refused(Journal::<Spike>::start(&target).unwrap_err(), "--resume");
    let whole = fs::read(&partial).unwrap();
    let mut damaged = whole.clone();
    damaged[20] ^= 1;
    fs::write(&partial, damaged).unwrap();
    refused(Journal::<Spike>::resume(&target, &so_far).unwrap_err(), "damaged");
    fs::write(&partial, &whole[..30]).unwrap();
    refused(Journal::<Spike>::resume(&target, &so_far).unwrap_err(), "holds 1 spikes, the checkpoint speaks of 2");
    fs::write(&partial, "my own notes").unwrap();
    refused(Journal::<Spike>::resume(&target, &so_far).unwrap_err(), "no journal");
    refused(Journal::<Spike>::start(&target).unwrap_err(), "another file");
    assert_eq!(fs::read_to_string(&partial).unwrap(), "my own notes");
    fs::remove_file(&partial).unwrap();
    refused(Journal::<Spike>::resume(&target, &so_far).unwrap_err(), "is missing");
    assert!(!partial.exists());
}

#[test]
fn spikes_that_cannot_be_written_are_named_before_anything_runs() {
    let directory = tempfile::tempdir().unwrap();
    for target in [directory.path().to_path_buf(), directory.path().join("no/such/place.csv")] {
        let failure = Journal::<Spike>::start(&target).unwrap_err();
        assert!(!failure.is_bad_input(), "{failure}");
        assert!(failure.to_string().contains(&target.display().to_string()), "{failure}");
    }
}
