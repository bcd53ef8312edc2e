//! `siegert plot`: draws the rows of a sweep that were written to a file, without computing anything again.

use crate::arguments::PlotArguments;
use crate::failure::Failure;

/// Draws the rows.
#[cfg(feature = "pictures")]
pub(crate) fn run(arguments: &PlotArguments) -> Result<(), Failure> {
    use siegert_plot::{SweepPicture, of_sweep};

    use crate::output::clash::Files;
    use crate::output::place::open_to_read;
    use crate::plot::{self, PictureFormat};
    use crate::rows::{self, Wanted};

    let format = PictureFormat::of(&arguments.picture)?;
    let name = arguments.rows.display().to_string();
    Files::default().input("ROWS", Some(&arguments.rows)).output("PICTURE", Some(&arguments.picture)).check()?;
    let form = rows::form(&arguments.rows)?;
    let file = open_to_read(&arguments.rows)?;
    let wanted = Wanted { quantities: &arguments.quantity, populations: &arguments.population };
    let table = rows::read(file, &name, form, wanted)?;
    let picture = SweepPicture {
        title: arguments.title.clone().unwrap_or(name),
        small_print: String::new(),
        axes: table.axes,
        states: table.states,
        quantities: table.quantities,
        which: arguments.state.into(),
    };
    plot::write(&arguments.picture, format, &of_sweep(&picture)?)
}

/// Refuses.
#[cfg(not(feature = "pictures"))]
pub(crate) fn run(_: &PlotArguments) -> Result<(), Failure> {
    crate::plot::refuse_rows()
}
