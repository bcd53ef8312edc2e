//! Single neurons: from the statistics of the input to the statistics of the spikes.

pub mod lif;
