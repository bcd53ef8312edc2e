//! `siegert plot`: draws the rows of a sweep that were written to a CSV file, without computing anything again.

use crate::arguments::PlotArguments;
use crate::failure::Failure;
use crate::output::clash::Files;
use crate::output::place::open_to_read;
use crate::plot::sweep::{SweepPicture, of_sweep};
use crate::plot::{self, PictureFormat, sweep_csv};

/// Draws the rows.
pub(crate) fn run(arguments: &PlotArguments) -> Result<(), Failure> {
    let format = PictureFormat::of(&arguments.picture)?;
    let name = arguments.rows.display().to_string();
    Files::default().input("CSV", Some(&arguments.rows)).output("PICTURE", Some(&arguments.picture)).check()?;
    let file = open_to_read(&arguments.rows)?;
    let table = sweep_csv::read(file, &name, &arguments.quantity, &arguments.population)?;
    let picture = SweepPicture {
        title: arguments.title.clone().unwrap_or(name),
        small_print: String::new(),
        axes: table.axes,
        states: table.states,
        quantities: table.quantities,
        which: arguments.state,
    };
    plot::write(&arguments.picture, format, &of_sweep(&picture)?)
}
