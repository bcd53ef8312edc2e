//! Pictures of a simulation: which there are, and what their parts have in common.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::beside::Beside;
use super::canvas::{
    self, Axis, Frame, MARGIN, Plane, SMALL_SIZE, Scale, Sheet, inside, text, write_in_the_middle, write_text,
    write_title,
};
use super::colour::{FAINT, of_population, of_populations};
use super::distributions::{self, Quantity};
use super::legend::{self, Entry, Sample};
use super::{Drawing, comparison, operating_points, overview, raster, rate_traces, spectra};
use crate::error::PlotError;
use siegert::network::Network;
use siegert::number::{count, significant};
use siegert::simulation::{PopulationActivity, Simulation};

/// Curves of a panel; of further populations only the raster shows anything, and the legend counts them.
const MAX_CURVES: usize = 10;
/// Height of what is written above the plane of a panel.
const STRIP: i32 = 22;

/// Pictures of a simulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimulationPlot {
    /// Raster and rates over time; below them potentials, rates of neurons and spectra
    #[default]
    Overview,
    /// The spikes of some neurons over the last stretch of time, a row each
    Raster,
    /// The rates of the populations over the same time
    Rate,
    /// How rates and CVs are distributed over the neurons
    Distributions,
    /// Power spectra of the populations' activities, on logarithmic axes
    Spectrum,
}

/// A simulation as a picture of the given kind.
///
/// # Errors
///
/// Only if the drawing library refuses.
pub fn of_simulation(network: &Network, simulation: &Simulation, kind: SimulationPlot) -> Result<Drawing, PlotError> {
    let subject = Subject::new(network, simulation);
    match kind {
        SimulationPlot::Overview => overview::draw(&subject, None),
        SimulationPlot::Raster => canvas::draw_in_layers((1000, 640), |sheet| {
            let top = subject.write_title(sheet)?;
            let frame = Frame { left: raster::names_width(sheet, &subject), ..Frame::default() };
            raster::paint(&inside(sheet, [top, MARGIN, MARGIN, MARGIN]), &subject, &frame)
        }),
        SimulationPlot::Rate => canvas::draw((1000, 480), |sheet| {
            let area = subject.beside_legend(sheet, &[])?;
            rate_traces::paint(&area, &subject, &Frame::default())
        }),
        SimulationPlot::Distributions => canvas::draw((1120, 460), |sheet| {
            let area = subject.beside_legend(sheet, &[])?;
            let panels = area.split_evenly((1, 2));
            distributions::paint(&inside(&panels[0], [0, 0, 0, MARGIN]), &subject, Quantity::Rate)?;
            distributions::paint(&panels[1], &subject, Quantity::Cv)
        }),
        SimulationPlot::Spectrum => canvas::draw((960, 580), |sheet| {
            let poisson = Entry::new(Sample::Dashes(FAINT), "Poisson: rate / size");
            let area = subject.beside_legend(sheet, &[poisson])?;
            spectra::paint(&area, &subject, None)
        }),
    }
}

/// Pictures of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ComparisonPlot {
    /// The whole story: raster, rates, potentials, spectra, transfer curves, theory beside simulation, verdict
    #[default]
    Story,
    /// Potentials as simulated, and the density that the theory expects
    Potential,
    /// Where the populations are on their transfer curves
    Transfer,
    /// Rates and CVs, theory beside simulation
    Bars,
    /// Power spectra, theory beneath simulation
    Spectrum,
}

/// One part of the story by itself, or all of it.
///
/// # Errors
///
/// Only if the drawing library refuses.
pub fn of_comparison(
    network: &Network,
    theory: &Beside<'_>,
    simulation: &Simulation,
    kind: ComparisonPlot,
) -> Result<Drawing, PlotError> {
    let subject = Subject::new(network, simulation);
    match kind {
        ComparisonPlot::Potential => canvas::draw((900, 520), |sheet| {
            let expected = Entry::new(Sample::Dashes(FAINT), "theory");
            let area = subject.beside_legend(sheet, &[expected])?;
            distributions::paint_beside(&area, &subject, Quantity::Potential, Some(theory))
        }),
        ComparisonPlot::Transfer => canvas::draw((900, 560), |sheet| {
            let area = subject.beside_legend(sheet, &[])?;
            operating_points::paint(&area, &subject, theory)
        }),
        ComparisonPlot::Bars => canvas::draw((1120, 460), |sheet| {
            let area = subject.beside_legend(sheet, &[])?;
            let panels = area.split_evenly((1, 2));
            comparison::paint([&inside(&panels[0], [0, 0, 0, MARGIN]), &panels[1]], &subject, theory)
        }),
        ComparisonPlot::Spectrum => canvas::draw((960, 580), |sheet| {
            let poisson = Entry::new(Sample::Dashes(FAINT), "Poisson: rate / size");
            let area = subject.beside_legend(sheet, &[poisson])?;
            spectra::paint(&area, &subject, Some(theory))
        }),
        ComparisonPlot::Story => side_by_side(network, theory, simulation),
    }
}

/// The whole story of a network: a simulation, the theory beside it, and the verdict.
///
/// # Errors
///
/// Only if the drawing library refuses.
pub fn side_by_side(network: &Network, theory: &Beside<'_>, simulation: &Simulation) -> Result<Drawing, PlotError> {
    overview::draw(&Subject::new(network, simulation), Some(theory))
}

/// What is drawn.
#[derive(Clone, Debug)]
pub(super) struct Subject<'a> {
    pub(super) network: &'a Network,
    pub(super) simulation: &'a Simulation,
    /// One a population; those with curves differ from each other.
    pub(super) colours: Vec<RGBColor>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(network: &'a Network, simulation: &'a Simulation) -> Self {
        let names: Vec<String> = simulation.populations.iter().map(|population| population.name.clone()).collect();
        let (with_curves, others) = names.split_at(names.len().min(MAX_CURVES));
        let mut colours = of_populations(with_curves);
        colours.extend(others.iter().enumerate().map(|(index, name)| of_population(name, index)));
        Subject { network, simulation, colours }
    }

    /// The populations that have curves, with their colours.
    pub(super) fn with_curves(&self) -> impl Iterator<Item = (&'a PopulationActivity, RGBColor)> {
        self.simulation.populations.iter().zip(self.colours.iter().copied()).take(MAX_CURVES)
    }

    /// Populations without curves.
    pub(super) fn without_curves(&self) -> usize {
        self.simulation.populations.len().saturating_sub(MAX_CURVES)
    }

    /// Width of the curve of a population: of two, the first is seen on both sides of the second where they coincide.
    pub(super) fn curve_width(&self, index: usize) -> u32 {
        if index == 0 && self.simulation.populations.len() == 2 { 4 } else { 2 }
    }

    /// The stretch of time of raster and rates, in ms.
    pub(super) fn time_axis(&self) -> Axis {
        let raster = &self.simulation.raster;
        let valid = raster.from_ms.is_finite() && raster.to_ms.is_finite() && raster.from_ms < raster.to_ms;
        let (from, to) = if valid { (raster.from_ms, raster.to_ms) } else { (0.0, 1.0) };
        Axis { name: "time (ms)".to_string(), from, to, scale: Scale::Linear }
    }

    /// Writes the network's name and how it was simulated; returns the height that they take.
    pub(super) fn write_title(&self, sheet: &Sheet<'_>) -> Result<i32, PlotError> {
        let run = &self.simulation.run;
        let seconds = |time_ms: f64| significant(time_ms / 1000.0, 6);
        let neurons: u64 = self.simulation.populations.iter().map(|population| population.size).sum();
        let mut parts = vec![
            format!("simulation of {} neurons", count(neurons)),
            format!("seed {}", run.seed),
            format!("dt {} ms", significant(run.dt_ms, 6)),
            format!("{} s after {} s of warm-up", seconds(run.duration_ms), seconds(run.warmup_ms)),
        ];
        if !run.complete {
            parts.push("stopped before its end".to_string());
        }
        parts.extend(self.network.parameter_list());
        write_title(sheet, &self.network.name, &parts.join(", "))
    }

    /// What the colours of the curves mean.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let of = |(population, colour): (&PopulationActivity, RGBColor)| {
            Entry::new(Sample::Line(colour), population.name.as_str())
        };
        let mut entries: Vec<Entry> = self.with_curves().map(of).collect();
        match self.without_curves() {
            0 => {}
            1 => entries.push(Entry::new(Sample::Blank, "and 1 more population")),
            more => entries.push(Entry::new(Sample::Blank, format!("and {more} more populations"))),
        }
        entries
    }

    /// Writes the title and, at the right, the legend with further entries; returns the area that they leave.
    fn beside_legend<'b>(&self, sheet: &Sheet<'b>, further: &[Entry]) -> Result<Sheet<'b>, PlotError> {
        let top = self.write_title(sheet)?;
        let entries: Vec<Entry> = self.entries().into_iter().chain(further.iter().cloned()).collect();
        let width = canvas::size(sheet).0;
        let column = legend::width(sheet, &entries, width / 4);
        legend::write(sheet, &entries, (width - MARGIN - column, top + STRIP), column)?;
        Ok(inside(sheet, [top, MARGIN, MARGIN, column + 2 * MARGIN]))
    }
}

/// The part of a panel that is left below its strip.
pub(super) fn below_strip<'a>(area: &Sheet<'a>) -> Sheet<'a> {
    inside(area, [STRIP, 0, 0, 0])
}

/// Writes into the strip of a panel, above the plane in it, or a word into the plane if nothing could be drawn.
pub(super) fn write_remark(
    area: &Sheet<'_>,
    plane: &Plane<'_, '_>,
    remark: &str,
    nothing: Option<&str>,
) -> Result<(), PlotError> {
    let [low, high] = canvas::corners(area, plane);
    match nothing {
        Some(word) => write_in_the_middle(area, plane, word),
        None => {
            let style = text(SMALL_SIZE, FAINT, HPos::Left, VPos::Bottom);
            write_text(area, remark, (low.0 as i32, high.1 as i32 - 5), &style)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::{made_up, network};

    #[test]
    fn ten_populations_have_curves_of_different_colours_and_the_others_are_counted() {
        let names: Vec<String> = (0..254).map(|k| format!("L{k}E")).collect();
        let names: Vec<(&str, u64, f64)> = names.iter().map(|name| (name.as_str(), 10, 5.0)).collect();
        let (network, simulation) = (network(&names), made_up(&names));
        let subject = Subject::new(&network, &simulation);
        assert_eq!((subject.colours.len(), subject.with_curves().count()), (254, 10));
        let colours: Vec<RGBColor> = subject.with_curves().map(|(_, colour)| colour).collect();
        assert!((0..10).all(|k| colours.iter().filter(|colour| **colour == colours[k]).count() == 1), "{colours:?}");
        let entries = subject.entries();
        assert_eq!((entries.len(), entries[10].text.as_str()), (11, "and 244 more populations"));
    }

    #[test]
    fn a_stretch_of_no_length_still_has_an_axis() {
        let (network, mut simulation) = (network(&[]), made_up(&[]));
        for (from_ms, to_ms) in [(5.0, 5.0), (6.0, 5.0), (f64::NAN, 5.0), (0.0, f64::INFINITY)] {
            (simulation.raster.from_ms, simulation.raster.to_ms) = (from_ms, to_ms);
            let axis = Subject::new(&network, &simulation).time_axis();
            assert!(axis.from < axis.to && axis.to.is_finite(), "{from_ms} {to_ms}: {axis:?}");
        }
    }
}
