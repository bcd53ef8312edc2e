//! The published networks that come with the library: the files of `models/`.

/// A network file that is part of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundledNetwork {
    /// The name by which it is opened.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

macro_rules! bundled {
    ($($name:literal),* $(,)?) => {
        &[$(BundledNetwork {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/", $name, ".toml")),
        }),*]
    };
}

/// One line a file: `models/NAME.toml`.
const ALL: &[BundledNetwork] = bundled![
    "brunel2000",
    "brunel2000_nest",
    "brunel_hakim1999",
    "potjans_diesmann2014",
    "bos2016",
    "ostojic2014",
    "neuronal_dynamics",
    "sanzeni2020",
    "working_memory_lif",
    "balanced_ei",
    "augustin2017",
    "brette_gerstner2005",
    "montbrio2015",
    "mongillo2008",
    "brunel_wang2001",
    "vogels_abbott2005_cuba",
    "vogels_abbott2005_coba",
    "kuhn2004",
    "sanzeni2022",
    "schuecker2015",
    "renart2010",
    "step_response",
    "working_memory_cue",
    "driven_oscillation",
];

/// Every bundled network; the first is the default.
pub fn all() -> &'static [BundledNetwork] {
    ALL
}

/// The bundled network of this name.
pub fn find(name: &str) -> Option<&'static BundledNetwork> {
    ALL.iter().find(|network| network.name == name)
}
